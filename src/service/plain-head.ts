// The head of a request that brings a body of known length, as nearly every client writes it. Anything out of the ordinary is not
// recognised here and goes to Node's parser as it is: what this accepts, Node's parser accepts, with the same meaning.

export interface PlainHead {
  readonly bytes: number; // of the head, its empty line included
  readonly bodyBytes: number;
  /** Where the digits of Content-Length are. */
  readonly digits: readonly [from: number, to: number];
}

const END = Buffer.from('\r\n\r\n', 'latin1');
const MAX_BYTES = 8192;
const REQUEST_LINE = /^(?:PUT|POST) \/(?:ingest|echo)?(?:\?[!-~]*)? HTTP\/1\.1$/;
const FIELD = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([ -~]*)$/;
const LENGTH = /^[0-9]{1,10}$/;
/** They change how the body is framed, or what becomes of the connection. */
const SPECIAL = new Set(['transfer-encoding', 'expect', 'upgrade', 'trailer', 'te', 'http2-settings', 'keep-alive', 'proxy-connection']);

/** Null: not plain, or not whole. */
export function plainHead(received: Buffer): PlainHead | null {
  const end = received.indexOf(END);
  if (end < 0 || end > MAX_BYTES) return null;
  const lines = received.toString('latin1', 0, end).split('\r\n');
  if (!REQUEST_LINE.test(lines[0]!)) return null;
  let at = lines[0]!.length + 2;
  let found: PlainHead | null = null;
  let hosts = 0;
  for (let i = 1; i < lines.length; i++) {
    const [line, name, value] = FIELD.exec(lines[i]!) ?? [];
    if (line === undefined) return null;
    const lowerCase = name!.toLowerCase();
    if (SPECIAL.has(lowerCase) || (lowerCase === 'connection' && !/^(?:keep-alive|close)$/i.test(value!))) return null;
    if (lowerCase === 'host') hosts++;
    if (lowerCase === 'content-length') {
      if (found !== null || !LENGTH.test(value!)) return null;
      const from = at + line.length - value!.length;
      found = { bytes: end + END.length, bodyBytes: Number(value), digits: [from, at + line.length] };
    }
    at += line.length + 2;
  }
  return hosts === 1 ? found : null;
}
