// What is recognised as a plain head means to Node's own parser what it means to us.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { plainHead } from './plain-head.ts';

const head = (...lines: string[]) => Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
const PUT = ['PUT / HTTP/1.1', 'Host: here'] as const;

describe('plain', () => {
  test.each([
    [head(...PUT, 'Content-Length: 20000000'), { bodyBytes: 20_000_000, method: 'PUT', url: '/', wanted: 'count', isLast: false }],
    [
      head('POST /ingest?digest=sha256 HTTP/1.1', 'content-length:7', 'HOST: x'),
      { bodyBytes: 7, wanted: 'digest', expectsContinue: false },
    ],
    [
      head('POST /echo HTTP/1.1', 'Host: x', 'Connection: keep-alive', 'Content-Length: 1', 'X: '),
      { bodyBytes: 1, wanted: 'echo', isLast: false },
    ],
    [head(...PUT, 'User-Agent: curl/8.14', 'Accept: */*', 'Content-Type: application/octet-stream', 'Content-Length: 0'), { bodyBytes: 0 }],
    [head(...PUT, 'Content-Length: 5', 'Connection: Close', 'Expect: 100-Continue'), { isLast: true, expectsContinue: true }],
  ])('%#', (bytes, expected) => {
    expect(plainHead(Buffer.concat([bytes, Buffer.from('body')]))).toMatchObject({ bytes: bytes.length, ...expected });
  });
});

describe('not plain', () => {
  test.each([
    ['not whole', Buffer.from('PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n')],
    ['another method', head('GET / HTTP/1.1', 'Host: x', 'Content-Length: 5')],
    ['another address', head('PUT /api/trim HTTP/1.1', 'Host: x', 'Content-Length: 5')],
    ['another version', head('PUT / HTTP/1.0', 'Host: x', 'Content-Length: 5')],
    ['no length', head(...PUT)],
    ['two lengths', head(...PUT, 'Content-Length: 5', 'Content-Length: 5')],
    ['a length that is none', head(...PUT, 'Content-Length: +5')],
    ['a list of lengths', head(...PUT, 'Content-Length: 5, 5')],
    ['a length of spaces', head(...PUT, 'Content-Length: 5 ')],
    ['chunks', head(...PUT, 'Content-Length: 5', 'Transfer-Encoding: chunked')],
    ['another expectation', head(...PUT, 'Content-Length: 5', 'Expect: 200-ok')],
    ['two expectations', head(...PUT, 'Content-Length: 5', 'Expect: 100-continue', 'Expect: 100-continue')],
    ['an echo that is put', head('PUT /echo HTTP/1.1', 'Host: x', 'Content-Length: 5')],
    ['another question', head('PUT /?digest=md5 HTTP/1.1', 'Host: x', 'Content-Length: 5')],
    ['an address of the prototype', head('toString HTTP/1.1', 'Host: x', 'Content-Length: 5')],
    ['an upgrade', head(...PUT, 'Content-Length: 5', 'Connection: Upgrade', 'Upgrade: websocket')],
    ['no host', head('PUT / HTTP/1.1', 'Content-Length: 5')],
    ['two hosts', head(...PUT, 'Host: there', 'Content-Length: 5')],
    ['a folded line', head(...PUT, 'X: 1', ' 2', 'Content-Length: 5')],
    ['a space before the colon', head(...PUT, 'Content-Length : 5')],
    ['a line break of one character', Buffer.from('PUT / HTTP/1.1\nHost: x\nContent-Length: 5\n\n')],
    ['a control character', head(...PUT, 'X: a\u0000b', 'Content-Length: 5')],
    ['far too long', head(...PUT, `X: ${'x'.repeat(9000)}`, 'Content-Length: 5')],
  ])('%s', (_, bytes) => expect(plainHead(bytes)).toBeNull());
});

describe("Node's parser", () => {
  let server: Server;
  let seen: { method: string; url: string; bodyBytes: number; isLast: boolean } | null = null;
  beforeAll(async () => {
    server = createServer((request, response) => {
      const { method, url, headers } = request;
      seen = { method: method!, url: url!, bodyBytes: Number(headers['content-length']), isLast: !response.shouldKeepAlive };
      response.end().socket!.destroy();
    }).listen(0, '127.0.0.1');
    server.on('clientError', (_, socket) => socket.destroy());
    await once(server, 'listening');
  });
  afterAll(() => server.close());

  /** What it makes of these bytes: null where it refuses them. */
  async function parsed(bytes: Buffer): Promise<typeof seen> {
    seen = null;
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.on('error', () => undefined).resume();
    socket.write(bytes);
    await once(socket, 'close');
    return seen;
  }

  const odd = fc.constantFrom('', ' ', '\t', ',', ':', '\r', '\n', '\u0000', '\u00ff', '0', '5', 'x', 'Content-Length: 3\r\n', 'Transfer-Encoding: chunked\r\n', 'Host: y\r\n', 'Connection: close\r\n', 'Expect: 100-continue\r\n'); // prettier-ignore
  const mutated = fc.record({
    plain: fc.constantFrom(
      head(...PUT, 'Content-Length: 12'),
      head('POST /ingest HTTP/1.1', 'Host: x', 'X-Y: z', 'content-length:  7', 'A: b'),
      head('POST /?digest=sha256 HTTP/1.1', 'Host: x', 'Connection: close', 'Content-Length: 7'),
    ),
    at: fc.nat(90),
    insert: odd,
    cut: fc.nat(2),
  });

  test('accepts what we accept, with the same length, and never sees two requests in it', async () => {
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(mutated, async ({ plain, at, insert, cut }) => {
        const text = plain.toString('latin1');
        const bytes = Buffer.from(text.slice(0, at) + insert + text.slice(at + cut), 'latin1');
        const found = plainHead(bytes);
        if (found === null) return;
        accepted++;
        const { method, url, bodyBytes, isLast } = found;
        expect(await parsed(bytes)).toEqual({ method, url, bodyBytes, isLast });
      }),
      { numRuns: 2000 },
    );
    expect(accepted).toBeGreaterThan(50);
  });
});
