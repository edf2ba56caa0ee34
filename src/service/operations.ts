// Every operation of the API, in one table: what it is, takes and answers. Routes are bound to these names; the OpenAPI document is made from them.
import { ExplanationSchema, explainQuery } from './explain-schemas.ts';
import { z } from 'zod';
import { AlertsSchema, AlertsTakenSchema } from './alerts.ts';
import { SimulationChangeSchema, SimulationSchema } from './simulation-schemas.ts';
import { ArenasSchema, ExhaustedSchema, HealthSchema, HistorySchema, OccupancySchema, ReceiptSchema, TrimSchema } from './schemas.ts';

type Content = { readonly json: z.ZodType } | { readonly media: string };

export interface Operation {
  readonly summary: string;
  readonly query?: z.ZodType; // a strict object of optional strings
  readonly parameters?: Readonly<Record<string, string>>; // in the path: description
  readonly body?: string; // description of a body of any kind
  readonly json?: z.ZodType; // schema of a JSON body
  readonly isProtected?: boolean; // changes state: token, origin
  readonly answers: readonly Content[]; // of status 200
  readonly problems: readonly number[]; // besides 400, 404, 405, 500, which any may have
}

const digestQuery = z.strictObject({ digest: z.literal('sha256').optional().describe('Also answer the body’s digest') });
const formatQuery = z.strictObject({ format: z.enum(['json', 'text']).optional().describe('Overrides the Accept header') });
const noQuery = z.strictObject({});
const ordinalText = z.string().regex(/^\d{1,9}$/, 'expected a whole number'); // prettier-ignore
const historyQuery = z.strictObject({
  generation: ordinalText.optional().describe('`generation` of the rows that are known'),
  from: ordinalText.optional().describe('How many of its rows are known'),
});
const intake = { query: digestQuery, body: 'Bytes of any kind; a Content-Length or chunked', answers: [{ json: ReceiptSchema }], problems: [408, 413, 503] } as const; // prettier-ignore

export const OPERATIONS = {
  'GET /': { summary: 'The live page', answers: [{ media: 'text/html' }], problems: [] },
  'PUT /': { summary: 'Send a body through the pipeline', ...intake },
  'POST /': { summary: 'Send a body through the pipeline', ...intake },
  'PUT /ingest': { summary: 'Send a body through the pipeline', ...intake },
  'POST /ingest': { summary: 'Send a body through the pipeline', ...intake },
  'POST /echo': {
    summary: 'Send a body and get it back out of allocator memory',
    query: noQuery,
    body: 'Bytes of any kind',
    answers: [{ media: 'application/octet-stream' }],
    problems: [408, 413, 503],
  },
  'GET /metrics': { summary: 'Everything that is counted, for Prometheus', answers: [{ media: 'text/plain' }], problems: [] },
  'GET /api/arenas': {
    summary: 'The arenas, their chunk lists and thread caches; as text, Netty’s own dump',
    query: formatQuery,
    answers: [{ json: ArenasSchema }, { media: 'text/plain' }],
    problems: [],
  },
  'GET /api/arenas/{arena}/chunks/{chunk}': {
    summary: 'One chunk: what holds each run of its pages',
    query: noQuery,
    parameters: { arena: 'Index of the arena', chunk: 'Ordinal of the chunk (`id` in /api/arenas)' },
    answers: [{ json: OccupancySchema }],
    problems: [],
  },
  'GET /api/chunkmap': {
    summary: 'Who holds each page of each chunk, in the compact form of src/allocator/page-map.ts',
    query: noQuery,
    answers: [{ media: 'application/octet-stream' }],
    problems: [],
  },
  'GET /api/history': {
    summary: 'Samples of the allocator over time, as columns: all, or those since the last question',
    query: historyQuery,
    answers: [{ json: HistorySchema }],
    problems: [],
  },
  'GET /api/explain': {
    summary: 'Why each chunk is still there, in bytes and in a sentence, and which request would fail next',
    query: explainQuery,
    answers: [{ json: ExplanationSchema }, { media: 'text/plain' }],
    problems: [],
  },
  'GET /api/simulation': {
    summary: 'The simulated traffic: where it is, how fast it goes, what became of it, and the pool’s settings',
    query: noQuery,
    answers: [{ json: SimulationSchema }],
    problems: [],
  },
  'POST /api/simulation': {
    summary: 'Change speed or pause; or begin anew with another scenario, seed or settings and an empty allocator',
    query: noQuery,
    json: SimulationChangeSchema,
    isProtected: true,
    answers: [{ json: SimulationSchema }],
    problems: [401, 403, 409],
  },
  'POST /api/alerts': {
    summary: 'Alertmanager’s webhook: alerts become events of the feed',
    query: noQuery,
    json: AlertsSchema,
    isProtected: true,
    answers: [{ json: AlertsTakenSchema }],
    problems: [401, 403],
  },
  'POST /api/trim': {
    summary: 'Trim all thread caches, as each does by itself now and then',
    query: noQuery,
    isProtected: true,
    answers: [{ json: TrimSchema }],
    problems: [401, 403],
  },
  'GET /healthz': { summary: 'Is the process alive', answers: [{ json: HealthSchema }], problems: [] },
  'GET /readyz': { summary: 'Does it take requests', answers: [{ json: HealthSchema }], problems: [503] },
  'GET /openapi.json': { summary: 'This document', answers: [{ json: z.looseObject({ openapi: z.string() }) }], problems: [] },
} as const satisfies Record<string, Operation>;

export type OperationName = keyof typeof OPERATIONS;
export const OPERATION_NAMES = Object.keys(OPERATIONS) as OperationName[];
export const operationOf = (name: OperationName): Operation => OPERATIONS[name];
/** Statuses that need the exhausted schema rather than the plain problem. */
export const EXHAUSTED = ExhaustedSchema;

/** `GET /a/{b}` → its method and its path. */
export function splitName(name: OperationName): { method: 'get' | 'put' | 'post'; path: string } {
  const [method, path] = name.split(' ') as [string, string];
  return { method: method.toLowerCase() as 'get' | 'put' | 'post', path };
}
