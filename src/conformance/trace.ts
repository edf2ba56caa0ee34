// Recorded traces: one JSON header line, then one line an operation (format: test/fixtures/golden/README.md). `.gz` is unpacked.
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { z } from 'zod';

const bytes = z.number().int().nonnegative();
const OpsHeader = z.object({
  format: z.literal(1),
  netty: z.enum(['4.1.0.CR3', '4.1.48.Final']),
  maxDirectMemory: bytes.nullish(),
  directArenas: bytes,
  threads: bytes,
  pageSize: bytes,
  maxOrder: bytes,
  tinyCacheSize: bytes,
  smallCacheSize: bytes,
  normalCacheSize: bytes,
  maxCachedBufferCapacity: bytes,
  cacheTrimInterval: bytes,
});
const HttpHeader = z.object({
  format: z.literal(1),
  kind: z.literal('http-pipeline'),
  netty: z.enum(['4.1.0.CR3', '4.1.48.Final']),
  maxDirectMemory: bytes.nullish(),
  directArenas: bytes,
  eventLoops: bytes,
  pageSize: bytes,
  maxOrder: bytes,
  httpMaxChunkSize: bytes,
  maxCumulationBufferComponents: bytes,
  recv: z.object({ minimum: bytes, initial: bytes, maximum: bytes, maxMessagesPerRead: bytes }),
  requestHead: z.string(),
});
export type OpsHeader = z.infer<typeof OpsHeader>;
export type HttpHeader = z.infer<typeof HttpHeader>;
export type Trace = { readonly lines: readonly string[] } & (
  { readonly kind: 'ops'; readonly header: OpsHeader } | { readonly kind: 'http'; readonly header: HttpHeader }
);

/** What a trace file must be; the message names the file's mistake and the line. */
export class TraceError extends Error {}

export async function readTrace(file: string): Promise<Trace> {
  const raw = await readFile(file);
  const isGzip = raw[0] === 0x1f && raw[1] === 0x8b;
  return parseTrace((isGzip ? await promisify(gunzip)(raw) : raw).toString('utf8'));
}

export function parseTrace(text: string): Trace {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const json = parseHeader(lines[0] ?? '');
  const isHttp = typeof json === 'object' && json !== null && 'kind' in json;
  const parsed = isHttp ? HttpHeader.safeParse(json) : OpsHeader.safeParse(json);
  if (!parsed.success) throw new TraceError(`line 1: not a trace header\n${z.prettifyError(parsed.error)}`);
  return (isHttp ? { kind: 'http', header: parsed.data, lines } : { kind: 'ops', header: parsed.data, lines }) as Trace;
}

function parseHeader(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new TraceError(`line 1: ${line.slice(0, 60)} (expected: a JSON header)`);
  }
}
