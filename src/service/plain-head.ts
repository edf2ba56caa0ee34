// The head of a request that brings a body of known length, as nearly every client writes it. Anything out of the ordinary is not
// recognised here and goes to Node's parser as it is: what this accepts, Node's parser accepts, with the same meaning.
import type { Wanted } from './slice-sink.ts';

export interface PlainHead {
  readonly text: Buffer; // as it came, its empty line included; a copy
  readonly bytes: number; // of it
  readonly bodyBytes: number;
  readonly method: string;
  readonly url: string;
  readonly wanted: Wanted;
  readonly isLast: boolean; // on its connection, by the client's wish
  readonly expectsContinue: boolean; // before it sends the body
}

/** What bodies are sent for (operations.ts), in the only ways of writing it that count as plain. */
const WANTED: Readonly<Record<string, Wanted>> = {
  'PUT /': 'count',
  'POST /': 'count',
  'PUT /ingest': 'count',
  'POST /ingest': 'count',
  'PUT /?digest=sha256': 'digest',
  'POST /?digest=sha256': 'digest',
  'PUT /ingest?digest=sha256': 'digest',
  'POST /ingest?digest=sha256': 'digest',
  'POST /echo': 'echo',
};

const END = Buffer.from('\r\n\r\n', 'latin1');
const MAX_BYTES = 8192;
const VERSION = ' HTTP/1.1';
const FIELD = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([ -~]*)$/;
const LENGTH = /^[0-9]{1,10}$/;
/** They change how the body is framed, or what becomes of the connection. */
const SPECIAL = new Set(['transfer-encoding', 'upgrade', 'trailer', 'te', 'http2-settings', 'keep-alive', 'proxy-connection']);

/** Null: not plain, or not whole. */
export function plainHead(received: Buffer): PlainHead | null {
  const end = received.indexOf(END);
  if (end < 0 || end > MAX_BYTES) return null;
  const lines = received.toString('latin1', 0, end).split('\r\n');
  const what = lines[0]!.endsWith(VERSION) ? lines[0]!.slice(0, -VERSION.length) : '';
  const wanted = Object.hasOwn(WANTED, what) ? WANTED[what]! : null;
  const values = wanted === null ? null : framing(lines);
  const bodyBytes = values?.get('content-length');
  if (wanted === null || values?.get('host') === undefined || bodyBytes === undefined || !LENGTH.test(bodyBytes)) return null;
  const connection = values.get('connection') ?? 'keep-alive';
  const expected = values.get('expect');
  if (!/^(?:keep-alive|close)$/i.test(connection) || !(expected === undefined || /^100-continue$/i.test(expected))) return null;
  const [method, url] = what.split(' ') as [string, string];
  const isLast = connection.length === 'close'.length;
  const text = Buffer.from(received.subarray(0, end + END.length));
  return { text, bytes: text.length, bodyBytes: Number(bodyBytes), method, url, wanted, isLast, expectsContinue: expected !== undefined };
}

const FRAMING = new Set(['host', 'content-length', 'connection', 'expect']);

/** The fields that matter here, each at most once; null where a line is no plain field. */
function framing(lines: readonly string[]): Map<string, string> | null {
  const values = new Map<string, string>();
  for (let i = 1; i < lines.length; i++) {
    const [line, name, value] = FIELD.exec(lines[i]!) ?? [];
    if (line === undefined) return null;
    const lowerCase = name!.toLowerCase();
    if (SPECIAL.has(lowerCase) || values.has(lowerCase)) return null;
    if (FRAMING.has(lowerCase)) values.set(lowerCase, value!);
  }
  return values;
}
