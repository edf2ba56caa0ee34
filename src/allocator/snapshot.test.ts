// The snapshot as a picture: its equations hold for each chunk, and it says who holds what.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PooledAllocator, RECORD } from './allocator.ts';
import { Model, operations, setups } from './model.suite.ts';
import { nettyHandle } from './handle.ts';
import { placeOf } from './place.ts';
import { snapshot } from './snapshot.ts';

const MIB = 1 << 20;

test('for each chunk: live + cached + subpage + free = bytes, and the cached bytes are those of the thread caches', () => {
  fc.assert(
    fc.property(setups, operations, (setup, steps) => {
      const model = new Model(setup);
      for (const step of steps) model.run(step);
      const { allocator } = model;
      const { arenas, caches, reservedBytes, hugeBytes } = snapshot(allocator);
      const chunks = arenas.flatMap((arena) => arena.lists.flatMap((list) => list.chunks));
      const sum = (of: (chunk: (typeof chunks)[number]) => number) => chunks.reduce((total, chunk) => total + of(chunk), 0);
      for (const c of chunks) expect(c.liveBytes + c.cachedBytes + c.subpageBytes + c.freeBytes).toBe(c.bytes);
      expect(sum((c) => c.cachedBytes)).toBe(caches.reduce((total, { bytes }) => total + bytes, 0));
      expect(sum((c) => c.bytes) + hugeBytes).toBe(reservedBytes);
      let live = 0; // counted the slow way
      for (let slot = 0; slot < allocator.recordCount; slot++) {
        const record = slot << RECORD.SHIFT;
        const isPooled = () => !allocator.chunks[allocator.records[record + RECORD.CHUNK]!]!.unpooled;
        if (allocator.records[record + RECORD.COUNT]! > 0 && isPooled()) live += allocator.records[record + RECORD.MAX_LENGTH]!;
      }
      expect(sum((c) => c.liveBytes)).toBe(live);
      for (const cache of caches) expect(cache.queues.reduce((total, q) => total + q.entries * q.classBytes, 0)).toBe(cache.bytes);
    }),
    { numRuns: 60 },
  );
});

test('says what is live, cached, kept by a subpage, free, and how large a run is left', () => {
  const allocator = new PooledAllocator({ directArenas: 1, limitBytes: Infinity, memory: 'none' });
  const cache = allocator.createThreadCache();
  const [run, slot] = [allocator.allocate(cache, 32_768), allocator.allocate(cache, 1000)];
  allocator.allocate(cache, 9000);
  allocator.release(run);
  allocator.release(slot);
  const [chunk] = snapshot(allocator).arenas[0]!.lists[0]!.chunks;
  expect(chunk).toEqual({
    id: 0,
    usagePercent: 1,
    bytes: 16 * MIB,
    liveBytes: 16_384,
    cachedBytes: 32_768 + 1024,
    subpageBytes: 7168,
    freeBytes: 16 * MIB - 57_344,
    largestFreeRunBytes: 8 * MIB,
    stranded: false,
  });
});

test('a chunk is stranded below its list’s minimum, or empty in qInit', () => {
  const strandedAfter = (bytes: number) => {
    const allocator = new PooledAllocator({ directArenas: 1, limitBytes: Infinity, memory: 'none', normalCacheSize: 0 });
    const ref = allocator.allocate(allocator.createThreadCache(), bytes);
    const flags = () => snapshot(allocator).arenas[0]!.lists.flatMap(({ chunks }) => chunks.map(({ stranded }) => stranded));
    const before = flags();
    allocator.release(ref);
    return [before, flags()];
  };
  expect(strandedAfter(16 * MIB)).toEqual([[false], [true]]); // 0 % in q075
  expect(strandedAfter(8192)).toEqual([[false], [true]]); // 0 % in qInit
});

test('is plain data that later operations do not change', () => {
  const allocator = new PooledAllocator({ directArenas: 1, limitBytes: Infinity, memory: 'none' });
  const cache = allocator.createThreadCache();
  const before = snapshot(allocator);
  const text = JSON.stringify(before);
  for (const bytes of [16, 1000, 10_000, 20 * MIB]) allocator.release(allocator.allocate(cache, bytes));
  expect(JSON.stringify(before)).toBe(text);
  expect(structuredClone(snapshot(allocator))).toEqual(snapshot(allocator));
});

test('a place names Netty’s handle: the node, and for a slot its number and bit 62', () => {
  const allocator = new PooledAllocator({ directArenas: 1, limitBytes: Infinity, memory: 'none' });
  const cache = allocator.createThreadCache();
  const handles = [16 * MIB, 8192, 16, 16].map((bytes) => placeOf(allocator, allocator.allocate(cache, bytes)).handle);
  expect(handles).toEqual(['1', '800', '4000000000000801', '4000000100000801']);
  expect(nettyHandle((1 << 30) | (511 << 12) | 4095, 12)).toBe('400001ff00000fff');
});
