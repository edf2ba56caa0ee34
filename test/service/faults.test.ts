// Clients that leave, dawdle, lie or talk nonsense: their buffers are released, they are counted by outcome and logged once.
import { describe, expect, test } from 'vitest';
import { snapshot } from '../../src/allocator/index.ts';
import { chunkedHead, putHead, randomBytes, RawClient, type Running, send, start, until } from './harness.ts';

const liveBuffers = ({ service }: Running): number => snapshot(service.runtime.allocator).liveBuffers;

async function aborted(running: Running, outcome: string): Promise<boolean> {
  return (await running.service.metricsText()).includes(`http_requests_aborted_total{outcome="${outcome}"} 1\n`);
}

describe.each([
  ['aggregated', '--aggregator=on'],
  ['slice by slice', '--aggregator=off'],
])('%s', (_, aggregator) => {
  test('a client that leaves after any number of bytes leaves nothing behind', async () => {
    const running = await start([aggregator]);
    const body = randomBytes(300_000);
    const cuts = [0, 1, 1023, 1024, 8196, 65_000, 65_536, 150_000, 299_999, ...Array.from({ length: 16 }, (_, i) => randomBytes(4, i).readUInt32LE() % 300_000)]; // prettier-ignore
    for (const [i, cut] of cuts.entries()) {
      const client = new RawClient(running.url);
      const head = [putHead(300_000), putHead(300_000, '/?digest=sha256'), putHead(300_000, '/echo').replace('PUT', 'POST')][i % 3]!;
      await client.send(head, body.subarray(0, cut)).flushed();
      await until(() => running.service.traffic.connections === 1);
      if (i % 2 === 0) client.socket.destroy();
      else client.socket.resetAndDestroy();
      await until(() => running.service.traffic.connections === 0);
      expect(liveBuffers(running)).toBe(0);
    }
    const { answered, exhausted } = running.service.traffic.outcomes;
    expect([answered, exhausted]).toEqual([0, 0]);
  });

  test('a body that falls silent is answered 408 and forgotten', async () => {
    const running = await start([aggregator, '--idle-timeout=10s'], { manualClock: true });
    const client = new RawClient(running.url);
    await client.send(putHead(1_000_000), Buffer.alloc(100_000)).flushed();
    await until(() => running.service.runtime.pipeline.loops[0]!.receivedBytes > 100_000);
    running.clock!.turn(13);
    await client.receives('TOO_SLOW');
    expect([client.received.slice(0, 12), liveBuffers(running), running.service.traffic.outcomes.timeout]).toEqual(['HTTP/1.1 408', 0, 1]);
    expect(running.logged).toMatchObject([{ outcome: 'timeout', receivedBytes: 100_000 }]);
    client.socket.destroy();
  });

  test('a body that trickles is answered 408 when the whole takes too long', async () => {
    const running = await start([aggregator, '--idle-timeout=10s', '--request-timeout=60s'], { manualClock: true });
    const client = new RawClient(running.url);
    client.send(putHead(1000));
    for (let sent = 1; !client.received.includes('408') && sent < 50; sent++) {
      const before = running.service.runtime.pipeline.loops[0]!.receivedBytes;
      client.send('x');
      await until(
        () => running.service.runtime.pipeline.loops[0]!.receivedBytes > before || running.service.traffic.outcomes.timeout === 1,
      );
      running.clock!.turn(5);
      if (running.service.traffic.outcomes.timeout === 1) await client.receives('TOO_SLOW');
    }
    expect(running.clock!.nowSeconds()).toBeGreaterThanOrEqual(60);
    client.socket.destroy();
  });

  test('a client that ends its side before the length it announced is told, and counted as that', async () => {
    const running = await start([aggregator]);
    const client = new RawClient(running.url);
    client.send(putHead(1000), 'only this').socket.end();
    await client.closed;
    expect(client.received.slice(0, 12)).toBe('HTTP/1.1 400');
    expect([running.service.traffic.outcomes.bad_length, await aborted(running, 'bad_length'), liveBuffers(running)]).toEqual([1, true, 0]);
    expect(running.logged).toHaveLength(1);
  });

  test('chunks that do not add up are told, and counted as that', async () => {
    const running = await start([aggregator]);
    const client = new RawClient(running.url);
    client.send(chunkedHead(), '5\r\nhello\r\nwhat?\r\n');
    await client.closed;
    expect(client.received.slice(0, 12)).toBe('HTTP/1.1 400');
    expect([running.service.traffic.outcomes.bad_length, liveBuffers(running)]).toEqual([1, 0]);
  });

  test.each([
    ['announced', putHead(2001), [Buffer.alloc(0)]],
    ['unannounced', chunkedHead(), ['7d0\r\n', Buffer.alloc(2000), '\r\n1\r\nx\r\n']],
  ])('a body over the limit, %s, is answered 413', async (__, head, parts) => {
    const running = await start([aggregator, '--body-limit=2000']);
    const client = new RawClient(running.url);
    await client.send(head, ...parts).receives('BODY_TOO_LARGE');
    expect([client.received.slice(0, 12), liveBuffers(running), running.service.traffic.outcomes.too_large]).toEqual([
      'HTTP/1.1 413',
      0,
      1,
    ]);
    client.socket.destroy();
  });

  test('a body of exactly the limit is served', async () => {
    const { url } = await start([aggregator, '--body-limit=2000']);
    expect((await send(url, new Uint8Array(2000))).status).toBe(200);
  });

  test('an echo that its client does not read is cut after a while', async () => {
    const running = await start([aggregator, '--idle-timeout=10s', '--direct-memory=512m'], { manualClock: true });
    const client = new RawClient(running.url);
    client.socket.pause();
    const length = 16 << 20;
    client.send(putHead(length, '/echo').replace('PUT', 'POST'));
    for (let sent = 0; sent < length && running.service.traffic.outcomes.timeout === 0; sent += 1 << 20) client.send(Buffer.alloc(1 << 20));
    await until(() => running.clock!.pending > 0 && running.service.runtime.pipeline.loops[0]!.receivedBytes > 0);
    for (let i = 0; i < 2000 && running.service.traffic.connections > 0; i++) {
      await new Promise<void>((resolve) => void setImmediate(resolve));
      running.clock!.turn(0.05);
    }
    expect([running.service.traffic.outcomes.timeout, liveBuffers(running)]).toEqual([1, 0]);
    client.socket.destroy();
  });
});

test('garbage instead of a request is answered 400, counted and logged once', async () => {
  const running = await start();
  const client = new RawClient(running.url);
  await client.send('this is no HTTP\r\n\r\n').closed;
  expect(client.received).toMatch(/^HTTP\/1\.1 400 .*MALFORMED_REQUEST/s);
  expect([await aborted(running, 'garbage'), running.logged.length]).toEqual([true, 1]);
});

test('more bytes than announced are garbage; the request before them is served', async () => {
  const running = await start();
  const client = new RawClient(running.url);
  await client.send(putHead(3), 'abc and more\r\n\r\n').closed;
  expect(client.received).toContain('"bytes":3');
  expect(running.service.traffic.outcomes.answered).toBe(1);
});

test('a head over 16 KiB is answered 431', async () => {
  const { url } = await start();
  const client = new RawClient(url);
  await client.send(`GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`).closed;
  expect(client.received).toMatch(/^HTTP\/1\.1 431 .*HEAD_TOO_LARGE/s);
});

test('a head that does not come is answered 408', async () => {
  const running = await start(['--headers-timeout=1ms']);
  const client = new RawClient(running.url);
  await client.send('PUT / HT').closed;
  expect(client.received).toMatch(/^HTTP\/1\.1 408 .*TOO_SLOW/s);
  expect(await aborted(running, 'timeout')).toBe(true);
});

test('a refused Expect: 100-continue gets its answer without sending the body', async () => {
  const { url } = await start(['--body-limit=10']);
  const client = new RawClient(url);
  const head = putHead(1_000_000).replace('\r\n\r\n', '\r\nExpect: 100-continue\r\n\r\n');
  await client.send(head).receives('BODY_TOO_LARGE');
  expect(client.received).not.toContain('100 Continue');
  client.socket.destroy();
});

test('requests that wait behind one on the same connection go with it', async () => {
  const running = await start();
  const client = new RawClient(running.url);
  await client.send(putHead(10), '0123456789', putHead(1000), 'abc').receives('"bytes":10');
  client.socket.resetAndDestroy();
  await until(() => running.service.traffic.connections === 0);
  expect(running.service.traffic.outcomes).toMatchObject({ answered: 1, disconnected: 1 });
});

test('connections over the limit are closed at once', async () => {
  const { url } = await start(['--max-connections=1']);
  const [first, second] = [new RawClient(url), new RawClient(url)];
  await first.send(putHead(1)).flushed();
  await Promise.race([first.closed, second.closed]);
  const [open, shut] = first.isClosed ? [second, first] : [first, second];
  expect([shut.isClosed, shut.received]).toEqual([true, '']);
  open.socket.destroy();
});
