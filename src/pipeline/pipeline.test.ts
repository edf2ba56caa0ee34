// A socket's bytes on their way: slices, aggregation, ends of all kinds; nothing stays live, and what arrives is what can be read.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AllocatorOptions, check, lengthOf, NONE, PooledAllocator, snapshot, viewBytes } from '../allocator/index.ts';
import { type Connection, CLOSED, FAILED, IDLE } from './connection.ts';
import type { Handler } from './handler.ts';
import type { Message } from './message.ts';
import { Pipeline } from './pipeline.ts';
import type { PipelineOptions } from './pipeline-options.ts';

const PATTERN = Buffer.from('0123456789abcdef');
const body = (bytes: number, first = 0) => Buffer.alloc(bytes + first, PATTERN).subarray(first);

interface World {
  readonly allocator: PooledAllocator;
  readonly pipeline: Pipeline;
  readonly messages: Message[]; // kept, not answered
  readonly slices: { bytes: string; length: number; last: boolean }[];
}
function create(options: Partial<PipelineOptions> = {}, memory: Partial<AllocatorOptions> = {}, handler: Partial<Handler> = {}): World {
  const allocator = new PooledAllocator({ directArenas: 2, limitBytes: 1 << 28, memory: 'real', ...memory });
  const messages: Message[] = [];
  const slices: World['slices'] = [];
  const keeper: Handler = {
    onMessage: (_, message) => messages.push(message),
    onSlice(_, ref, offset, length, last) {
      slices.push({ bytes: ref === NONE ? '' : Buffer.from(viewBytes(allocator, ref, offset, offset + length)).toString(), length, last });
      if (ref !== NONE) allocator.release(ref);
    },
    ...handler,
  };
  return { allocator, messages, slices, pipeline: new Pipeline(allocator, keeper, { eventLoops: 1, ...options }) };
}
const content = (message: Message) => Buffer.concat([...message.views()]).toString();
const lengths = (message: Message) => [...message.lengths.subarray(0, message.count)];
const liveBuffers = ({ allocator }: World) => snapshot(allocator).liveBuffers;

/** A request with its head in front, delivered at once; receive buffers of one size. */
const FIXED = (bytes: number) => ({ minimum: bytes, initial: bytes, maximum: bytes, maxReads: 16 });
function deliver(world: World, bytes: number, headBytes = 0, connection = world.pipeline.open()): Connection {
  world.pipeline.begin(connection, headBytes, bytes);
  world.pipeline.readAll(connection, Buffer.concat([Buffer.alloc(headBytes, 'H'), body(bytes)]));
  return connection;
}

describe('slices', () => {
  test('are at most 8196 bytes, from the start of each receive buffer', () => {
    const world = create({ receive: FIXED(16_384) });
    deliver(world, 40_000);
    expect(lengths(world.messages[0]!)).toEqual([8196, 8188, 8196, 8188, 7232]);
    expect(content(world.messages[0]!)).toBe(body(40_000).toString());
  });

  test('begin after the head, which may be spread over several reads', () => {
    for (const headBytes of [1, 511, 512, 513, 1500]) {
      const world = create({ receive: FIXED(512) });
      deliver(world, 1000, headBytes);
      expect(content(world.messages[0]!)).toBe(body(1000).toString());
      const first = 512 - (headBytes % 512);
      expect(lengths(world.messages[0]!)).toEqual(first + 512 >= 1000 ? [first, 1000 - first] : [first, 512, 488 - first]);
    }
  });

  test('each hold a reference: the receive buffer lives until the last of them goes', () => {
    const world = create({ receive: FIXED(32_768) });
    deliver(world, 30_000);
    expect([world.messages[0]!.count, liveBuffers(world)]).toEqual([4, 1]);
    world.pipeline.drop(world.messages[0]!);
    expect(liveBuffers(world)).toBe(0);
  });
});

describe('a head that is kept apart from the body', () => {
  test.each([0, 5, 1000])('is read first; the body of %i bytes follows in the same receive buffers', (bytes) => {
    const world = create({ receive: FIXED(64) });
    const connection = world.pipeline.open();
    world.pipeline.begin(connection, 100, bytes, Buffer.alloc(100, 'H'));
    expect(world.pipeline.readAll(connection, body(bytes))).toBe(bytes);
    expect([content(world.messages[0]!), connection.loop.receivedBytes]).toEqual([body(bytes).toString(), 100 + bytes]);
    if (bytes > 0) expect(world.messages[0]!.lengths[0]).toBe(Math.min(28, bytes));
  });
});

describe('the read loop', () => {
  const readsOf = (available: number, maxReads = 16) => {
    const world = create({ receive: { ...FIXED(1024), maxReads } });
    const reads: string[] = [];
    world.pipeline.readObserver = (capacity, bytes) => reads.push(`${capacity}:${bytes}`);
    const connection = world.pipeline.open();
    world.pipeline.begin(connection, 0, 10 ** 6);
    return [reads, world.pipeline.read(connection, available, null)];
  };
  test('stops after a read that did not fill its buffer', () => expect(readsOf(1500)).toEqual([['1024:1024', '1024:476'], 1500]));
  test('reads once more, nothing, where the last buffer was filled', () => {
    expect(readsOf(2048)).toEqual([['1024:1024', '1024:1024', '1024:0'], 2048]);
  });
  test('stops after 16 reads', () => expect(readsOf(100_000)).toEqual([Array(16).fill('1024:1024'), 16_384]));
  test('takes a buffer even for nothing, and gives it back', () => expect(readsOf(0)).toEqual([['1024:0'], 0]));
});

describe('a body of unknown length', () => {
  test('ends when it is said to', () => {
    const world = create();
    const connection = world.pipeline.open();
    world.pipeline.begin(connection, 10, Infinity);
    for (const part of [body(5010), body(700, 0), body(0)]) world.pipeline.readAll(connection, part);
    expect(world.messages.length).toBe(0);
    world.pipeline.end(connection);
    expect([world.messages.length, world.messages[0]!.bytes, connection.state]).toEqual([1, 5700, IDLE]);
  });

  test('may be empty', () => {
    const world = create();
    const connection = world.pipeline.open();
    world.pipeline.begin(connection, 10, Infinity);
    world.pipeline.readAll(connection, body(10));
    world.pipeline.end(connection);
    expect([world.messages[0]!.bytes, world.messages[0]!.count]).toEqual([0, 0]);
  });

  test('cannot end before it began, nor one whose length is known', () => {
    const world = create();
    const connection = world.pipeline.open();
    expect(() => world.pipeline.end(connection)).toThrow(/state 0/);
    world.pipeline.begin(connection, 0, 100);
    world.pipeline.readAll(connection, body(50));
    expect(() => world.pipeline.end(connection)).toThrow(/50 bytes to come/);
    expect(() => world.pipeline.begin(connection, 0, 1)).toThrow(/began in state 2/);
  });
});

test('a request without a body is a whole message as soon as its head is read', () => {
  const world = create();
  deliver(world, 0, 100);
  expect(world.messages.map(({ bytes, slices }) => [bytes, slices])).toEqual([[0, 0]]);
});

test('one connection carries one request after another, its predictor learning on', () => {
  const world = create();
  const connection = world.pipeline.open();
  for (const bytes of [3000, 0, 100_000]) deliver(world, bytes, 50, connection);
  expect(world.messages.map(({ bytes }) => bytes)).toEqual([3000, 0, 100_000]);
  expect(connection.predictor.bytes).toBe(65_536);
  expect(connection.loop).toMatchObject({ connections: 1, messages: 3, failures: 0, receivedBytes: 103_150 });
});

describe('consolidation', () => {
  test('is counted, told, and keeps the bytes', () => {
    const told: number[] = [];
    const world = create({ maxComponents: 4, sliceBytes: 100, receive: FIXED(1024) }, {}, { onConsolidated: (_, bytes) => told.push(bytes) });
    const connection = deliver(world, 1000);
    expect(told).toEqual([500, 900]);
    expect(connection.loop).toMatchObject({ consolidations: 2, copiedBytes: 1400 });
    expect([content(world.messages[0]!), lengths(world.messages[0]!), world.messages[0]!.slices]).toEqual([body(1000).toString(), [900, 100], 10]); // prettier-ignore
  }); // prettier-ignore
});

describe('connections', () => {
  test('are dealt to event loops in turn, or opened on one that is named, and counted', () => {
    const { pipeline } = create({ eventLoops: 3 });
    const opened = [0, 1, 2, 3].map(() => pipeline.open());
    const named = pipeline.open(pipeline.loops[2]);
    expect([...opened, named].map(({ loop }) => loop.index)).toEqual([0, 1, 2, 0, 2]);
    expect(pipeline.loops.map(({ arena }) => arena)).toEqual([0, 1, 0]);
    pipeline.close(opened[0]!);
    pipeline.close(opened[0]!); // twice is once
    expect(pipeline.loops.map(({ connections }) => connections)).toEqual([1, 1, 2]);
  });

  test('have their own handlers', () => {
    const world = create();
    const seen: string[] = [];
    const open = (name: string) => world.pipeline.open(undefined, { onMessage: (_, message) => { seen.push(name); world.pipeline.answer(message); } }); // prettier-ignore
    for (const name of ['a', 'b', 'a']) deliver(world, 10, 0, open(name));
    expect([seen, world.messages]).toEqual([['a', 'b', 'a'], []]);
  });
});

describe('an end of every kind leaves nothing live', () => {
  const HALF = 50_000;
  function half(world: World, total = 2 * HALF): Connection {
    const connection = world.pipeline.open();
    world.pipeline.begin(connection, 20, total);
    world.pipeline.readAll(connection, body(20 + HALF));
    expect(liveBuffers(world)).toBeGreaterThan(0);
    return connection;
  }
  const ends: readonly [string, (world: World, connection: Connection) => unknown][] = [
    ['closed', ({ pipeline }, connection) => pipeline.close(connection)],
    ['abandoned', ({ pipeline }, connection) => pipeline.abandon(connection)],
    ['answered early', ({ pipeline }, connection) => pipeline.respond(connection, Buffer.from('413'))],
    ['answered', ({ pipeline, messages }, connection) => { pipeline.readAll(connection, body(HALF)); pipeline.answer(messages[0]!); }],
    ['dropped', ({ pipeline, messages }, connection) => { pipeline.readAll(connection, body(HALF)); pipeline.drop(messages[0]!); }],
    ['answered after its connection closed', ({ pipeline, messages }, connection) => { pipeline.readAll(connection, body(HALF)); pipeline.close(connection); pipeline.answer(messages[0]!); }],
  ]; // prettier-ignore
  test.each(ends)('%s', (_, end) => {
    const world = create();
    end(world, half(world));
    expect(liveBuffers(world)).toBe(0);
    check(world.allocator);
  });

  test.each([
    ['closed', 'close'],
    ['abandoned', 'abandon'],
  ] as const)('%s, and the rest of the body comes all the same: it is read and dropped', (_, end) => {
    for (const aggregate of [true, false]) {
      const world = create({ aggregate });
      const connection = world.pipeline.open();
      world.pipeline.begin(connection, 0, 2 * HALF);
      world.pipeline.readAll(connection, body(HALF));
      world.pipeline[end](connection);
      world.pipeline.readAll(connection, body(HALF));
      expect([liveBuffers(world), world.messages, world.slices.some(({ last }) => last)]).toEqual([0, [], false]);
    }
  });

  test('abandoned by the handler in the middle of a receive buffer', () => {
    for (const end of ['close', 'abandon'] as const) {
      const world: World = create({ sliceBytes: 10, aggregate: false }, {}, { onSlice: stop });
      function stop(connection: Connection, ref: number): void {
        world.allocator.release(ref);
        world.pipeline[end](connection);
      }
      const connection = deliver(world, 500);
      expect([connection.slices, liveBuffers(world)]).toEqual([1, 0]);
    }
  });

  test.each(['answer', 'drop'] as const)('a message is answered or dropped once: a second %s is an error', (end) => {
    const world = create();
    deliver(world, 100);
    world.pipeline.drop(world.messages[0]!);
    expect(() => world.pipeline[end](world.messages[0]!)).toThrow(/^message: answered or dropped before \(expected: /);
    expect(liveBuffers(world)).toBe(0);
    for (const bytes of [10, 20]) deliver(world, bytes);
    expect(world.messages.slice(1).map(({ bytes }) => bytes)).toEqual([10, 20]); // two messages, not one shared
  });

  test('a connection whose request was given up can begin another', () => {
    const world = create();
    const connection = half(world);
    world.pipeline.abandon(connection);
    deliver(world, 1234, 5, connection);
    expect([world.messages.length, content(world.messages[0]!)]).toEqual([1, body(1234).toString()]);
  });
});

describe('the response', () => {
  test('is a buffer of 256 bytes, taken before the request is released', () => {
    const taken: number[] = [];
    const world = create();
    deliver(world, 1000);
    const { allocator } = world;
    const allocate = allocator.allocate.bind(allocator);
    allocator.allocate = (cache, bytes) => (taken.push(bytes, snapshot(allocator).liveBuffers), allocate(cache, bytes));
    expect(world.pipeline.answer(world.messages[0]!, Buffer.alloc(300, 'r'))).toBe(true);
    expect([taken, liveBuffers(world)]).toEqual([[256, 1], 0]);
  });
});

describe('out of direct memory', () => {
  const SMALL = { directArenas: 1, maxOrder: 3, tinyCacheSize: 0, smallCacheSize: 0, normalCacheSize: 0 }; // chunks of 64 KiB
  test('on a receive buffer: the read ends, the request has failed, and is released with its answer', () => {
    const world = create({ receive: FIXED(32_768) }, { ...SMALL, limitBytes: 65_536 });
    const connection = deliver(world, 200_000);
    expect([connection.state, connection.receivedBytes, connection.loop.failures]).toEqual([FAILED, 65_536, 1]);
    expect(world.allocator.lastExhaustion.cause).toBe('chunk');
    expect(world.pipeline.respond(connection)).toBe(false); // not even the answer found room
    expect([liveBuffers(world), connection.state]).toEqual([0, IDLE]);
  });

  test('in a consolidation: the rest of the receive buffer is still decoded, each slice tries again, then no more is read', () => {
    const world = create({ receive: FIXED(32_768), sliceBytes: 8192, maxComponents: 6 }, { ...SMALL, limitBytes: 65_536 + 8192 });
    const connection = world.pipeline.open();
    world.pipeline.begin(connection, 0, 200_000);
    expect(world.pipeline.read(connection, 200_000, body(200_000))).toBe(65_536); // the 7th and 8th slice fail
    expect([connection.state, connection.message!.count, connection.receivedBytes]).toEqual([FAILED, 8, 65_536]);
    expect([world.allocator.exhausted, connection.loop.failures]).toEqual([{ chunk: 2, huge: 0 }, 1]);
    expect(content(connection.message!)).toBe(body(65_536).toString());
    world.pipeline.close(connection);
    expect([liveBuffers(world), connection.state]).toEqual([0, CLOSED]);
  });

  test('a failed connection reads no more until it was answered', () => {
    const world = create({ receive: FIXED(32_768) }, { ...SMALL, limitBytes: 65_536 });
    const connection = deliver(world, 200_000);
    expect([world.pipeline.read(connection, 100, null), liveBuffers(world)]).toEqual([0, 2]);
    world.pipeline.respond(connection);
    deliver(world, 10_000, 0, connection);
    expect(world.messages.length).toBe(1);
  });

  test('for the response: told, and the request is released all the same', () => {
    const world = create({ receive: FIXED(65_536) }, { ...SMALL, limitBytes: 65_536 });
    deliver(world, 65_535); // one run is all there is
    expect([world.pipeline.answer(world.messages[0]!), liveBuffers(world)]).toEqual([false, 0]);
  });
});

describe('without aggregation', () => {
  test('each slice is handed on; the last one says so', () => {
    const world = create({ aggregate: false, receive: FIXED(1024), sliceBytes: 700 });
    deliver(world, 2000, 100);
    expect(world.slices.map(({ length, last }) => [length, last])).toEqual([[700, false], [224, false], [700, false], [324, false], [52, true]]); // prettier-ignore
    expect(world.slices.map(({ bytes }) => bytes).join('')).toBe(body(2000).toString());
    expect(liveBuffers(world)).toBe(0);
  });
  test('the last slice of a receive buffer is handed on when only it still holds the buffer', () => {
    const wasLastReference: boolean[] = [];
    const world: World = create({ aggregate: false, receive: FIXED(1024), sliceBytes: 500 }, {}, { onSlice: release });
    function release(_: Connection, ref: number): void {
      wasLastReference.push(world.allocator.release(ref));
    }
    deliver(world, 2048);
    expect(wasLastReference).toEqual([false, false, true, false, false, true]);
  });
  test('a request without a body ends with an empty slice', () => {
    const world = create({ aggregate: false });
    deliver(world, 0, 100);
    expect(world.slices).toEqual([{ bytes: '', length: 0, last: true }]);
  });
  test('a body of unknown length ends with an empty slice that says it is the last', () => {
    const world = create({ aggregate: false });
    const connection = world.pipeline.open();
    world.pipeline.begin(connection, 0, Infinity);
    world.pipeline.readAll(connection, body(100));
    expect(world.slices.map(({ length, last }) => [length, last])).toEqual([[100, false]]);
    world.pipeline.end(connection);
    expect(world.slices.slice(1)).toEqual([{ bytes: '', length: 0, last: true }]);
    expect(connection.state).toBe(IDLE);
  });
});

/** One connection of the random test: its bytes in deliveries, and how its requests end. */
const requests = fc.array(
  fc.record({
    headBytes: fc.integer({ min: 1, max: 300 }),
    bytes: fc.oneof(fc.nat(200), fc.nat(5000), fc.nat(60_000)),
    chunked: fc.boolean(),
    deliveries: fc.array(fc.oneof(fc.nat(50), fc.nat(3000), fc.nat(40_000)), { minLength: 1, maxLength: 12 }),
    end: fc.constantFrom('answer', 'drop', 'hold', 'abandon', 'close'),
    stopAfter: fc.nat(12),
  }),
  { minLength: 1, maxLength: 12 },
);
type Request = typeof requests extends fc.Arbitrary<(infer T)[]> ? T : never;

test('any deliveries under any limit: the bytes that arrived are the bytes read back, and nothing stays live', () => {
  const outcomes = { answered: 0, failed: 0, consolidated: 0 };
  const shape = fc.record({
    limitChunks: fc.constantFrom(1, 2, 4, 1000),
    maxComponents: fc.constantFrom(2, 5, 1024),
    sliceBytes: fc.constantFrom(100, 1000, 8196),
    eventLoops: fc.integer({ min: 1, max: 3 }),
    initial: fc.constantFrom(64, 1024, 8192),
    version: fc.constantFrom('4.1.0.CR3', '4.1.48.Final'),
  });
  fc.assert(
    fc.property(shape, requests, ({ limitChunks, maxComponents, sliceBytes, eventLoops, initial, version }, all) => {
      const world = create(
        { maxComponents, sliceBytes, eventLoops, receive: { minimum: 64, initial, maximum: 16_384, maxReads: 3 } },
        { version, maxOrder: 4, limitBytes: limitChunks << 17, tinyCacheSize: 4, smallCacheSize: 4, normalCacheSize: 4 },
        { onConsolidated: () => outcomes.consolidated++ },
      );
      for (const [i, request] of all.entries()) runRequest(world, request, i, outcomes);
      expect(liveBuffers(world)).toBe(world.messages.reduce((refs, message) => refs.union(new Set(message.refs.subarray(0, message.count))), new Set<number>()).size); // prettier-ignore
      for (const message of world.messages) world.pipeline.answer(message);
      expect(liveBuffers(world)).toBe(0);
      check(world.allocator);
    }),
    { numRuns: 100 },
  );
  for (const count of Object.values(outcomes)) expect(count).toBeGreaterThan(20);
});

function runRequest(world: World, { headBytes, bytes, chunked, deliveries, end, stopAfter }: Request, first: number, outcomes: { answered: number; failed: number }): void {
  const { pipeline } = world;
  const connection = pipeline.open();
  const source = Buffer.concat([Buffer.alloc(headBytes, 'H'), body(bytes, first)]);
  pipeline.begin(connection, headBytes, chunked ? Infinity : bytes);
  let at = 0;
  for (let n = 0; at < source.length && connection.state < FAILED; n++) {
    if (n === stopAfter && (end === 'abandon' || end === 'close')) return pipeline[end](connection);
    const upTo = Math.min(source.length, at + 1 + deliveries[n % deliveries.length]!);
    at += pipeline.readAll(connection, source.subarray(at, upTo));
    check(world.allocator);
  }
  if (connection.state === FAILED) {
    outcomes.failed++;
    const arrived = connection.message === null ? '' : content(connection.message);
    expect(arrived).toBe(body(bytes, first).subarray(0, arrived.length).toString());
    expect(connection.receivedBytes).toBe(arrived.length);
    pipeline.respond(connection);
    return pipeline.close(connection);
  }
  if (chunked) pipeline.end(connection);
  const message = world.messages.pop()!;
  expect(content(message)).toBe(body(bytes, first).toString());
  outcomes.answered++;
  if (end === 'hold') world.messages.push(message);
  else if (end === 'drop') pipeline.drop(message);
  else pipeline.answer(message, Buffer.from('ok'));
} // prettier-ignore

test('a held message keeps exactly its bytes live', () => {
  const world = create({ receive: FIXED(4096) });
  deliver(world, 10_000);
  const [message] = world.messages;
  expect([...message!.refs.subarray(0, message!.count)].map((ref) => lengthOf(world.allocator, ref))).toEqual([4096, 4096, 4096]);
});
