// Per arena: how many chunks, in which lists, how full, who holds them, and what came and went.
import { type ArenaSnapshot, type ChunkSnapshot, LIST_NAMES, SIZE_KINDS, type SizeKind } from '../allocator/index.ts';
import type { MetricsInput } from './input.ts';
import { row } from './row.ts';

/** Usage in per cent, as Netty rounds it: 0 and 100 stand alone, since only they are exact. */
export const USAGE_BANDS = ['0', '1-10', '11-20', '21-30', '31-40', '41-50', '51-60', '61-70', '71-80', '81-90', '91-99', '100'] as const;
/** Who holds a byte of a chunk; Σ over the causes = the bytes of the chunks. */
export const RETENTION_CAUSES = ['live', 'thread_cache', 'subpage', 'free'] as const;

export const ARENA_ROWS = [
  row({
    name: 'netty_allocator_arena_chunks',
    type: 'gauge',
    help: 'Chunks, by the list they are in: qInit, and q000 to q100 by usage.',
    unit: 'none',
    labels: { arena: 'index', list: LIST_NAMES },
    stability: 'stable',
    collect({ allocator }, emit) {
      for (const { index: arena, lists } of allocator.arenas)
        for (const { name: list, chunks } of lists) emit({ arena, list }, chunks.length);
    },
  }),
  row({
    name: 'netty_allocator_arena_chunk_bytes',
    type: 'gauge',
    help: 'Bytes reserved by chunks, by the list they are in.',
    unit: 'bytes',
    labels: { arena: 'index', list: LIST_NAMES },
    stability: 'stable',
    collect({ allocator }, emit) {
      for (const { index: arena, lists } of allocator.arenas)
        for (const { name: list, chunks } of lists) emit({ arena, list }, chunks.length * allocator.chunkBytes);
    },
  }),
  row({
    name: 'netty_allocator_arena_chunks_by_usage',
    type: 'gauge',
    help: 'Chunks, by how full they are, in per cent; a list holds what its rules put there, this is what is so.',
    unit: 'none',
    labels: { arena: 'index', band: USAGE_BANDS },
    stability: 'stable',
    collect({ allocator }, emit) {
      const counts = new Uint32Array(USAGE_BANDS.length);
      for (const arena of allocator.arenas) {
        counts.fill(0);
        for (const chunk of chunksOf(arena)) counts[bandOf(chunk.usagePercent)]!++;
        USAGE_BANDS.forEach((band, i) => emit({ arena: arena.index, band }, counts[i]!));
      }
    },
  }),
  row({
    name: 'netty_allocator_arena_stranded_chunks',
    type: 'gauge',
    help: "Chunks whose usage is below their list's minimum, or that are empty in qInit: nothing may ever free them (netty#5089).",
    unit: 'none',
    labels: { arena: 'index' },
    stability: 'stable',
    collect({ allocator }, emit) {
      for (const arena of allocator.arenas)
        emit(
          { arena: arena.index },
          sum(arena, ({ stranded }) => (stranded ? 1 : 0)),
        );
    },
  }),
  row({
    name: 'netty_allocator_arena_used_bytes',
    type: 'gauge',
    help: 'Bytes of chunks that are taken: live buffers, thread caches, pages kept by subpages.',
    unit: 'bytes',
    labels: { arena: 'index' },
    stability: 'stable',
    collect({ allocator }, emit) {
      for (const arena of allocator.arenas)
        emit(
          { arena: arena.index },
          sum(arena, ({ bytes, freeBytes }) => bytes - freeBytes),
        );
    },
  }),
  row({
    name: 'netty_allocator_arena_free_bytes',
    type: 'gauge',
    help: 'Bytes of chunks that are free, in runs that may be too short for a request.',
    unit: 'bytes',
    labels: { arena: 'index' },
    stability: 'stable',
    collect({ allocator }, emit) {
      for (const arena of allocator.arenas)
        emit(
          { arena: arena.index },
          sum(arena, ({ freeBytes }) => freeBytes),
        );
    },
  }),
  row({
    name: 'netty_allocator_arena_largest_free_run_bytes',
    type: 'gauge',
    help: 'The longest free run in any chunk: a larger request that is not huge needs a new chunk.',
    unit: 'bytes',
    labels: { arena: 'index' },
    stability: 'stable',
    collect({ allocator }, emit) {
      for (const arena of allocator.arenas) {
        let largest = 0;
        for (const { largestFreeRunBytes } of chunksOf(arena)) largest = Math.max(largest, largestFreeRunBytes);
        emit({ arena: arena.index }, largest);
      }
    },
  }),
  row({
    name: 'netty_allocator_arena_retained_bytes',
    type: 'gauge',
    help: 'Bytes of chunks by who holds them: live buffers, thread caches, subpages (their empty slots), nobody (free). They sum to the bytes of the chunks.',
    unit: 'bytes',
    labels: { arena: 'index', cause: RETENTION_CAUSES },
    stability: 'stable',
    collect({ allocator }, emit) {
      for (const arena of allocator.arenas) {
        const { index } = arena;
        emit(
          { arena: index, cause: 'live' },
          sum(arena, (chunk) => chunk.liveBytes),
        );
        emit(
          { arena: index, cause: 'thread_cache' },
          sum(arena, (chunk) => chunk.cachedBytes),
        );
        emit(
          { arena: index, cause: 'subpage' },
          sum(arena, (chunk) => chunk.subpageBytes),
        );
        emit(
          { arena: index, cause: 'free' },
          sum(arena, (chunk) => chunk.freeBytes),
        );
      }
    },
  }),
  row({
    name: 'netty_allocator_arena_huge_bytes',
    type: 'gauge',
    help: 'Bytes of live huge allocations made through the arena.',
    unit: 'bytes',
    labels: { arena: 'index' },
    stability: 'stable',
    collect({ allocator }, emit) {
      for (const { index: arena, hugeBytes } of allocator.arenas) emit({ arena }, hugeBytes);
    },
  }),
  row({
    name: 'netty_allocator_arena_thread_caches',
    type: 'gauge',
    help: 'Thread caches bound to the arena.',
    unit: 'none',
    labels: { arena: 'index' },
    stability: 'stable',
    collect({ allocator }, emit) {
      for (const { index: arena, threadCaches } of allocator.arenas) emit({ arena }, threadCaches);
    },
  }),
  row({
    name: 'netty_allocator_arena_chunks_created_total',
    type: 'counter',
    help: 'Chunks created.',
    unit: 'none',
    labels: { arena: 'index' },
    stability: 'stable',
    collect({ allocator }, emit) {
      for (const { index: arena, chunksCreated } of allocator.arenas) emit({ arena }, chunksCreated);
    },
  }),
  row({
    name: 'netty_allocator_arena_chunks_destroyed_total',
    type: 'counter',
    help: 'Chunks destroyed, their memory given back to the operating system.',
    unit: 'none',
    labels: { arena: 'index' },
    stability: 'stable',
    collect({ allocator }, emit) {
      for (const { index: arena, chunksDestroyed } of allocator.arenas) emit({ arena }, chunksDestroyed);
    },
  }),
  row({
    name: 'netty_allocator_arena_allocations_total',
    type: 'counter',
    help:
      "Allocations that reached the arena, cache hits left out. tiny, small and normal are Netty's own counters; in 4.1.0.CR3 normal also counts " +
      'tiny and small ones that needed a new page, and attempts that failed. huge counts successes, by a counter of ours: that of 4.1.0.CR3 falls on release.',
    unit: 'none',
    labels: { arena: 'index', size_class: SIZE_KINDS },
    stability: 'stable',
    collect: (input, emit) =>
      byKind(input, (arena) => arena.allocations, input.pool.hugeTaken, (arena, size_class, count) => emit({ arena, size_class }, count)), // prettier-ignore
  }),
  row({
    name: 'netty_allocator_arena_deallocations_total',
    type: 'counter',
    help:
      'Regions that went back to their chunk, those kept by a thread cache left out, and huge buffers released (by a counter of ours: that of ' +
      '4.1.0.CR3 stays 0). Tiny and small can exceed their allocations in 4.1.0.CR3, which counts some of those as normal.',
    unit: 'none',
    labels: { arena: 'index', size_class: SIZE_KINDS },
    stability: 'stable',
    collect: (input, emit) =>
      byKind(input, (arena) => arena.deallocations, input.pool.hugeReleased, (arena, size_class, count) => emit({ arena, size_class }, count)), // prettier-ignore
  }),
  row({
    name: 'netty_allocator_chunk_lifetime_seconds',
    type: 'histogram',
    help: 'How long chunks lived, of those that were destroyed; those that linger are not in it.',
    unit: 'seconds',
    labels: {},
    stability: 'stable',
    collect: ({ pool }, emit) => emit({}, pool.chunkLifetimes),
  }),
  row({
    name: 'netty_allocator_oldest_chunk_seconds',
    type: 'gauge',
    help: 'Age of the oldest chunk there is, 0 without a chunk: what the lifetimes of destroyed chunks cannot tell.',
    unit: 'seconds',
    labels: {},
    stability: 'stable',
    collect: ({ pool }, emit) => emit({}, pool.oldestChunkSeconds),
  }),
] as const;

function* chunksOf(arena: ArenaSnapshot): Generator<ChunkSnapshot> {
  for (const { chunks } of arena.lists) yield* chunks;
}

function sum(arena: ArenaSnapshot, valueOf: (chunk: ChunkSnapshot) => number): number {
  let total = 0;
  for (const { chunks } of arena.lists) for (const chunk of chunks) total += valueOf(chunk);
  return total;
}

/** Index into USAGE_BANDS. */
function bandOf(usagePercent: number): number {
  return usagePercent === 100 ? USAGE_BANDS.length - 1 : Math.ceil(usagePercent / 10);
}

/** The arena's counters, with our own count in place of Netty's for huge. */
function byKind(
  { allocator }: MetricsInput,
  countsOf: (arena: ArenaSnapshot) => Readonly<Record<SizeKind, number>>,
  huge: readonly number[],
  emit: (arena: number, kind: SizeKind, count: number) => void,
): void {
  for (const arena of allocator.arenas)
    for (const kind of SIZE_KINDS) emit(arena.index, kind, kind === 'huge' ? (huge[arena.index] ?? 0) : countsOf(arena)[kind]);
}
