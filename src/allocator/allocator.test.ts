// What an owner of buffers can rely on: capacity changes, huge buffers, exhaustion, counters and transitions, version by version.
import { describe, expect, test } from 'vitest';
import { type AllocatorOptions, type BufferRef, PooledAllocator } from './allocator.ts';
import { lengthOf, viewBytes, writeBytes } from './bytes.ts';
import { check } from './check.ts';
import { NONE } from './handle.ts';
import { placeOf } from './place.ts';
import { LIST_NAMES, type NettyVersion } from './profile.ts';
import { snapshot } from './snapshot.ts';

const MIB = 1 << 20;
const VERSIONS = ['4.1.0.CR3', '4.1.48.Final'] as const;
/** One arena, no caches: each release reaches the chunk. */
const UNCACHED = { tinyCacheSize: 0, smallCacheSize: 0, normalCacheSize: 0 };

function create(options: Partial<AllocatorOptions> = {}): { allocator: PooledAllocator; take: (bytes: number) => BufferRef } {
  const allocator = new PooledAllocator({ directArenas: 1, limitBytes: Infinity, memory: 'none', ...options });
  allocator.createThreadCache();
  return { allocator, take: (bytes) => allocator.allocate(0, bytes) };
}
const lists = (allocator: PooledAllocator) =>
  Object.fromEntries(
    snapshot(allocator).arenas[0]!.lists.flatMap(({ name, chunks }) => (chunks.length > 0 ? [[name, chunks.map((c) => c.usagePercent)]] : [])),
  ); // prettier-ignore

describe('a chunk that falls from 100 % to 0 % in one free', () => {
  const afterOneFree = (version: NettyVersion) => {
    const { allocator, take } = create({ version, ...UNCACHED });
    allocator.release(take(16 * MIB));
    return lists(allocator);
  };
  test('is parked at 0 % in q075 by CR3 (netty#5089)', () => expect(afterOneFree('4.1.0.CR3')).toEqual({ q075: [0] }));
  test('is destroyed by 4.1.48', () => expect(afterOneFree('4.1.48.Final')).toEqual({}));
});

test('a chunk in qInit is never destroyed, in any version', () => {
  for (const version of VERSIONS) {
    const { allocator, take } = create({ version, ...UNCACHED });
    allocator.release(take(8192));
    expect(lists(allocator)).toEqual({ qInit: [0] });
  }
});

test('a chunk parked at 0 % in q075 serves the next request in CR3; 4.1.48 makes a new one', () => {
  for (const version of VERSIONS) {
    const { allocator, take } = create({ version, ...UNCACHED });
    const whole = take(16 * MIB);
    allocator.release(whole);
    const again = take(16 * MIB);
    expect(placeOf(allocator, again).chunk).toBe(version === '4.1.0.CR3' ? 0 : 1);
  }
});

test('the lists are asked in the order q050, q025, q000, qInit, q075', () => {
  const { allocator, take } = create({ ...UNCACHED, version: '4.1.48.Final' });
  const fill = (megabytes: number) => Array.from({ length: megabytes }, () => take(MIB));
  const chunks = [fill(16), fill(16), fill(16), fill(16)]; // four full chunks
  const free = (chunk: number, megabytes: number) => chunks[chunk]!.splice(0, megabytes).forEach((ref) => allocator.release(ref));
  free(0, 3); // 81 %: q075
  free(1, 15); // 6 %: q000
  free(2, 10); // 37 %: q025 (it came from above)
  free(3, 7); // 56 %: q050
  expect(lists(allocator)).toEqual({ q000: [7], q025: [38], q050: [57], q075: [82] });
  const order: number[] = [];
  for (let i = 0; i < 34; i++) order.push(placeOf(allocator, take(MIB)).chunk);
  expect([...new Set(order)]).toEqual([3, 2, 1, 4, 0].filter((chunk) => order.includes(chunk)));
  expect(order.slice(0, 7)).toEqual(Array(7).fill(3));
});

describe('a change of capacity', () => {
  const cases: readonly [from: number, to: number, stays: boolean][] = [
    [100, 100, true],
    [100, 112, true], // up to the region's end
    [100, 113, false],
    [112, 97, true], // at most 15 bytes below the end of a tiny region
    [112, 96, false],
    [100, 56, false],
    [512, 497, true], // a region of 512: both rules
    [512, 496, false],
    [1024, 513, true], // larger ones: above half
    [1024, 512, false],
    [9000, 16_384, true],
    [9000, 16_385, false],
    [16_384, 8193, true],
    [16_384, 8192, false],
    [0, 1, false],
    [16, 0, false],
    [20 * MIB, 20 * MIB, true], // huge: any other size moves
    [20 * MIB, 20 * MIB - 1, false],
    [20 * MIB, 20 * MIB + 1, false],
    [20 * MIB, 1000, false],
    [1000, 20 * MIB, false],
    [16 * MIB, 16 * MIB + 1, false],
  ];
  test.each(cases)('from %i to %i bytes stays in place: %s', (from, to, stays) => {
    const { allocator, take } = create();
    const ref = take(from);
    const before = placeOf(allocator, ref);
    expect(allocator.capacity(0, ref, to)).toBe(true);
    const { length, ...place } = placeOf(allocator, ref);
    const { length: _, ...same } = before;
    expect(length).toBe(to);
    if (stays) expect(place).toEqual(same);
    else expect(place).not.toEqual(same);
    check(allocator);
  });

  test('copies what fits, and takes a new region before it frees the old', () => {
    const { allocator, take } = create({ memory: 'real' });
    const ref = take(8192);
    const other = take(8192);
    writeBytes(allocator, ref, 0, Buffer.alloc(8192, 'abc'));
    expect(allocator.capacity(0, ref, 100)).toBe(true);
    expect(Buffer.from(viewBytes(allocator, ref)).equals(Buffer.alloc(100, 'abc'))).toBe(true);
    expect(allocator.capacity(0, ref, 40_000)).toBe(true);
    expect(Buffer.from(viewBytes(allocator, ref, 0, 100)).equals(Buffer.alloc(100, 'abc'))).toBe(true);
    expect(lengthOf(allocator, other)).toBe(8192);
  });

  test('asks the buffer’s own arena, not the one of the thread that calls', () => {
    const { allocator, take } = create({ directArenas: 2, ...UNCACHED });
    allocator.createThreadCache(); // bound to arena 1
    const ref = take(100);
    allocator.capacity(1, ref, 100_000);
    expect(placeOf(allocator, ref).arena).toBe(0);
  });

  test('that finds no memory leaves the buffer as it was', () => {
    const { allocator, take } = create({ limitBytes: 20 * MIB, memory: 'real' });
    const ref = take(100);
    writeBytes(allocator, ref, 0, Buffer.alloc(100, 'x'));
    const before = placeOf(allocator, ref);
    expect(allocator.capacity(0, ref, 17 * MIB)).toBe(false);
    expect(placeOf(allocator, ref)).toEqual(before);
    expect(Buffer.from(viewBytes(allocator, ref)).equals(Buffer.alloc(100, 'x'))).toBe(true);
    expect(allocator.lastExhaustion).toEqual({ cause: 'huge', askedBytes: 17 * MIB, reservedBytes: 16 * MIB, limitBytes: 20 * MIB, arena: 0 }); // prettier-ignore
    check(allocator);
  });

  test.each(VERSIONS)(
    'to huge gives the old region back to its chunk in %s: a huge buffer belongs to no cache (found by the live oracle)',
    (version) => {
      const { allocator, take } = create({ version });
      const ref = take(1000);
      allocator.capacity(0, ref, 20 * MIB);
      expect(snapshot(allocator).caches[0]!.bytes).toBe(0);
      expect(snapshot(allocator).arenas[0]!.deallocations.small).toBe(1);
      allocator.capacity(0, ref, 1000); // and back: now there is a cache again
      allocator.capacity(0, ref, 100);
      expect(snapshot(allocator).caches[0]!.bytes).toBe(1024);
    },
  );

  test('keeps the number of references', () => {
    const { allocator, take } = create();
    const ref = take(100);
    allocator.retain(ref);
    allocator.capacity(0, ref, 100_000);
    expect([allocator.release(ref), allocator.release(ref)]).toEqual([false, true]);
  });
});

describe('out of memory', () => {
  test('a chunk that would exceed the limit: NONE, told as `chunk`; what fits is still served', () => {
    const told: unknown[][] = [];
    const { allocator, take } = create({ limitBytes: 16 * MIB, listener: { memoryExhausted: (...args) => told.push(args) } });
    const [first, second] = [take(8 * MIB), take(8 * MIB)];
    expect([take(1), take(8 * MIB)]).toEqual([NONE, NONE]);
    expect(told).toEqual(Array(2).fill(['chunk', 16 * MIB, 16 * MIB, 16 * MIB, 0]));
    allocator.release(second);
    expect(take(1)).not.toBe(NONE);
    expect([allocator.exhausted, lengthOf(allocator, first)]).toEqual([{ chunk: 2, huge: 0 }, 8 * MIB]);
    check(allocator);
  });

  test('a huge buffer of exactly the rest fits, one byte more does not', () => {
    const { take } = create({ limitBytes: 40 * MIB });
    expect(take(16)).not.toBe(NONE);
    expect(take(24 * MIB + 1)).toBe(NONE);
    expect(take(24 * MIB)).not.toBe(NONE);
  });

  test('more than the machine has is out of memory too', () => {
    const { allocator, take } = create({ memory: 'real', listener: { memoryExhausted: () => undefined } });
    const refs: BufferRef[] = [];
    const largest = Uint8Array;
    class Refusing {
      constructor() {
        throw new RangeError('Array buffer allocation failed');
      }
    }
    Object.assign(globalThis, { Uint8Array: Refusing });
    try {
      refs.push(take(16));
    } finally {
      Object.assign(globalThis, { Uint8Array: largest });
    }
    expect([refs, allocator.exhausted, snapshot(allocator).reservedBytes]).toEqual([[NONE], { chunk: 1, huge: 0 }, 0]);
  });
});

describe('a huge buffer', () => {
  test.each(VERSIONS)('in %s is counted as that version counts', (version) => {
    const { allocator, take } = create({ version, limitBytes: 64 * MIB });
    const ref = take(20 * MIB);
    take(60 * MIB); // out of memory
    const counts = () => {
      const { allocations, deallocations, active } = snapshot(allocator).arenas[0]!;
      return [allocations.huge, deallocations.huge, active.huge];
    };
    expect(counts()).toEqual(version === '4.1.0.CR3' ? [2, 0, 2] : [1, 0, 1]);
    allocator.release(ref);
    expect(counts()).toEqual(version === '4.1.0.CR3' ? [1, 0, 1] : [1, 1, 0]);
  });

  test('is only one above the chunk size, has its exact size, and goes at once', () => {
    const { allocator, take } = create();
    const [pooled, huge] = [take(16 * MIB), take(16 * MIB + 1)];
    expect([placeOf(allocator, pooled).huge, placeOf(allocator, huge).huge]).toEqual([false, true]);
    expect(snapshot(allocator)).toMatchObject({ reservedBytes: 32 * MIB + 1, hugeBytes: 16 * MIB + 1, hugeCount: 1 });
    allocator.release(huge);
    expect(snapshot(allocator)).toMatchObject({ reservedBytes: 16 * MIB, hugeBytes: 0, hugeCount: 0 });
  });
});

describe('the counters of an arena', () => {
  const countsOf = (version: NettyVersion) => {
    const { allocator, take } = create({ version });
    allocator.release(take(16)); // carves a page
    take(16); // from the cache: counts nowhere
    take(32); // another class: another page
    take(32); // from its subpage
    take(600);
    take(10_000);
    return snapshot(allocator).arenas[0]!.allocations;
  };
  test('in CR3 count each normal-path call as normal', () => {
    expect(countsOf('4.1.0.CR3')).toEqual({ tiny: 1, small: 0, normal: 4, huge: 0 });
  });
  test('in 4.1.48 count each region by its size', () => {
    expect(countsOf('4.1.48.Final')).toEqual({ tiny: 3, small: 1, normal: 1, huge: 0 });
  });
  test('of deallocations count what reaches a chunk, by size; active is never below 0', () => {
    const { allocator, take } = create(UNCACHED);
    for (const bytes of [16, 600, 10_000]) allocator.release(take(bytes));
    const { deallocations, active } = snapshot(allocator).arenas[0]!;
    expect([deallocations, active]).toEqual([
      { tiny: 1, small: 1, normal: 1, huge: 0 },
      { tiny: 0, small: 0, normal: 2, huge: 0 },
    ]);
  });
});

test('each transition of a chunk is told once, in order, with the lists it left and entered', () => {
  const told: string[] = [];
  const { allocator, take } = create({
    ...UNCACHED,
    version: '4.1.48.Final',
    listener: {
      chunkCreated: (chunk) => told.push(`created ${chunk.id} ${LIST_NAMES[chunk.list]}`),
      chunkMoved: (chunk, from, to) => told.push(`moved ${chunk.id} ${LIST_NAMES[from]} ${LIST_NAMES[to]} ${chunk.usagePercent()}`),
      chunkDestroyed: (chunk) => told.push(`destroyed ${chunk.id}`),
      hugeTaken: (chunk) => told.push(`huge ${chunk.bytes}`),
      hugeReleased: (chunk) => told.push(`huge gone ${chunk.bytes}`),
    },
  });
  const halves = [take(8 * MIB), take(8 * MIB)];
  const huge = take(17 * MIB);
  for (const ref of [...halves, huge]) allocator.release(ref);
  expect(told).toEqual([
    'created 0 q025',
    'moved 0 q025 q100 100',
    `huge ${17 * MIB}`,
    'moved 0 q100 q050 50',
    'destroyed 0',
    `huge gone ${17 * MIB}`,
  ]);
});

test('served requests are counted by powers of two, from caches and arenas alike, and their bytes summed', () => {
  const { allocator, take } = create({ limitBytes: 64 * MIB });
  const sizes = [0, 1, 15, 16, 17, 32, 33, 500, 512, 513, 1024, 1025, 9000, 30_000, 16 * MIB, 20 * MIB];
  for (let round = 0; round < 3; round++) for (const ref of sizes.map(take)) allocator.release(ref); // the later rounds hit caches
  take(60 * MIB); // not served
  const expected = Array<number>(32).fill(0);
  for (const bytes of sizes) expected[Math.max(4, Math.ceil(Math.log2(bytes)))]! += 3;
  const { requests, requestedBytes } = snapshot(allocator);
  expect(requests).toEqual(expected);
  expect(requestedBytes).toBe(3 * sizes.reduce((sum, bytes) => sum + bytes, 0));
});

test('a region that goes into a thread cache carries the owner’s clock', () => {
  const { allocator, take } = create();
  allocator.clock = 4711;
  const ref = take(64);
  allocator.release(ref);
  const stamps = allocator.records.filter((word) => word === 4711);
  expect(stamps.length).toBe(1);
});
