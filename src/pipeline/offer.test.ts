// A source that writes where it is told takes the same buffers, in the same order, as one whose bytes are handed over.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { check, type NettyVersion, NONE, PooledAllocator, snapshot, viewBytes } from '../allocator/index.ts';
import { type Connection, FAILED, IDLE } from './connection.ts';
import type { Message } from './message.ts';
import { Pipeline } from './pipeline.ts';

function create(version: NettyVersion = '4.1.0.CR3', limitBytes = 1 << 28) {
  const allocator = new PooledAllocator({ version, directArenas: 1, limitBytes, memory: 'real' });
  const messages: Message[] = [];
  const pipeline = new Pipeline(allocator, { onMessage: (_, message) => void messages.push(message) }, { eventLoops: 1 });
  const reads: [capacity: number, bytes: number][] = [];
  pipeline.readObserver = (capacity, bytes) => void reads.push([capacity, bytes]);
  return { allocator, pipeline, messages, reads, connection: pipeline.open() };
}
type World = ReturnType<typeof create>;

/** One readable event of so many bytes, as a socket brings it: reads until one is short or there are none left. */
function event({ pipeline, allocator, connection }: World, body: Uint8Array, from: number, to: number): number {
  let at = from;
  for (let reads = 0; reads < 16 && connection.state < FAILED && connection.state !== IDLE; reads++) {
    const capacity = connection.predictor.bytes;
    const ref = pipeline.offer(connection);
    if (ref === NONE) break;
    const got = Math.min(capacity, to - at);
    viewBytes(allocator, ref, 0, got).set(body.subarray(at, at + got));
    pipeline.accept(connection, got);
    at += got;
    if (got < capacity) break;
  }
  return at;
}

const sizes = fc.array(fc.integer({ min: 1, max: 300_000 }), { minLength: 1, maxLength: 12 });

describe.each(['4.1.0.CR3', '4.1.48.Final'] as const)('%s', (version) => {
  test('the reads, the messages and the arenas are those of bytes handed over', () => {
    fc.assert(
      fc.property(sizes, (arrivals) => {
        const bytes = arrivals.reduce((sum, size) => sum + size, 0);
        const body = new Uint8Array(bytes).map((_, i) => i * 31);
        const [given, told] = [create(version), create(version)];
        for (const world of [given, told]) world.pipeline.begin(world.connection, 0, bytes);
        let at = 0;
        for (const size of arrivals) {
          for (let from = at; from < at + size;) from += given.pipeline.read(given.connection, at + size - from, body, from);
          for (let from = at; from < at + size;) from = event(told, body, from, at + size);
          at += size;
        }
        const trimmed = ({ reads }: World) => reads.filter(([, got]) => got > 0); // the last read of a body finds nothing more to offer a room for
        expect(trimmed(told)).toEqual(trimmed(given));
        expect(Buffer.concat([...told.messages[0]!.views()]).equals(body)).toBe(true);
        expect(told.connection.loop.receivedBytes).toBe(bytes);
        for (const world of [given, told]) {
          check(world.allocator);
          world.pipeline.drop(world.messages[0]!);
          expect(snapshot(world.allocator).liveBuffers).toBe(0);
        }
        expect(told.allocator.arenas.map(String)).toEqual(given.allocator.arenas.map(String));
      }),
      { numRuns: 60 },
    );
  });
});

test('an offer that nothing came for is given back', () => {
  const world = create();
  world.pipeline.begin(world.connection, 0, 100);
  world.pipeline.offer(world.connection);
  expect(snapshot(world.allocator).liveBuffers).toBe(1);
  world.pipeline.accept(world.connection, 0);
  expect(snapshot(world.allocator).liveBuffers).toBe(0);
});

test.each(['withdraw', 'close'] as const)('an offer is given back by %s', (how) => {
  const world = create();
  world.pipeline.begin(world.connection, 0, 100);
  world.pipeline.offer(world.connection);
  world.pipeline[how](world.connection);
  expect(snapshot(world.allocator).liveBuffers).toBe(0);
  world.pipeline.accept(world.connection, 50); // comes too late, for a buffer that is gone
  expect(world.connection.receivedBytes).toBe(0);
});

test('without memory there is no offer, and the connection has failed', () => {
  const world = create('4.1.0.CR3', 1);
  world.pipeline.begin(world.connection, 0, 100);
  expect(world.pipeline.offer(world.connection)).toBe(NONE);
  expect(world.connection.state).toBe(FAILED);
  expect(world.pipeline.offer(world.connection)).toBe(NONE);
});

test('two offers at once are refused: the first would be lost', () => {
  const { pipeline, connection }: { pipeline: Pipeline; connection: Connection } = create();
  pipeline.begin(connection, 0, 100);
  pipeline.offer(connection);
  expect(() => pipeline.offer(connection)).toThrow(/offered twice/);
});

test('bytes handed over end an event of offers, so that the next one starts anew', () => {
  const world = create();
  const { pipeline, connection } = world;
  pipeline.begin(connection, 0, 3_000_000);
  const body = new Uint8Array(1 << 20);
  for (let i = 0; i < 3; i++) pipeline.readAll(connection, body.subarray(0, 300_000)); // its receive buffers are large now
  const { loop } = connection;
  const before = loop.receivedBytes;
  const { bytes } = connection.predictor;
  pipeline.offer(connection);
  pipeline.accept(connection, bytes);
  expect(connection.eventBytes).toBe(bytes);
  pipeline.readAll(connection, body.subarray(0, 1000));
  expect([connection.eventBytes, connection.eventReads, loop.receivedBytes - before]).toEqual([0, 0, bytes + 1000]);
  pipeline.close(connection);
  expect(snapshot(world.allocator).liveBuffers).toBe(0);
});
