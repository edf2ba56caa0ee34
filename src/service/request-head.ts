// The bytes of a request's head, written out again from what Node parsed: they take their place in the receive buffers, as in Netty.
import type { IncomingMessage } from 'node:http';

export function headBytes(request: IncomingMessage): Buffer {
  const { method, url, httpVersion, rawHeaders } = request;
  let text = `${method} ${url} HTTP/${httpVersion}\r\n`;
  for (let i = 0; i < rawHeaders.length; i += 2) text += `${rawHeaders[i]}: ${rawHeaders[i + 1]}\r\n`;
  return Buffer.from(`${text}\r\n`, 'latin1');
}

/** Bytes of body to come; Infinity: they end when they end (chunked). Node's parser has checked the header. */
export function bodyBytes(request: IncomingMessage): number {
  if (request.headers['transfer-encoding'] !== undefined) return Infinity;
  return Number(request.headers['content-length'] ?? 0);
}
