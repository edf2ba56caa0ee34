// The Express app: one handler for each operation of the table. Bodies go to `traffic`, everything else is answered from snapshots.
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import type { Logger } from 'pino';
import { occupancy, snapshot } from '../allocator/index.ts';
import { CONTENT_TYPE } from '../metrics/index.ts';
import { PAGE_PATH } from '../web/index.ts';
import { arenasJson, arenasText, chunkName } from './arenas-view.ts';
import type { Feed } from '../feed/index.ts';
import { AlertsSchema, takeAlerts } from './alerts.ts';
import { answerOf } from './answer.ts';
import type { Clock } from './clock.ts';
import { sendExplanation } from './explain-route.ts';
import { ParsedBody } from './incoming-body.ts';
import { openApiDocument } from './openapi.ts';
import { OPERATION_NAMES, type OperationName, operationOf, splitName } from './operations.ts';
import type { PageRoutes } from './page-routes.ts';
import { type Problem, problem, ProblemError } from './problems.ts';
import type { Runtime } from './runtime.ts';
import { requireAdmin, SECURITY_HEADERS } from './security.ts';
import { sendJson, sendProblem, sendText } from './sending.ts';
import type { SimulationControl } from './simulation-control.ts';
import type { SimulationChange } from './simulation-schemas.ts';
import type { Settings } from './settings-table.ts';
import type { Wanted } from './slice-sink.ts';
import type { Traffic } from './traffic.ts';

export interface AppParts {
  readonly settings: Settings;
  readonly runtime: Runtime;
  readonly traffic: Traffic;
  readonly page: PageRoutes;
  readonly clock: Clock;
  readonly log: Logger;
  readonly version: string;
  readonly metricsText: () => Promise<string>;
  readonly isReady: () => boolean;
  readonly control: SimulationControl;
  readonly feed: Feed;
}

const NO_STORE = { 'Cache-Control': 'no-store' };
const JSON_BYTES = 65_536; // of a JSON body, at most

type Handle = (request: Request, response: Response) => void | Promise<void>;

export function createApp(parts: AppParts): Express {
  const app = express();
  app.disable('x-powered-by').disable('etag').set('query parser', 'simple');
  app.use((_request, response, next) => {
    for (const [name, value] of SECURITY_HEADERS) response.setHeader(name, value);
    next();
  });
  const handlers = createHandlers(parts);
  app.use(PAGE_PATH, parts.page.files);
  for (const name of OPERATION_NAMES) {
    const { method, path } = splitName(name);
    const { isProtected } = operationOf(name);
    const guard = (request: Request, _response: Response, next: NextFunction) => {
      if (isProtected) requireAdmin(request, parts.settings);
      next();
    };
    const readers = operationOf(name).json === undefined ? [] : [express.json({ limit: JSON_BYTES, type: () => true, strict: false })];
    app[method](path.replaceAll(/\{(\w+)\}/g, ':$1'), guard, ...readers, (request: Request, response: Response) => {
      checkQuery(name, request);
      checkBody(name, request);
      return handlers[name](request, response);
    });
  }
  app.use((request: Request, response: Response) => refuseUnknown(request, response, parts.clock));
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) => answerError(error, request, response, parts));
  return app;
}

function createHandlers({
  runtime,
  traffic,
  clock,
  page,
  control,
  feed,
  version,
  metricsText,
  isReady,
}: AppParts): Record<OperationName, Handle> {
  const receive = (request: Request, response: Response, wanted: Wanted) => {
    const { socket, method, url, headers } = request;
    const awaitsLeave = headers.expect !== undefined;
    traffic.receive(socket, { method, url, wanted, body: new ParsedBody(request), answer: answerOf(response), awaitsLeave });
  };
  const intake: Handle = (request, response) => receive(request, response, request.query['digest'] === undefined ? 'count' : 'digest');
  return {
    'GET /': page.index,
    'GET /api/chunkmap': page.chunkMap,
    'GET /api/history': page.history,
    'PUT /': intake,
    'POST /': intake,
    'PUT /ingest': intake,
    'POST /ingest': intake,
    'POST /echo': (request, response) => receive(request, response, 'echo'),
    'GET /metrics': async (_request, response) => sendText(answerOf(response), 200, CONTENT_TYPE, await metricsText(), NO_STORE),
    'GET /api/arenas': (request, response) => {
      response.vary('Accept');
      const taken = snapshot(runtime.allocator);
      const format = request.query['format'] ?? (request.accepts(['json', 'text']) === 'text' ? 'text' : 'json');
      if (format === 'text') sendText(answerOf(response), 200, 'text/plain; charset=utf-8', arenasText(taken), NO_STORE);
      else sendJson(answerOf(response), arenasJson(taken));
    },
    'GET /api/arenas/{arena}/chunks/{chunk}': (request, response) => {
      const [arena, chunk] = [ordinal(request.params['arena']), ordinal(request.params['chunk'])];
      const { length } = runtime.allocator.arenas;
      if (!(arena < length))
        throw new ProblemError('NO_SUCH_ARENA', `arena: ${String(request.params['arena'])} (expected: 0 … ${length - 1})`);
      const found = occupancy(runtime.allocator, arena, chunk);
      if (found === null) throw new ProblemError('NO_SUCH_CHUNK', `chunk: ${String(request.params['chunk'])} (expected: the id of a chunk that arena ${arena} has now)`); // prettier-ignore
      sendJson(answerOf(response), { ...found, name: chunkName(found.id) });
    },
    'GET /api/explain': (request, response) => sendExplanation(runtime, clock.nowSeconds(), request, response),
    'GET /api/simulation': (_request, response) => sendJson(answerOf(response), control.state()),
    'POST /api/simulation': (request, response) => {
      control.change(request.body as SimulationChange);
      sendJson(answerOf(response), control.state());
    },
    'POST /api/alerts': (request, response) => {
      sendJson(answerOf(response), takeAlerts(feed, AlertsSchema.parse(request.body)));
    },
    'POST /api/trim': (_request, response) => {
      const freed = runtime.trim();
      traffic.update();
      sendJson(answerOf(response), {
        freed,
        cachedBytes: snapshot(runtime.allocator).caches.reduce((sum, cache) => sum + cache.bytes, 0),
      });
    },
    'GET /healthz': (_request, response) => sendJson(answerOf(response), { status: 'ok' }),
    'GET /readyz': (_request, response) => {
      if (!isReady()) throw new ProblemError('NOT_READY', 'service: shutting down (expected: another instance)', { 'Retry-After': '10' });
      sendJson(answerOf(response), { status: 'ready' });
    },
    'GET /openapi.json': (_request, response) => sendJson(answerOf(response), openApiDocument(version)),
  };
}

function checkBody(name: OperationName, request: Request): void {
  const { json } = operationOf(name);
  if (json === undefined) return;
  const parsed = json.safeParse(request.body);
  if (!parsed.success) throw new ProblemError('BAD_BODY', mistakesText(parsed.error.issues, 'body'));
}

const mistakesText = (issues: readonly { path: readonly PropertyKey[]; message: string }[], whole: string): string =>
  issues.map(({ path, message }) => `${path.join('.') || whole}: ${message}`).join('; ');

/** A path parameter; NaN where it is no ordinal. */
const ordinal = (text: string | string[] | undefined): number => (typeof text === 'string' && /^\d{1,9}$/.test(text) ? Number(text) : NaN);

function checkQuery(name: OperationName, request: Request): void {
  const { query } = operationOf(name);
  if (query === undefined) return;
  const parsed = query.safeParse(request.query);
  if (parsed.success) return;
  throw new ProblemError('BAD_QUERY', mistakesText(parsed.error.issues, 'query'));
}

function refuse(request: Request, response: Response, what: Problem, clock: Clock, headers?: Readonly<Record<string, string>>): void {
  sendProblem(answerOf(response), new ParsedBody(request), what, clock, headers);
}

/** No route took it: a known path with another method, or an unknown path. */
function refuseUnknown(request: Request, response: Response, clock: Clock): void {
  const allowed = OPERATION_NAMES.map(splitName).filter(({ path }) => matches(path, request.path)).map(({ method }) => method.toUpperCase()); // prettier-ignore
  if (allowed.length === 0) {
    const detail = `${request.path} (expected: an address that /openapi.json lists)`;
    return refuse(request, response, problem('NOT_FOUND', detail), clock);
  }
  const allow = (allowed.includes('GET') ? ['HEAD', ...allowed] : allowed).sort().join(', ');
  refuse(request, response, problem('METHOD_NOT_ALLOWED', `${request.method} (expected: ${allow})`), clock, {
    Allow: allow,
  });
}

const matches = (template: string, path: string): boolean => new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}/?$`).test(path);

function answerError(error: unknown, request: Request, response: Response, { clock, log }: AppParts): void {
  if (response.headersSent) {
    log.error({ error }, 'failed within an answer');
    response.destroy();
  } else if (error instanceof ProblemError) refuse(request, response, error.problem, clock, error.headers);
  else if (error instanceof Error && 'type' in error && typeof error.type === 'string' && error.type.startsWith('entity.'))
    refuse(request, response, problem('BAD_BODY', `${error.message} (expected: JSON of at most ${JSON_BYTES} bytes)`), clock);
  else if (error instanceof URIError || (error instanceof Error && 'status' in error && error.status === 400))
    refuse(request, response, problem('BAD_QUERY', `${request.url} (expected: an address in proper percent-encoding)`), clock);
  else {
    log.error({ error }, 'failed');
    refuse(request, response, problem('INTERNAL', 'see the log'), clock);
  }
}
