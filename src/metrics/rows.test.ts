// Single rows against allocators made by hand, where the numbers are known.
import { expect, test } from 'vitest';
import { type AllocatorSnapshot, type ChunkSnapshot, PooledAllocator, snapshot } from '../allocator/index.ts';
import { select, parseText } from '../../test/metrics/text.ts';
import { createGoldenLoad } from '../../test/metrics/load.ts';
import type { MetricsInput } from './input.ts';
import { METRICS } from './table.ts';
import { renderText } from './text-format.ts';

const load = createGoldenLoad().input();
const CHUNK_BYTES = 8192 << 11;

/** The values of one series, by one of its labels. */
function valuesOf(allocator: AllocatorSnapshot, name: string, label: string, where: Record<string, string> = {}): Record<string, number> {
  const input: MetricsInput = { ...load, allocator };
  const { samples } = parseText(renderText(METRICS, input));
  return Object.fromEntries(select(samples, name, where).map(({ labels, value }) => [labels[label]!, value]));
}

const chunk = (usagePercent: number, more: Partial<ChunkSnapshot> = {}): ChunkSnapshot => {
  const freeBytes = Math.round((CHUNK_BYTES * (100 - usagePercent)) / 100);
  const held = { liveBytes: CHUNK_BYTES - freeBytes, cachedBytes: 0, subpageBytes: 0, freeBytes };
  return { id: 0, usagePercent, bytes: CHUNK_BYTES, ...held, largestFreeRunBytes: 0, stranded: false, ...more };
};

/** One arena whose q000 holds these chunks, its other lists empty. */
function withChunks(chunks: readonly ChunkSnapshot[]): AllocatorSnapshot {
  const arena = load.allocator.arenas[0]!;
  return { ...load.allocator, arenas: [{ ...arena, lists: arena.lists.map((list) => ({ ...list, chunks: list.name === 'q000' ? chunks : [] })) }] }; // prettier-ignore
}

const createAllocator = () => {
  const allocator = new PooledAllocator({ directArenas: 1, limitBytes: 100 * CHUNK_BYTES, memory: 'none' });
  allocator.createThreadCache();
  return allocator;
};

test('a usage band holds its ends, and 0 and 100 stand alone', () => {
  const chunks = [0, 1, 10, 11, 20, 90, 91, 99, 100, 100].map((usagePercent) => chunk(usagePercent));
  expect(valuesOf(withChunks(chunks), 'netty_allocator_arena_chunks_by_usage', 'band')).toEqual({
    '0': 1,
    '1-10': 2,
    '11-20': 2,
    '21-30': 0,
    '31-40': 0,
    '41-50': 0,
    '51-60': 0,
    '61-70': 0,
    '71-80': 0,
    '81-90': 1,
    '91-99': 2,
    '100': 2,
  });
});

test('the largest free run is the largest of any chunk', () => {
  const chunks = [8192, 65_536, 16_384].map((largestFreeRunBytes) => chunk(50, { largestFreeRunBytes }));
  expect(valuesOf(withChunks(chunks), 'netty_allocator_arena_largest_free_run_bytes', 'arena')).toEqual({ '0': 65_536 });
});

test('stranded chunks are those that the snapshot says are', () => {
  const chunks = [true, false, true].map((stranded) => chunk(0, { stranded }));
  expect(valuesOf(withChunks(chunks), 'netty_allocator_arena_stranded_chunks', 'arena')).toEqual({ '0': 2 });
});

test('a requested size is in the bucket of its power of two, the smallest in the first, the largest above the last', () => {
  const allocator = new PooledAllocator({ directArenas: 1, limitBytes: Infinity, memory: 'none' });
  allocator.createThreadCache();
  for (const bytes of [0, 1, 16, 17, 32, 33, 2 ** 30, 2 ** 30 + 1]) allocator.allocate(0, bytes);
  const counts = valuesOf(snapshot(allocator), 'netty_allocator_requested_size_bytes_bucket', 'le');
  expect([counts['16'], counts['32'], counts['64'], counts['536870912'], counts['1073741824'], counts['+Inf']]).toEqual([3, 5, 6, 6, 7, 8]);
});

test('thread-cache entries and bytes are told by kind of size class', () => {
  const allocator = createAllocator();
  const buffers = [16, 100, 1000, 32_768, 32_768].map((bytes) => allocator.allocate(0, bytes));
  for (const buffer of buffers) allocator.release(buffer);
  const entries = valuesOf(snapshot(allocator), 'netty_allocator_thread_cache_entries', 'size_class');
  const bytes = valuesOf(snapshot(allocator), 'netty_allocator_thread_cache_bytes', 'size_class');
  expect([entries, bytes]).toEqual([
    { tiny: 2, small: 1, normal: 2 },
    { tiny: 16 + 112, small: 1024, normal: 65_536 },
  ]);
});

test('a huge buffer that is released stays counted as an allocation', () => {
  const input: MetricsInput = { ...load, pool: { ...load.pool, hugeTaken: [3], hugeReleased: [2] } };
  const { samples } = parseText(renderText(METRICS, input));
  const huge = (name: string) => select(samples, `netty_allocator_arena_${name}_total`, { size_class: 'huge' }).map(({ value }) => value);
  expect([huge('allocations'), huge('deallocations')]).toEqual([
    [3, 0],
    [2, 0],
  ]);
});

test('without a limit, limit and headroom are infinite', () => {
  const input: MetricsInput = { ...load, allocator: { ...load.allocator, limitBytes: Infinity } };
  expect(renderText(METRICS, input)).toContain('\ndirect_memory_headroom_bytes +Inf\n');
});
