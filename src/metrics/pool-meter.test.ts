import { expect, test } from 'vitest';
import { PooledAllocator } from '../allocator/index.ts';
import { PoolMeter } from './pool-meter.ts';

const CHUNK_BYTES = 8192 << 11;

function createPool(listener: PoolMeter | null) {
  const allocator = new PooledAllocator({ directArenas: 2, limitBytes: 100 * CHUNK_BYTES, memory: 'none', ...(listener && { listener }) });
  allocator.createThreadCache();
  allocator.createThreadCache();
  return allocator;
}

/** Takes and frees what lets a chunk leave qInit, fall to q000 and be destroyed: half a chunk, then pieces of it one by one. */
function destroyOneChunk(allocator: PooledAllocator): void {
  const pieces = Array.from({ length: 16 }, () => allocator.allocate(0, CHUNK_BYTES / 16));
  for (const piece of pieces) allocator.release(piece);
}

test('a chunk that is destroyed is counted with the time it lived', () => {
  let seconds = 1000;
  const meter = new PoolMeter(() => seconds);
  const allocator = createPool(meter);
  const first = allocator.allocate(0, CHUNK_BYTES / 16);
  seconds += 5;
  const { counts } = meter.sample().chunkLifetimes;
  expect(Array.from(counts).every((count) => count === 0)).toBe(true);
  allocator.release(first);
  destroyOneChunk(allocator);
  const { bounds, counts: after, sum } = meter.sample().chunkLifetimes;
  expect(sum).toBe(5);
  expect(bounds[Array.from(after).indexOf(1)]).toBe(10);
});

test('the oldest chunk is the one made first of those that are there', () => {
  let seconds = 0;
  const meter = new PoolMeter(() => seconds);
  const allocator = createPool(meter);
  expect(meter.sample().oldestChunkSeconds).toBe(0);
  const first = allocator.allocate(0, CHUNK_BYTES / 16);
  seconds = 30;
  allocator.allocate(1, CHUNK_BYTES / 16);
  seconds = 100;
  expect(meter.sample().oldestChunkSeconds).toBe(100);
  allocator.release(first);
  destroyOneChunk(allocator);
  expect(meter.sample().oldestChunkSeconds).toBe(70);
});

test('a chunk older than the meter is not counted', () => {
  const meter = new PoolMeter(() => 7);
  const allocator = createPool(null);
  const first = allocator.allocate(0, CHUNK_BYTES / 16);
  allocator.listener = meter;
  allocator.release(first);
  destroyOneChunk(allocator);
  expect(allocator.arenas[0]!.chunksDestroyed).toBe(1);
  expect(Array.from(meter.sample().chunkLifetimes.counts).every((count) => count === 0)).toBe(true);
});

test('huge allocations are counted by arena and never uncounted, unlike by Netty 4.1.0.CR3', () => {
  const meter = new PoolMeter(() => 0);
  const allocator = createPool(meter);
  allocator.release(allocator.allocate(1, CHUNK_BYTES + 1));
  const held = allocator.allocate(1, CHUNK_BYTES + 1);
  expect(meter.sample()).toMatchObject({ hugeTaken: [0, 2], hugeReleased: [0, 1] });
  expect(allocator.arenas[1]!.allocations[3]).toBe(1);
  allocator.release(held);
});

test('a huge allocation that found no memory is none', () => {
  const meter = new PoolMeter(() => 0);
  const allocator = createPool(meter);
  allocator.allocate(0, 101 * CHUNK_BYTES);
  expect(meter.sample().hugeTaken).toEqual([]);
});
