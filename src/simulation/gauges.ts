// The allocator's state in a few sums, read from its lists and queues without a snapshot: cheap enough for every simulated hour.
//
//   live + cached + subpage + free = chunk bytes,   reserved = chunk bytes + huge
import { classBytes, LIST_BOUNDS, LIST_NAMES, type ListName, NONE, type PooledAllocator } from '../allocator/index.ts';

export interface Gauges {
  readonly reservedBytes: number;
  readonly hugeBytes: number;
  readonly chunks: number;
  readonly chunksByList: Readonly<Record<ListName, number>>;
  readonly liveBytes: number; // in chunks; huge ones not included
  readonly cachedBytes: number; // in thread caches
  readonly subpageBytes: number; // kept by subpages, by none of their slots
  readonly freeBytes: number; // in chunks
  readonly strandedChunks: number; // below their list's minimum, or empty in qInit
  readonly strandedBytes: number; // free in those
}

export function readGauges(allocator: PooledAllocator): Gauges {
  const chunksByList = Object.fromEntries(LIST_NAMES.map((name) => [name, 0])) as Record<ListName, number>;
  let [chunks, freeBytes, subpageBytes, strandedChunks, strandedBytes] = [0, 0, 0, 0, 0];
  for (const arena of allocator.arenas) {
    for (const list of arena.lists) {
      for (let chunk = list.head; chunk !== null; chunk = chunk.next) {
        chunks++;
        chunksByList[LIST_NAMES[list.index]!]++;
        freeBytes += chunk.freeBytes;
        subpageBytes += chunk.subpageBytes - chunk.slotBytes;
        const isEmpty = chunk.freeBytes === chunk.bytes;
        if (list.index === 0 ? !isEmpty : chunk.usagePercent() >= LIST_BOUNDS[list.index]!.minUsage) continue;
        strandedChunks++;
        strandedBytes += chunk.freeBytes;
      }
    }
  }
  const cachedBytes = readCachedBytes(allocator);
  const { reservedBytes, hugeBytes } = allocator.memory;
  const liveBytes = reservedBytes - hugeBytes - freeBytes - subpageBytes - cachedBytes;
  return { reservedBytes, hugeBytes, chunks, chunksByList, liveBytes, cachedBytes, subpageBytes, freeBytes, strandedChunks, strandedBytes };
}

function readCachedBytes({ caches }: PooledAllocator): number {
  let bytes = 0;
  for (let cache = 0; cache < caches.count; cache++) {
    for (let sizeClass = 0; sizeClass < caches.classes; sizeClass++) {
      const queue = caches.queueOf(cache, sizeClass);
      if (queue !== NONE) bytes += caches.entries(queue) * classBytes(sizeClass);
    }
  }
  return bytes;
}
