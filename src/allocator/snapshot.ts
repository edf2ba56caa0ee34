// A picture of the whole allocator as plain data, taken at once. Metrics, feed, explanation, dump and trace replay read this, never the structures.
import { type PooledAllocator, RECORD } from './allocator.ts';
import type { Arena } from './arena.ts';
import type { Chunk } from './chunk.ts';
import { LIST_BOUNDS } from './chunk-list.ts';
import { NONE } from './handle.ts';
import type { ListName } from './profile.ts';
import { classBytes, SIZE_KINDS, type SizeKind } from './sizes.ts';

const { CHUNK, MAX_LENGTH, SHIFT: RECORD_SHIFT } = RECORD;

export interface ChunkSnapshot {
  readonly id: number; // ordinal over the allocator, in order of creation
  readonly usagePercent: number;
  readonly bytes: number;
  /** liveBytes + cachedBytes + subpageBytes + freeBytes = bytes */
  readonly liveBytes: number; // regions of live buffers
  readonly cachedBytes: number; // regions in thread caches
  readonly subpageBytes: number; // held by subpages, but by none of their slots
  readonly freeBytes: number; // in the tree
  readonly largestFreeRunBytes: number;
  readonly stranded: boolean; // usage below the list's minimum, or empty in qInit
}

export interface ListSnapshot {
  readonly name: ListName;
  readonly minUsage: number;
  readonly maxUsage: number;
  readonly chunks: readonly ChunkSnapshot[]; // head first
}

export interface SubpageSnapshot {
  readonly chunk: number;
  readonly node: number;
  readonly available: number;
  readonly maxElems: number;
  readonly elemBytes: number;
  readonly offset: number; // of the page in its chunk, bytes
  readonly pageBytes: number;
}

export type CountByKind = Readonly<Record<SizeKind, number>>;

export interface ArenaSnapshot {
  readonly index: number;
  readonly lists: readonly ListSnapshot[];
  readonly tiny: Readonly<Record<number, readonly SubpageSnapshot[]>>; // by pool index, pools that are not empty
  readonly small: Readonly<Record<number, readonly SubpageSnapshot[]>>;
  readonly allocations: CountByKind;
  readonly deallocations: CountByKind;
  readonly active: CountByKind;
  readonly chunksCreated: number;
  readonly chunksDestroyed: number;
  readonly hugeBytes: number;
  readonly threadCaches: number;
}

export interface QueueSnapshot {
  readonly sizeClass: number;
  readonly classBytes: number;
  readonly kind: 'tiny' | 'small' | 'normal';
  readonly entries: number;
  readonly capacity: number;
}

export interface CacheSnapshot {
  readonly index: number;
  readonly arena: number;
  readonly bytes: number; // Σ entries × classBytes
  readonly hits: number;
  readonly misses: number;
  readonly trims: number;
  readonly queues: readonly QueueSnapshot[];
}

export interface AllocatorSnapshot {
  readonly version: string;
  readonly pageBytes: number;
  readonly maxOrder: number;
  readonly chunkBytes: number;
  readonly limitBytes: number;
  readonly reservedBytes: number; // chunks + huge
  readonly hugeBytes: number;
  readonly hugeCount: number;
  readonly exhausted: { readonly chunk: number; readonly huge: number };
  readonly liveBuffers: number;
  /** Served requests: `requests[b]` counts more than 2^(b−1) and at most 2^b bytes; [0 … 4] together in [4], being one size class. */
  readonly requests: readonly number[];
  readonly requestedBytes: number;
  readonly arenas: readonly ArenaSnapshot[];
  readonly caches: readonly CacheSnapshot[];
}

export function snapshot(allocator: PooledAllocator): AllocatorSnapshot {
  const { memory, geometry, exhausted } = allocator;
  const cachedByChunk = new Float64Array(allocator.chunks.length);
  const caches = allocator.cacheArenas.map((_, cache) => snapshotCache(allocator, cache, cachedByChunk));
  return {
    version: allocator.profile.version,
    pageBytes: geometry.pageBytes,
    maxOrder: geometry.maxOrder,
    chunkBytes: geometry.chunkBytes,
    limitBytes: memory.limitBytes,
    reservedBytes: memory.reservedBytes,
    hugeBytes: memory.hugeBytes,
    hugeCount: memory.hugeCount,
    exhausted: { ...exhausted },
    liveBuffers: liveBuffers(allocator, caches),
    requests: requestsBySize(allocator),
    requestedBytes: allocator.requestedBytes[0]!,
    arenas: allocator.arenas.map((arena) => snapshotArena(allocator, arena, cachedByChunk)),
    caches,
  };
}

/** Cache hits are counted by size class; every class lies within one power of two, but for those up to 16 bytes. */
function requestsBySize(allocator: PooledAllocator): number[] {
  const { caches, arenaRequests } = allocator;
  const requests = Array.from(arenaRequests);
  for (let cache = 0; cache < caches.count; cache++)
    for (let sizeClass = 0; sizeClass < caches.classes; sizeClass++) {
      const bytes = classBytes(sizeClass);
      requests[bytes <= 16 ? 4 : 32 - Math.clz32(bytes - 1)]! += caches.hitsOf(cache, sizeClass);
    }
  for (let b = 0; b < 4; b++) {
    requests[4]! += requests[b]!;
    requests[b] = 0;
  }
  return requests;
}

/** Buffers somebody holds: records ever used, less those free, less those in thread caches. */
function liveBuffers(allocator: PooledAllocator, caches: readonly CacheSnapshot[]): number {
  const cached = caches.reduce((sum, cache) => cache.queues.reduce((s, queue) => s + queue.entries, sum), 0);
  return allocator.recordCount - allocator.freeRecordCount - cached;
}

function snapshotCache(allocator: PooledAllocator, cache: number, cachedByChunk: Float64Array): CacheSnapshot {
  const { caches, records, geometry } = allocator;
  const queues: QueueSnapshot[] = [];
  let bytes = 0;
  let hits = 0;
  for (let sizeClass = 0; sizeClass < caches.classes; sizeClass++) {
    hits += caches.hitsOf(cache, sizeClass);
    const queue = caches.queueOf(cache, sizeClass);
    if (queue === NONE) continue;
    const entries = caches.entries(queue);
    for (let i = 0; i < entries; i++) {
      const record = caches.entryAt(queue, i) << RECORD_SHIFT;
      cachedByChunk[records[record + CHUNK]!]! += records[record + MAX_LENGTH]!;
    }
    bytes += entries * classBytes(sizeClass);
    const kind = sizeClass < 32 ? 'tiny' : sizeClass < geometry.pageClass ? 'small' : 'normal';
    queues.push({ sizeClass, classBytes: classBytes(sizeClass), kind, entries, capacity: caches.capacityOf(sizeClass) });
  }
  const arena = allocator.cacheArenas[cache]!.index;
  return { index: cache, arena, bytes, hits, misses: caches.asksTotal(cache) - hits, trims: caches.trims[cache]!, queues };
}

function snapshotArena(allocator: PooledAllocator, arena: Arena, cachedByChunk: Float64Array): ArenaSnapshot {
  const { pageClass } = allocator.geometry;
  const active = arena.allocations.map((count, kind) => Math.max(0, count - arena.deallocations[kind]!));
  return {
    index: arena.index,
    lists: arena.lists.map((list) => {
      const chunks: ChunkSnapshot[] = [];
      for (let chunk = list.head; chunk !== null; chunk = chunk.next) chunks.push(snapshotChunk(chunk, cachedByChunk[chunk.slot]!));
      return { ...LIST_BOUNDS[list.index]!, chunks };
    }),
    tiny: snapshotPools(allocator, arena, 0, 32),
    small: snapshotPools(allocator, arena, 32, pageClass),
    allocations: byKind(arena.allocations),
    deallocations: byKind(arena.deallocations),
    active: byKind(active),
    chunksCreated: arena.chunksCreated,
    chunksDestroyed: arena.chunksDestroyed,
    hugeBytes: arena.hugeBytes,
    threadCaches: arena.threadCaches,
  };
}

function byKind(counts: Float64Array): CountByKind {
  return Object.fromEntries(SIZE_KINDS.map((kind, i) => [kind, counts[i]!])) as Record<SizeKind, number>;
}

function snapshotChunk(chunk: Chunk, cachedBytes: number): ChunkSnapshot {
  const usagePercent = chunk.usagePercent();
  const subpageBytes = chunk.subpageBytes - chunk.slotBytes;
  return {
    id: chunk.id,
    usagePercent,
    bytes: chunk.bytes,
    liveBytes: chunk.bytes - chunk.freeBytes - subpageBytes - cachedBytes,
    cachedBytes,
    subpageBytes,
    freeBytes: chunk.freeBytes,
    largestFreeRunBytes: chunk.largestFreeRunBytes(),
    stranded: isStranded(chunk.list, usagePercent),
  };
}

/** In a list whose minimum it misses (CR3 moves a chunk one list per free), or empty in qInit, which destroys nothing. */
export function isStranded(list: number, usagePercent: number): boolean {
  return usagePercent < LIST_BOUNDS[list]!.minUsage || (list === 0 && usagePercent === 0);
}

function snapshotPools(allocator: PooledAllocator, arena: Arena, from: number, to: number): Record<number, SubpageSnapshot[]> {
  const { pageBytes, maxOrder } = allocator.geometry;
  const pools: Record<number, SubpageSnapshot[]> = {};
  for (let sizeClass = from; sizeClass < to; sizeClass++) {
    const head = arena.pools[sizeClass]!;
    const pool: SubpageSnapshot[] = [];
    for (let s = head.next; s !== head; s = s.next) {
      const { node, available, maxElems, elemBytes } = s;
      const offset = (node ^ (1 << maxOrder)) * pageBytes;
      pool.push({ chunk: allocator.chunks[s.chunkSlot]!.id, node, available, maxElems, elemBytes, offset, pageBytes });
    }
    if (pool.length > 0) pools[sizeClass - from] = pool;
  }
  return pools;
}
