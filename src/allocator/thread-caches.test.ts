// Thread caches through the allocator: first in, first out; what a trim frees; who keeps a released region.
import { describe, expect, test } from 'vitest';
import { type AllocatorOptions, type BufferRef, PooledAllocator } from './allocator.ts';
import { check } from './check.ts';
import { placeOf } from './place.ts';
import { snapshot } from './snapshot.ts';
import { createGeometry } from './sizes.ts';
import { ThreadCaches } from './thread-caches.ts';

function create(options: Partial<AllocatorOptions> = {}, loops = 1): PooledAllocator {
  const allocator = new PooledAllocator({ directArenas: 1, limitBytes: Infinity, memory: 'none', ...options });
  for (let i = 0; i < loops; i++) allocator.createThreadCache();
  return allocator;
}
const take = (allocator: PooledAllocator, count: number, bytes: number, cache = 0): BufferRef[] =>
  Array.from({ length: count }, () => allocator.allocate(cache, bytes));
const releaseAll = (allocator: PooledAllocator, refs: readonly BufferRef[]) => refs.forEach((ref) => allocator.release(ref));
const offsets = (allocator: PooledAllocator, refs: readonly BufferRef[]) => refs.map((ref) => placeOf(allocator, ref).offset);
const entries = (allocator: PooledAllocator, bytes: number, cache = 0) =>
  snapshot(allocator).caches[cache]!.queues.find(({ classBytes }) => classBytes === bytes)?.entries;

test('regions come back first in, first out, also around the end of the ring', () => {
  const allocator = create({ normalCacheSize: 4 });
  for (let round = 0; round < 5; round++) {
    const refs = take(allocator, 3, 8192);
    const released = [refs[1]!, refs[2]!, refs[0]!];
    const expected = offsets(allocator, released);
    releaseAll(allocator, released);
    const again = take(allocator, 3, 8192);
    expect(offsets(allocator, again)).toEqual(expected);
    releaseAll(allocator, again);
  }
});

test('a hit has the length that was asked for, in the region of its class', () => {
  const allocator = create();
  releaseAll(allocator, take(allocator, 1, 9000));
  const [again] = take(allocator, 1, 12_345);
  expect(placeOf(allocator, again!)).toMatchObject({ length: 12_345, maxLength: 16_384 });
});

test('a full queue lets the region go back to its chunk', () => {
  const allocator = create({ smallCacheSize: 3 }); // rounded up to 4
  releaseAll(allocator, take(allocator, 10, 1000));
  expect(entries(allocator, 1024)).toBe(4);
  expect(snapshot(allocator).arenas[0]!.deallocations.small).toBe(6);
});

test.each([
  ['tiny', { tinyCacheSize: 0 }, 100],
  ['small', { smallCacheSize: 0 }, 1000],
  ['normal', { normalCacheSize: 0 }, 10_000],
  ['above the largest cached', {}, 32_769],
  ['huge', {}, 20_000_000],
])('%s requests without a queue are not cached and not counted as asks', (_, options, bytes) => {
  const allocator = create(options);
  releaseAll(allocator, take(allocator, 5, bytes));
  expect(snapshot(allocator).caches[0]).toMatchObject({ bytes: 0, hits: 0, misses: 0 });
});

test('queues of normal classes reach up to the largest cached capacity, at least one page', () => {
  const classes = (maxCachedBufferCapacity: number, maxOrder = 11) =>
    new ThreadCaches(createGeometry(8192, maxOrder), {
      tinyCacheSize: 1,
      smallCacheSize: 1,
      normalCacheSize: 1,
      maxCachedBufferCapacity,
    }).maxCachedBytes;
  expect([0, 8192, 16_383, 32_768, 65_535, 1 << 30].map((bytes) => classes(bytes))).toEqual([8192, 8192, 8192, 32_768, 32_768, 1 << 24]);
  expect(classes(32_768, 0)).toBe(8192);
});

test('a largest cached capacity of 0 means no normal queue in 4.1.48, still those of one page in CR3', () => {
  const cachedAfter = (version: '4.1.0.CR3' | '4.1.48.Final') => {
    const allocator = create({ version, maxCachedBufferCapacity: 0 });
    for (const bytes of [16, 8192, 16_384]) releaseAll(allocator, take(allocator, 1, bytes));
    return snapshot(allocator).caches[0]!.bytes;
  };
  expect([cachedAfter('4.1.0.CR3'), cachedAfter('4.1.48.Final')]).toEqual([8208, 16]);
});

test('a region goes to the cache that took it, whichever thread releases it', () => {
  const allocator = create({}, 2);
  releaseAll(allocator, take(allocator, 1, 64, 1)); // there is one way to release: the home is the record's
  expect([entries(allocator, 64, 0), entries(allocator, 64, 1)]).toEqual([0, 1]);
});

test('after a change of capacity both regions belong to the cache that changed it', () => {
  const allocator = create({}, 2);
  const [ref] = take(allocator, 1, 64, 0);
  allocator.capacity(1, ref!, 128);
  expect([entries(allocator, 64, 0), entries(allocator, 64, 1)]).toEqual([0, 1]);
  allocator.release(ref!);
  expect([entries(allocator, 128, 0), entries(allocator, 128, 1)]).toEqual([0, 1]);
});

describe('a trim', () => {
  test('frees capacity − hits entries from the head, and the hits restart', () => {
    const allocator = create({ normalCacheSize: 8 });
    const refs = take(allocator, 8, 8192);
    const order = offsets(allocator, refs);
    releaseAll(allocator, refs);
    for (let hit = 0; hit < 5; hit++) releaseAll(allocator, take(allocator, 1, 8192)); // the queue now begins with the sixth
    expect(allocator.trimCache(0)).toBe(3);
    expect(offsets(allocator, take(allocator, 1, 8192))).toEqual([order[0]!]);
    expect(allocator.trimCache(0)).toBe(4); // one hit since: 8 − 1 > 4 left
    expect(snapshot(allocator).caches[0]).toMatchObject({ hits: 6, trims: 2, bytes: 0 });
    check(allocator);
  });

  test('frees nothing where every entry was needed', () => {
    const allocator = create({ normalCacheSize: 2 });
    releaseAll(allocator, take(allocator, 2, 8192));
    for (let hit = 0; hit < 7; hit++) releaseAll(allocator, take(allocator, 1, 8192));
    expect([allocator.trimCache(0), entries(allocator, 8192)]).toEqual([0, 2]);
  });

  test('comes by itself with the 8192nd ask, which is answered first', () => {
    const trims: number[] = [];
    const allocator = create({ listener: { cacheTrimmed: (_, freed) => trims.push(freed) } });
    const [kept] = take(allocator, 1, 16);
    releaseAll(allocator, take(allocator, 40, 48));
    for (let ask = 42; ask < 8192; ask++) releaseAll(allocator, take(allocator, 1, 16));
    expect([trims, entries(allocator, 48)]).toEqual([[], 40]);
    const [last] = take(allocator, 1, 16);
    expect([trims, entries(allocator, 48)]).toEqual([[40], 0]);
    releaseAll(allocator, [kept!, last!]);
    expect(snapshot(allocator).caches[0]).toMatchObject({ hits: 8150, misses: 42, trims: 1 });
  });

  test('by hand does not move the moment of the next one by itself', () => {
    const allocator = create({ cacheTrimInterval: 10 });
    for (let ask = 0; ask < 9; ask++) releaseAll(allocator, take(allocator, 1, 16));
    allocator.trimCache(0);
    expect(snapshot(allocator).caches[0]!.trims).toBe(1);
    releaseAll(allocator, take(allocator, 1, 16));
    expect(snapshot(allocator).caches[0]!.trims).toBe(2);
  });
});

describe('a new thread cache', () => {
  const arenasOf = (version: '4.1.0.CR3' | '4.1.48.Final') => {
    const allocator = create({ version, directArenas: 3 }, 7);
    return snapshot(allocator).caches.map(({ arena }) => arena);
  };
  test('takes the arenas in turn in CR3', () => expect(arenasOf('4.1.0.CR3')).toEqual([0, 1, 2, 0, 1, 2, 0]));
  test('takes the arena with the fewest caches in 4.1.48', () => {
    const allocator = create({ version: '4.1.48.Final', directArenas: 3 });
    allocator.arenas[1]!.threadCaches = 2; // as if two threads had gone elsewhere
    for (let i = 0; i < 5; i++) allocator.createThreadCache();
    expect(snapshot(allocator).caches.map(({ arena }) => arena)).toEqual([0, 2, 0, 2, 0, 1]);
  });
});
