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
  const end = answer.indexOf('\r\n\r\n') + 4;
  const body = answer.slice(end);
  const [status, ...fields] = answer
    .slice(0, end)
    .replace(/\r\nDate: .* GMT\r/, '\r\nDate\r')
    .replace(`\r\nContent-Length: ${body.length}\r`, '\r\nContent-Length\r')
    .split('\r\n');
  return {
    status,
    fields: fields.sort(),
    body: body.replace(/"(components|slices|consolidations|copiedBytes|eventLoop|arena)":\d+/g, '$1'),
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

test('an echo that ends as its turn comes takes nobody else’s', async () => {
  const { url } = await start();
  const [first, third] = [randomBytes(8_000_000), randomBytes(30_000_000)];
  const client = new RawClient(url);
  const hashed = (body: Buffer) => client.send(putHead(body.length, '/?digest=sha256'), body);
  hashed(first).send(post(putHead(4, '/echo')), 'ECHO');
  hashed(third).send(putHead(7), 'seventh');
  await client.receives(/"bytes":30000000,[^]*"digest"/);
  await client.receives('"bytes":7,');
  const told = client.received.matchAll(/"bytes":(\d+)|ECHO/g);
  expect([...told].map(([text, bytes]) => bytes ?? text)).toEqual(['8000000', 'ECHO', '30000000', '7']);
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

/** The service's side of the next connection. */
function servedSocket({ service }: Running): () => Socket | undefined {
  const connected = service.traffic.connected.bind(service.traffic);
  let socket: Socket | undefined;
  service.traffic.connected = (taken) => connected((socket = taken));
  return () => socket;
}

describe('a client that asks and never reads', () => {
  /** Small requests, until their answers are more than the system keeps. */
  async function fill(running: Running, last: string): Promise<RawClient> {
    const socket = servedSocket(running);
    const client = new RawClient(running.url);
    client.socket.pause();
    const { outcomes } = running.service.traffic;
    while (socket()?.writableNeedDrain !== true) {
      const batch = socket()?.writableLength === 0 ? 10 : 1;
      const answered = outcomes.answered + batch;
      client.send(`${putHead(1)}x`.repeat(batch));
      await until(() => outcomes.answered === answered);
    }
    client.send(last);
    const { bytesRead } = socket()!;
    await until(() => socket()!.bytesRead > bytesRead);
    return client;
  }

  test('is let go at a shutdown as soon as it has read', async () => {
    const running = await start(['--shutdown-deadline=60s'], { manualClock: true });
    const client = await fill(running, `${putHead(1)}x`);
    const stopped = running.service.stop();
    client.socket.resume();
    await Promise.all([stopped, client.closed]);
  });

  test.each([
    ['is not waited for', `${putHead(1)}x`],
    ['is not waited for with its last request', `${withField(putHead(1), 'Connection: close')}x`],
    ['is not waited for with what Node’s HTTP has to answer', 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'],
  ])('%s', async (_, last) => {
    const running = await start(['--keep-alive-timeout=5s', '--idle-timeout=10s'], { manualClock: true });
    await fill(running, last);
    running.clock!.turn(6.1);
    running.clock!.turn(9);
    await nextTurn();
    expect(running.service.traffic.connections).toBe(1); // it may be slow
    running.clock!.turn(2);
    await until(() => running.service.traffic.connections === 0);
    expect(running.clock!.pending).toBe(0);
  });

  test('is cut after a while by Node’s HTTP too', async () => {
    const { url, service } = await start(['--idle-timeout=200ms', '--headers-timeout=1ms']);
    const client = new RawClient(url);
    client.socket.pause();
    client.send('GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(1000)); // more than the system keeps
    await until(() => service.traffic.connections === 1);
    await until(() => service.traffic.connections === 0);
  });

  test('and one that stops within the body of an operation is cut too', async () => {
    const { url, service } = await start(['--idle-timeout=200ms', '--headers-timeout=1ms']);
    const client = new RawClient(url).send('POST /api/alerts HTTP/1.1\r\nHost: localhost\r\nContent-Length: 40\r\n\r\n{');
    await client.closed;
    await until(() => service.traffic.connections === 0);
  });

  test('is cut in an echo whose body back-pressure had paused', async () => {
    const flags = ['--direct-memory=160m', '--back-pressure=watermark', '--back-pressure-low=160m', '--back-pressure-high=160m', '--peer-latency=1s', '--idle-timeout=10s']; // prettier-ignore
    const running = await start(flags, { manualClock: true });
    const { service, clock } = running;
    const held = new RawClient(running.url).send(putHead(5), 'first'); // nobody else is read while the peer has it
    await until(() => service.traffic.peer.held === 1);
    const client = new RawClient(running.url);
    client.socket.pause();
    const echo = 16_000_000;
    client.send(post(putHead(echo, '/echo')), Buffer.alloc(echo));
    for (let i = 0; i < 400 && service.traffic.outcomes.timeout === 0; i++) {
      await nextTurn();
      clock!.turn(0.2);
    }
    expect(service.traffic.outcomes.timeout).toBe(1);
    held.socket.destroy();
  });
});

test('an echo whose client leaves before the system has taken it counts as left, however it was sent', async () => {
  for (const aggregator of ['on', 'off']) {
    const running = await start([`--aggregator=${aggregator}`]);
    const { service } = running;
    const socket = servedSocket(running);
    const client = new RawClient(running.url);
    client.socket.pause();
    const messages = () => service.runtime.pipeline.loops.reduce((sum, loop) => sum + loop.messages, 0);
    while ((socket()?.writableLength ?? 0) === 0) {
      const before = messages();
      client.send(post(putHead(60_000, '/echo')), Buffer.alloc(60_000));
      await until(() => messages() > before);
      await nextTurn();
    }
    const text = await service.metricsText();
    client.socket.resetAndDestroy();
    await until(() => service.traffic.connections === 0);
    const count = (metrics: string, name: string) => Number(new RegExp(`^${name} (\\d+)`, 'm').exec(metrics)?.[1]);
    const answered = 'http_requests_total{method="POST",code="200"}';
    const after = await service.metricsText();
    expect(count(after, answered)).toBe(count(text, answered));
    expect([count(after, 'http_requests_aborted_total{outcome="disconnected"}') > 0, count(after, 'http_requests_in_flight')]).toEqual([
      true,
      0,
    ]);
  }
});

describe('a turn that is long in coming is not the client’s silence', () => {
  const flags = ['--peer-bytes-per-second=100k', '--idle-timeout=10s', '--request-timeout=20s'];
  const first = 6_000_000; // a minute with the peer

  async function aMinute(running: Running, client: RawClient): Promise<void> {
    for (let i = 0; i < 65; i++) {
      running.clock!.turn(1);
      await nextTurn();
    }
    expect(client.isClosed).toBe(false);
  }

  test.each([
    ['ours', (head: string) => head],
    ['of Node’s HTTP', parsed],
  ])('an echo, %s', async (_, way) => {
    const running = await start(flags, { manualClock: true });
    const client = new RawClient(running.url).send(way(putHead(first)), Buffer.alloc(first), way(post(putHead(4, '/echo'))), 'ECHO');
    await until(() => running.service.traffic.peer.held === 2);
    await aMinute(running, client);
    await client.receives('ECHO');
    client.socket.destroy();
  });

  test('but bytes of a body without leave are: they do not come for ever', async () => {
    const { url, service, clock } = await start(flags, { manualClock: true });
    const client = new RawClient(url);
    client.send(putHead(first), Buffer.alloc(first), withField(putHead(1000), 'Expect: 100-continue'));
    await until(() => service.traffic.receiving === 1 && service.traffic.peer.held === 1);
    for (let i = 0; i < 15 && service.traffic.outcomes.timeout === 0; i++) {
      const before = service.runtime.pipeline.loops[0]!.receivedBytes;
      client.send('x');
      await until(() => service.runtime.pipeline.loops[0]!.receivedBytes > before || service.traffic.outcomes.timeout > 0);
      clock!.turn(2);
    }
    expect([service.traffic.outcomes.timeout, clock!.nowSeconds() < 30]).toEqual([1, true]);
    client.socket.destroy();
  });

  test('leave to send', async () => {
    const running = await start(flags, { manualClock: true });
    const client = new RawClient(running.url);
    client.send(putHead(first), Buffer.alloc(first), withField(putHead(4), 'Expect: 100-continue'));
    await until(() => running.service.traffic.receiving === 1 && running.service.traffic.peer.held === 1);
    await aMinute(running, client);
    await client.receives('100 Continue');
    client.send('abcd');
    await until(() => running.service.traffic.peer.held === 1);
    running.clock!.turn(1);
    await client.receives('"bytes":4,');
    client.socket.destroy();
  });
});

describe.each([
  ['ours', (head: string) => head],
  ['of Node’s HTTP', parsed],
])('shutting down, %s', (_, way) => {
  test('each request under way is answered, the connection closed with the last', async () => {
    const running = await start(['--peer-latency=10s', '--shutdown-deadline=60s'], { manualClock: true });
    const client = new RawClient(running.url).send(way(putHead(3)), 'abc', way(putHead(4)), 'abcd');
    await until(() => running.service.traffic.peer.held === 2);
    const stopped = running.service.stop();
    running.clock!.turn(11);
    await Promise.all([stopped, client.closed]);
    expect(client.received).toMatch(/"bytes":3,[^]*Connection: close[^]*"bytes":4,/);
  });

  test('an answer that has begun is sent whole, the connection closed after it', async () => {
    const running = await start(['--shutdown-deadline=60s'], { manualClock: true });
    const client = new RawClient(running.url);
    client.socket.pause();
    const echo = 16_000_000;
    client.send(way(post(putHead(echo, '/echo'))), Buffer.alloc(echo));
    await until(() => running.service.runtime.pipeline.loops.some(({ messages }) => messages === 1));
    const stopped = running.service.stop();
    client.socket.resume();
    await Promise.all([stopped, client.closed]);
    expect(client.received.length).toBeGreaterThan(echo);
  });
});
