// Per event loop: what its thread cache keeps, and how often it helped. By kind of size class: 39 queues for each of 64 loops
// would be 2,496 series for a question that three answer.
import type { CacheSnapshot, QueueSnapshot } from '../allocator/index.ts';
import { row } from './row.ts';

export const CACHED_KINDS = ['tiny', 'small', 'normal'] as const;
type CachedKind = (typeof CACHED_KINDS)[number];

export const THREAD_CACHE_ROWS = [
  row({
    name: 'netty_allocator_thread_cache_entries',
    type: 'gauge',
    help: "Regions kept in the event loop's thread cache.",
    unit: 'none',
    labels: { event_loop: 'index', size_class: CACHED_KINDS },
    stability: 'stable',
    collect({ allocator }, emit) {
      for (const cache of allocator.caches)
        for (const size_class of CACHED_KINDS)
          emit(
            { event_loop: cache.index, size_class },
            sum(cache, size_class, ({ entries }) => entries),
          );
    },
  }),
  row({
    name: 'netty_allocator_thread_cache_bytes',
    type: 'gauge',
    help: "Bytes of the regions kept in the event loop's thread cache; each pins the chunk it lies in.",
    unit: 'bytes',
    labels: { event_loop: 'index', size_class: CACHED_KINDS },
    stability: 'stable',
    collect({ allocator }, emit) {
      for (const cache of allocator.caches)
        for (const size_class of CACHED_KINDS)
          emit({ event_loop: cache.index, size_class }, sum(cache, size_class, ({ entries, classBytes }) => entries * classBytes)); // prettier-ignore
    },
  }),
  row({
    name: 'netty_allocator_thread_cache_hits_total',
    type: 'counter',
    help: 'Allocations that the thread cache served.',
    unit: 'none',
    labels: { event_loop: 'index' },
    stability: 'stable',
    collect({ allocator }, emit) {
      for (const { index: event_loop, hits } of allocator.caches) emit({ event_loop }, hits);
    },
  }),
  row({
    name: 'netty_allocator_thread_cache_misses_total',
    type: 'counter',
    help: 'Allocations that asked the thread cache in vain; those too large for it never ask.',
    unit: 'none',
    labels: { event_loop: 'index' },
    stability: 'stable',
    collect({ allocator }, emit) {
      for (const { index: event_loop, misses } of allocator.caches) emit({ event_loop }, misses);
    },
  }),
  row({
    name: 'netty_allocator_thread_cache_trims_total',
    type: 'counter',
    help: 'Trims of the thread cache: by its own counting (each 8192nd ask), and on demand.',
    unit: 'none',
    labels: { event_loop: 'index' },
    stability: 'stable',
    collect({ allocator }, emit) {
      for (const { index: event_loop, trims } of allocator.caches) emit({ event_loop }, trims);
    },
  }),
] as const;

function sum({ queues }: CacheSnapshot, kind: CachedKind, valueOf: (queue: QueueSnapshot) => number): number {
  let total = 0;
  for (const queue of queues) if (queue.kind === kind) total += valueOf(queue);
  return total;
}
