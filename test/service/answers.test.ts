// Requests that are read and answered past Node's HTTP: a client cannot tell, whatever it asks, and in whatever order answers are ready.
import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { putHead, randomBytes, RawClient, type Running, start, until } from './harness.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const nextTurn = () => new Promise<void>((resolve) => void setImmediate(resolve));
const post = (head: string): string => head.replace('PUT', 'POST');
const withField = (head: string, field: string): string => head.replace('\r\n\r\n', `\r\n${field}\r\n\r\n`);
/** Makes Node's HTTP take it. */
const parsed = (head: string): string => withField(head, 'TE: trailers');

/** An answer without what differs by time and turn: the date, the order of fields, the event loop, the reads that the body came in. */
function gist(answer: string): unknown {
  const [head, ...body] = answer.split('\r\n\r\n');
  const [status, ...fields] = head!.split('\r\n').map((line) => line.replace(/^Date: .*GMT$/, 'Date'));
  return {
    status,
    fields: fields.sort(),
    body: body.join('\r\n\r\n').replace(/"(components|slices|consolidations|copiedBytes|eventLoop|arena)":\d+/g, '$1'),
  };
}

/** The whole answer to one request, after which the client ends the connection if the service does not. */
async function ask({ url }: Running, head: string, body: Buffer): Promise<string> {
  const client = new RawClient(url).send(head, body);
  const length = () => Number(/Content-Length: (\d+)/.exec(client.received)?.[1]) + client.received.indexOf('\r\n\r\n') + 4;
  await until(() => client.isClosed || client.received.length >= length());
  if (/Connection: close/.test(client.received)) await client.closed;
  client.socket.destroy();
  await client.closed;
  return client.received;
}

describe.each(['on', 'off'])('aggregator %s', (aggregator) => {
  test.each([
    ['a body', putHead(100_000), 100_000],
    ['a large body', putHead(9_000_000, '/ingest'), 9_000_000],
    ['no body', putHead(0), 0],
    ['a digest', post(putHead(70_000, '/?digest=sha256')), 70_000],
    ['an echo', post(putHead(300_000, '/echo')), 300_000],
    ['an echo of nothing', post(putHead(0, '/echo')), 0],
    ['the last request', withField(putHead(5), 'Connection: close'), 5],
    ['the last echo', withField(post(putHead(50_000, '/echo')), 'Connection: close'), 50_000],
    ['a body over the limit', putHead(10_000_001), 10_000_001],
  ])('%s is answered as by Node’s HTTP', async (_, head, length) => {
    const running = await start(['--body-limit=10000000', `--aggregator=${aggregator}`]);
    const body = randomBytes(length);
    const [own, nodes] = [await ask(running, head, body), await ask(running, parsed(head), body)];
    expect(gist(own)).toEqual(gist(nodes));
    const { http_requests_total: counted } = Object.groupBy(
      (await running.service.metricsText()).split('\n'),
      (line) => line.split('{')[0]!,
    );
    const [method, code] = [head.split(' ')[0], own.split(' ')[1]];
    expect(counted).toContain(`http_requests_total{method="${method}",code="${code}"} 2`);
  });
});

test('no memory is answered as by Node’s HTTP, of a body small enough to keep the connection too', async () => {
  const running = await start(['--direct-memory=16m', '--arenas=1', '--event-loops=1']);
  const chunkFiller = randomBytes(20_000_000);
  const head = putHead(chunkFiller.length);
  const [own, nodes] = [await ask(running, head, chunkFiller), await ask(running, parsed(head), chunkFiller)];
  expect(own).toMatch(/^HTTP\/1\.1 503 [^]*Retry-After: 1\r\n[^]*"cause"/);
  expect(gist(own)).toEqual(gist(nodes));
});

test('answers go out in the order of their requests, whichever is ready first', async () => {
  const { url } = await start();
  const [large, small] = [randomBytes(8_000_000), randomBytes(5000)];
  const client = new RawClient(url);
  client.send(putHead(large.length, '/?digest=sha256'), large); // hashed in turns
  client.send(putHead(3), 'abc', post(putHead(small.length, '/echo')), small, putHead(4), 'abcd');
  await client.receives('"bytes":4,');
  const order = /^HTTP[^]*"digest":"(\w+)"}HTTP[^]*"bytes":3,[^]*octet-stream[^]*?\r\n\r\n([^]*)HTTP[^]*"bytes":4,/.exec(client.received);
  expect([order?.[1], order?.[2] === small.toString('latin1')]).toEqual([sha256(large), true]);
  client.socket.destroy();
});

test('what Node’s HTTP has to answer waits until what came before it is answered', async () => {
  const running = await start(['--peer-latency=10s'], { manualClock: true });
  const client = new RawClient(running.url);
  client.send(putHead(3), 'abc', 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n', putHead(4), 'abcd');
  await until(() => running.service.traffic.peer.held === 1);
  for (let i = 0; i < 20; i++) await nextTurn();
  expect(client.received).toBe('');
  running.clock!.turn(11);
  await until(() => running.service.traffic.peer.held === 1); // the second body, by Node's HTTP
  running.clock!.turn(11);
  await client.receives('"bytes":4,');
  expect(client.received).toMatch(/^HTTP[^]*"bytes":3,[^]*HTTP[^]*"status":"ok"[^]*HTTP[^]*"bytes":4,/);
  client.socket.destroy();
});

test('a client that does not take its answer is read no more, until it does', async () => {
  const { url, service } = await start(['--event-loops=1']);
  const [loop] = service.runtime.pipeline.loops;
  const connected = service.traffic.connected.bind(service.traffic);
  let socket: Socket | undefined;
  service.traffic.connected = (taken) => connected((socket = taken));
  const echo = randomBytes(16_000_000); // more than the system keeps for the two of them
  const client = new RawClient(url);
  client.socket.pause();
  client.send(post(putHead(echo.length, '/echo')), echo);
  await until(() => loop!.messages === 1);
  const { bytesRead } = socket!;
  client.send(`${putHead(3)}abc`);
  await until(() => socket!.bytesRead > bytesRead);
  expect(loop!.messages).toBe(1);
  client.socket.resume();
  await client.receives('"bytes":3,');
  client.socket.destroy();
});

test('a client that waits for leave to send its body gets it in its turn', async () => {
  const running = await start(['--peer-latency=10s'], { manualClock: true });
  const client = new RawClient(running.url);
  client.send(putHead(3), 'abc', withField(putHead(4), 'Expect: 100-continue'));
  await until(() => running.service.traffic.receiving === 1);
  expect(client.received).toBe('');
  running.clock!.turn(11);
  await client.receives(/"bytes":3,[^]*HTTP\/1\.1 100 Continue\r\n\r\n$/);
  client.send('abcd');
  await until(() => running.service.traffic.peer.held === 1);
  running.clock!.turn(11);
  await client.receives(/100 Continue\r\n\r\nHTTP\/1\.1 200[^]*"bytes":4,/);
  client.socket.destroy();
});

test('what follows a last request is not taken for another', async () => {
  const { url, service } = await start();
  const client = new RawClient(url);
  await client.send(withField(putHead(3), 'Connection: close'), 'abc', putHead(4), 'abcd').closed;
  expect([client.received.match(/HTTP/g)?.length, service.traffic.outcomes.answered]).toEqual([1, 1]);
});

describe('time', () => {
  test('a connection that brings nothing is answered 408 and closed', async () => {
    const { url, clock, service } = await start(['--headers-timeout=10s'], { manualClock: true });
    const client = new RawClient(url);
    await until(() => service.traffic.connections === 1);
    clock!.turn(9);
    expect(client.received).toBe('');
    clock!.turn(1.1);
    await client.closed;
    expect(client.received).toMatch(/^HTTP\/1\.1 408 .*TOO_SLOW/s);
    expect(await service.metricsText()).toContain('http_requests_aborted_total{outcome="timeout"} 1\n');
  });

  test('a connection that idles after an answer is closed without a word, a second after what it was told', async () => {
    const { url, clock } = await start(['--keep-alive-timeout=5s', '--headers-timeout=1s'], { manualClock: true });
    const client = new RawClient(url);
    for (const bytes of [3, 4]) {
      await client.send(putHead(bytes), 'abcd'.slice(0, bytes)).receives(`"bytes":${bytes},`);
      clock!.turn(5.9); // the second request begins the wait anew
    }
    expect([client.isClosed, /Keep-Alive: timeout=5\r\n/.test(client.received)]).toEqual([false, true]);
    const { length } = client.received;
    clock!.turn(0.2);
    await client.closed;
    expect(client.received).toHaveLength(length);
  });

  test('a connection that waits for the peer does not idle', async () => {
    const running = await start(['--keep-alive-timeout=1s', '--peer-latency=60s'], { manualClock: true });
    const client = new RawClient(running.url).send(putHead(3), 'abc');
    await until(() => running.service.traffic.peer.held === 1);
    running.clock!.turn(59);
    await nextTurn();
    expect(client.isClosed).toBe(false);
    running.clock!.turn(2);
    await client.receives('"bytes":3,');
    client.socket.destroy();
  });
});
