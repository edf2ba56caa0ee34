// Out of direct memory is an outcome: 503 that says why, everything released, everybody else served.
import { describe, expect, test } from 'vitest';
import { NONE, snapshot } from '../../src/allocator/index.ts';
import { chunkedHead, putHead, RawClient, send, start, until } from './harness.ts';

const MIB = 1 << 20;
const liveBuffers = ({ service }: Awaited<ReturnType<typeof start>>): number => snapshot(service.runtime.allocator).liveBuffers;

// Whatever sizes the socket delivers: 40 MiB do not fit, and in the second row copies past a chunk's 64 KiB run out before anything else.
describe.each([
  ['chunk', 16 * MIB, 16 * MIB, []],
  ['huge', 4 * MIB, 65_537, ['--max-order=3', '--max-components=16']],
])('no room for a %s', (cause, limitBytes, leastAskedBytes, more) => {
  const flags = [`--direct-memory=${limitBytes}`, '--arenas=1', ...more];

  test('answers 503 with cause and numbers, and Retry-After', async () => {
    const { url } = await start(flags);
    const answer = await send(url, new Uint8Array(40 * MIB));
    const body = (await answer.json()) as Record<string, number>;
    expect([answer.status, answer.headers.get('content-type'), answer.headers.get('retry-after')]).toEqual([503, 'application/problem+json', '1']); // prettier-ignore
    expect(body).toMatchObject({
      type: 'urn:arenascope:problem:DIRECT_MEMORY_EXHAUSTED',
      status: 503,
      cause,
      limitBytes,
    });
    expect(body['askedBytes']).toBeGreaterThanOrEqual(leastAskedBytes);
    expect(body['reservedBytes']! + body['askedBytes']!).toBeGreaterThan(body['limitBytes']!);
  });

  test('releases everything at once, and counts and logs it once', async () => {
    const running = await start(flags);
    const client = new RawClient(running.url);
    client.send(putHead(40 * MIB));
    for (let sent = 0; sent < 40 && !client.received.includes('503'); sent++) {
      client.send(Buffer.alloc(MIB));
      await client.flushed();
    }
    await client.receives('"limitBytes"');
    expect(liveBuffers(running)).toBe(0); // though the client has not ended its body
    expect(running.service.traffic.outcomes.exhausted).toBe(1);
    expect(running.logged.filter((line) => line['outcome'] === 'exhausted')).toMatchObject([{ level: 40, method: 'PUT' }]);
    client.socket.destroy();
  });
});

test('a request under way at the same time, and those after, are served', async () => {
  const { url } = await start(['--direct-memory=16m', '--arenas=1']);
  const other = new RawClient(url);
  await other.send(putHead(100_000), Buffer.alloc(60_000)).flushed();
  expect((await send(url, new Uint8Array(30 * MIB))).status).toBe(503);
  await other.send(Buffer.alloc(40_000)).receives('"bytes":100000');
  expect((await send(url, new Uint8Array(1000))).status).toBe(200);
  other.socket.destroy();
});

test('a little of a refused body left over costs the connection nothing', async () => {
  const { url } = await start(['--direct-memory=256k', '--max-order=5', '--arenas=1']);
  const client = new RawClient(url);
  await client.send(putHead(1_000_000), Buffer.alloc(1_000_000)).receives('503');
  await client.send(putHead(2), 'ok').receives('"bytes":2');
  expect(client.received).not.toContain('Connection: close');
  client.socket.destroy();
});

test('a large rest closes the connection, when the client has had its answer', async () => {
  const { url, clock, service } = await start(['--direct-memory=256k', '--max-order=5', '--arenas=1'], { manualClock: true });
  const client = new RawClient(url);
  client.send(putHead(100 * MIB), Buffer.alloc(12 * MIB));
  await client.receives('"limitBytes"');
  expect(client.received).toContain('Connection: close');
  await until(() => clock!.pending > 0);
  clock!.turn(3); // it does not stop sending: it is cut
  await client.closed;
  expect(service.traffic.outcomes.exhausted).toBe(1);
});

test('slice by slice a slow consumer holds memory until none is left', async () => {
  const running = await start(['--aggregator=off', '--direct-memory=16m', '--arenas=1', '--peer-bytes-per-second=1k'], {
    manualClock: true,
  });
  const client = new RawClient(running.url);
  await client.send(chunkedHead(), (30 * MIB).toString(16), '\r\n', Buffer.alloc(30 * MIB)).receives('"limitBytes"');
  expect(client.received).toContain('"cause":"chunk"');
  expect(liveBuffers(running)).toBe(0);
  client.socket.destroy();
});

test('an echo that is under way is cut off rather than ended as if it were whole', async () => {
  const running = await start(['--aggregator=off', '--direct-memory=16m', '--arenas=1']);
  const client = new RawClient(running.url);
  const part = ['80000\r\n', Buffer.alloc(0x80000), '\r\n'];
  client.send(chunkedHead('/echo').replace('PUT', 'POST'), ...part);
  await until(() => client.received.length > 0x80000);
  const { allocator, pipeline } = running.service.runtime;
  const hog = [MIB, 65_536, 8192].flatMap((bytes) => takeAll(() => allocator.allocate(pipeline.loops[0]!.cache, bytes)));
  await client.send(...part, ...part, ...part, '0\r\n\r\n').closed;
  expect([client.received.endsWith('0\r\n\r\n'), running.service.traffic.outcomes.exhausted]).toEqual([false, 1]);
  for (const ref of hog) allocator.release(ref);
});

function takeAll(allocate: () => number): number[] {
  const taken: number[] = [];
  for (let ref = allocate(); ref !== NONE; ref = allocate()) taken.push(ref);
  return taken;
}
