// Bodies of every size, by every way in, come back out of allocator memory as they went in.
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { chunkedHead, putHead, randomBytes, RawClient, send, start } from './harness.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const MIB = 1 << 20;
const SIZES = [0, 1, 63, 1023, 1024, 1025, 8195, 8196, 8197, 65_535, 65_536, 65_537, 102_400, MIB + 1, 20 * MIB];

/** A chunked body in pieces of this size. */
function inPieces(body: Buffer, pieceBytes: number): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= body.length) return controller.close();
      controller.enqueue(new Uint8Array(body.subarray(at, (at += pieceBytes))));
    },
  });
}

describe.each([
  ['aggregated', '--aggregator=on'],
  ['slice by slice', '--aggregator=off'],
])('%s', (_, flag) => {
  test.each(SIZES)('a body of %i bytes has the digest it was sent with', async (size) => {
    const { url } = await start([flag]);
    const body = randomBytes(size, size + 1);
    const answer = await send(`${url}/?digest=sha256`, new Uint8Array(body));
    expect([answer.status, await answer.json()]).toMatchObject([200, { bytes: size, digest: sha256(body) }]);
  });

  test.each([0, 1, 8196, 102_400, 5 * MIB])('a chunked body of %i bytes has the digest it was sent with', async (size) => {
    const { url } = await start([flag]);
    const body = randomBytes(size, size + 2);
    const answer = await send(`${url}/ingest?digest=sha256`, null, { method: 'POST', body: inPieces(body, 30_000), duplex: 'half' });
    expect([answer.status, await answer.json()]).toMatchObject([200, { bytes: size, digest: sha256(body) }]);
  });

  test.each([0, 1, 8196, 65_537, 20 * MIB])('an echo of %i bytes is what was sent', async (size) => {
    const { url } = await start([flag]);
    const body = randomBytes(size, size + 3);
    const answer = await send(`${url}/echo`, new Uint8Array(body), { method: 'POST' });
    expect(sha256(new Uint8Array(await answer.arrayBuffer()))).toBe(sha256(body));
  });

  test('an echo of a chunked body is what was sent', async () => {
    const { url } = await start([flag]);
    const body = randomBytes(300_000);
    const answer = await send(`${url}/echo`, null, { method: 'POST', body: inPieces(body, 7000), duplex: 'half' });
    expect(sha256(new Uint8Array(await answer.arrayBuffer()))).toBe(sha256(body));
  });

  test('200 MB go through', { timeout: 120_000 }, async () => {
    const { url } = await start([flag, '--direct-memory=1g']);
    const body = randomBytes(200_000_000);
    const answer = await send(`${url}/?digest=sha256`, new Uint8Array(body.buffer as ArrayBuffer, 0, body.length));
    expect(await answer.json()).toMatchObject({ bytes: 200_000_000, digest: sha256(body) });
  });
});

test('the head takes its place in the receive buffers, before the body', async () => {
  const { service, url } = await start();
  const seen: [number, number][] = [];
  service.runtime.pipeline.readObserver = (capacity, bytes) => seen.push([capacity, bytes]);
  const client = new RawClient(url);
  const head = putHead(5);
  await client.send(head, 'hello').receives('"bytes":5');
  expect(seen.reduce((sum, [, bytes]) => sum + bytes, 0)).toBe(head.length + 5);
  client.socket.destroy();
});

test.each([
  ['read here', '', 'X-Odd:  two'],
  ['parsed by Node', 'TE: trailers\r\n', 'X-Odd: two'], // whose parser drops the blanks before a value, and nothing else
])('the head that is written is the head that came, byte for byte: %s', async (_, special, odd) => {
  const { service, url } = await start(['--event-loops=1']);
  const head = `PUT /?digest=sha256 HTTP/1.1\r\nHost: a\r\n${special}X-Odd:  two   words\r\nx-odd: again\r\nContent-Length: 2\r\n\r\n`;
  const client = new RawClient(url);
  await client.send(head, 'ab').receives('"bytes":2');
  const memory = service.runtime.allocator.chunks.flatMap((chunk) => (chunk?.memory ? [Buffer.from(chunk.memory.buffer)] : []));
  expect(memory.some((bytes) => bytes.includes(`${head.replace('X-Odd:  two', odd)}ab`))).toBe(true);
  client.socket.destroy();
});

test('consolidation is told: its number and the bytes it copied', async () => {
  const { url } = await start();
  const answer = await send(url, new Uint8Array(20 * MIB));
  const { bytes, slices, components, consolidations, copiedBytes } = (await answer.json()) as Record<string, number>;
  expect({ bytes, consolidations }).toEqual({ bytes: 20 * MIB, consolidations: 2 });
  expect(components! + 2 * 1024).toBe(slices); // each consolidation turned 1,025 parts into one
  expect(copiedBytes).toBeGreaterThan(16 * MIB);
});

test('connections are dealt to event loops, and with them arenas, in turn', async () => {
  const { url } = await start();
  const places: unknown[] = [];
  for (let i = 0; i < 5; i++) {
    const answer = await send(url, new Uint8Array(10), { headers: { Connection: 'close' } });
    const { eventLoop, arena } = (await answer.json()) as Record<string, number>;
    places.push([eventLoop, arena]);
  }
  expect(places).toEqual([[0, 0], [1, 1], [2, 0], [3, 1], [0, 0]]); // prettier-ignore
});

test('requests on one connection stay on its event loop, one after the other', async () => {
  const { url } = await start();
  const client = new RawClient(url);
  for (let i = 1; i <= 3; i++) await client.send(putHead(i), 'x'.repeat(i)).receives(`"bytes":${i}`);
  expect(client.received.match(/"eventLoop":0/g)).toHaveLength(3);
  client.socket.destroy();
});

test('pipelined requests, heads and bodies of several in one packet, are answered in order', async () => {
  const { url } = await start();
  const client = new RawClient(url);
  const [first, second] = [randomBytes(40_000, 1), randomBytes(30_000, 2)];
  const chunked = [chunkedHead('/?digest=sha256'), (20_000).toString(16), '\r\n', second.subarray(0, 20_000), '\r\n2710\r\n', second.subarray(20_000), '\r\n0\r\n\r\n']; // prettier-ignore
  const parts = [putHead(first.length, '/?digest=sha256'), first, ...chunked, putHead(0), 'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n'];
  await client.send(Buffer.concat(parts.map((part) => Buffer.from(part)))).receives('"status":"ok"');
  const found = [sha256(first), sha256(second), '"bytes":0', '"status":"ok"'].map((text) => client.received.indexOf(text));
  expect(found).toEqual([...found].sort((a, b) => a - b));
  expect(found).not.toContain(-1);
  client.socket.destroy();
});

test('what sends nothing before 100 Continue is told to go on', async () => {
  const { url } = await start();
  const client = new RawClient(url);
  const head = putHead(3).replace('\r\n\r\n', '\r\nExpect: 100-continue\r\n\r\n');
  await client.send(head).receives('100 Continue');
  await client.send('abc').receives('"bytes":3');
  client.socket.destroy();
});
