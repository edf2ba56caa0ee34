// The peer keeps messages until it answers, and back-pressure keeps sockets from bringing more than there is room for.
import { describe, expect, test } from 'vitest';
import { snapshot } from '../../src/allocator/index.ts';
import { chunkedHead, putHead, RawClient, type Running, send, start, until } from './harness.ts';

const MIB = 1 << 20;
const live = ({ service }: Running): number =>
  snapshot(service.runtime.allocator).arenas.flatMap(({ lists }) => lists.flatMap(({ chunks }) => chunks)).reduce((sum, { liveBytes }) => sum + liveBytes, 0); // prettier-ignore

describe('a slow peer', () => {
  test('holds the message until it answers', async () => {
    const running = await start(['--peer-latency=30s'], { manualClock: true });
    const client = new RawClient(running.url).send(putHead(100_000), Buffer.alloc(100_000));
    await until(() => running.service.traffic.peer.held === 1);
    expect([live(running) >= 100_000, client.received]).toEqual([true, '']);
    running.clock!.turn(31);
    await client.receives('"bytes":100000');
    expect(live(running)).toBe(0);
    client.socket.destroy();
  });

  test('takes time by the size of the message too', async () => {
    const running = await start(['--peer-bytes-per-second=1000'], { manualClock: true });
    const client = new RawClient(running.url).send(putHead(5000), Buffer.alloc(5000));
    await until(() => running.service.traffic.peer.held === 1);
    running.clock!.turn(4.9);
    expect(running.service.traffic.peer.held).toBe(1);
    running.clock!.turn(0.2);
    await client.receives('"bytes":5000');
    client.socket.destroy();
  });

  test('works on so many at a time; the others wait, and are kept', async () => {
    const running = await start(['--peer-latency=10s', '--peer-concurrency=1'], { manualClock: true });
    const clients = [1, 2, 3].map((i) => new RawClient(running.url).send(putHead(i), 'x'.repeat(i)));
    await until(() => running.service.traffic.peer.held === 3);
    for (let left = 2; left >= 0; left--) {
      running.clock!.turn(10.1);
      expect(running.service.traffic.peer.held).toBe(left);
    }
    for (const client of clients) await client.receives('"bytes"');
    for (const client of clients) client.socket.destroy();
  });

  test('keeps what it works on although the client has left, and never starts on what waited', async () => {
    const running = await start(['--peer-latency=10s', '--peer-concurrency=1'], { manualClock: true });
    const [first, second] = [new RawClient(running.url).send(putHead(10), '0123456789'), new RawClient(running.url)];
    await until(() => running.service.traffic.peer.busy === 1);
    second.send(putHead(10), '0123456789');
    await until(() => running.service.traffic.peer.held === 2);
    for (const client of [first, second]) client.socket.destroy();
    await until(() => running.service.traffic.connections === 0);
    expect([running.service.traffic.peer.held, live(running) > 0]).toEqual([1, true]);
    running.clock!.turn(11);
    expect([running.service.traffic.peer.held, live(running)]).toEqual([0, 0]);
    expect(running.service.traffic.outcomes.disconnected).toBe(2);
  });

  test('does not keep a connection from bringing its next request', async () => {
    const running = await start(['--peer-latency=10s'], { manualClock: true });
    const client = new RawClient(running.url).send(putHead(3), 'abc', putHead(4), 'abcd');
    await until(() => running.service.traffic.peer.held === 2);
    running.clock!.turn(10.1);
    await client.receives('"bytes":4');
    client.socket.destroy();
  });

  test('reads slices at its own pace where nothing aggregates, each released when read', async () => {
    const running = await start(['--aggregator=off', '--peer-bytes-per-second=10000'], { manualClock: true });
    const client = new RawClient(running.url).send(chunkedHead(), '9c40\r\n', Buffer.alloc(40_000), '\r\n0\r\n\r\n');
    await until(() => running.service.runtime.pipeline.loops[0]!.messages === 1);
    const all = snapshot(running.service.runtime.allocator).liveBuffers;
    running.clock!.turn(2);
    const half = snapshot(running.service.runtime.allocator).liveBuffers;
    expect([client.received, half > 0, half < all]).toEqual(['', true, true]);
    running.clock!.turn(2.5);
    await client.receives('"bytes":40000');
    client.socket.destroy();
  });
});

test('slices of one request are read out while the next is received on the same connection', async () => {
  const running = await start(['--aggregator=off', '--peer-bytes-per-second=10000'], { manualClock: true });
  const client = new RawClient(running.url).send(putHead(20_000), Buffer.alloc(20_000), putHead(9000), Buffer.alloc(4000));
  await until(() => running.service.runtime.pipeline.loops[0]!.receivedBytes > 24_000);
  running.clock!.turn(2.5);
  await client.receives('"bytes":20000');
  client.send(Buffer.alloc(5000));
  await until(() => running.service.runtime.pipeline.loops[0]!.messages === 2);
  running.clock!.turn(2);
  await client.receives('"bytes":9000');
  client.socket.destroy();
});

describe('back-pressure', () => {
  const flags = ['--direct-memory=64m', '--arenas=1', '--peer-latency=10s'];
  const watermark = ['--back-pressure=watermark', '--back-pressure-low=20m', '--back-pressure-high=30m'];
  const length = 12 * MIB; // one consolidation: a whole chunk held

  async function burst(running: Running, count: number): Promise<RawClient[]> {
    const clients = Array.from({ length: count }, () => new RawClient(running.url));
    for (const client of clients) {
      client.send(putHead(length), Buffer.alloc(length));
      await new Promise<void>((resolve) => void setImmediate(resolve));
    }
    return clients;
  }

  async function untilAnswered(running: Running, clients: readonly RawClient[]): Promise<string[]> {
    while (!clients.every(({ received, isClosed }) => isClosed || /\r\n\r\n\{/.test(received))) {
      // Time passes only while nobody is read: how fast bytes come over a real socket is not the test's to say.
      const { runtime, traffic } = running.service;
      if (traffic.peer.held > 0 && (!runtime.backPressure.reading || traffic.receiving === 0)) running.clock!.turn(1);
      await new Promise<void>((resolve) => void setImmediate(resolve));
    }
    return clients.map(({ received }) => received.slice(9, 12));
  }

  test('off: a burst that a slow peer holds runs out of memory', async () => {
    const running = await start(flags, { manualClock: true });
    const clients = await burst(running, 8);
    const statuses = await untilAnswered(running, clients);
    expect(statuses).toContain('503');
    for (const client of clients) client.socket.destroy();
  });

  test('watermark: the same burst is served whole, only later', async () => {
    const running = await start([...flags, ...watermark], { manualClock: true });
    const clients = await burst(running, 8);
    const statuses = await untilAnswered(running, clients);
    expect(statuses).toEqual(clients.map(() => '200'));
    expect(running.service.runtime.backPressure.changes).toBeGreaterThan(0);
    for (const client of clients) client.socket.destroy();
  });

  test('a client that is kept waiting is not too slow', async () => {
    const running = await start([...flags, ...watermark, '--idle-timeout=2s', '--request-timeout=4s'], { manualClock: true });
    const clients = await burst(running, 6);
    const statuses = await untilAnswered(running, clients);
    expect(statuses).toEqual(clients.map(() => '200'));
    for (const client of clients) client.socket.destroy();
  });

  test('never stands still: with nothing held the oldest request goes on, however low the headroom', async () => {
    const running = await start([
      '--direct-memory=32m',
      '--arenas=1',
      '--back-pressure=watermark',
      '--back-pressure-low=100%',
      '--back-pressure-high=100%',
    ]);
    expect((await send(running.url, new Uint8Array(MIB))).status).toBe(200);
    expect(running.service.runtime.backPressure.reading).toBe(false);
    const answers = await Promise.all([1, 2, 3, 4].map(() => send(running.url, new Uint8Array(MIB))));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  });
});
