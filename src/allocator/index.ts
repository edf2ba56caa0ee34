// allocator: Netty's pooled direct-memory allocator, bit for bit: arenas, chunk lists, buddy trees, subpages, thread caches, huge
// allocations, the direct-memory limit, reference counts, composites.
// Keeps true: reserved = live + cached + held by kept subpages + free inside chunks (check.ts recomputes it all).
// Pure: no I/O, clock, randomness or import from elsewhere.
export { type AllocatorOptions, type BufferRef, type Exhaustion, PooledAllocator } from './allocator.ts';
export { copyParts, lengthOf, type Parts, viewBytes, writeBytes } from './bytes.ts';
export { check } from './check.ts';
export type { Chunk } from './chunk.ts';
export { LIST_BOUNDS } from './chunk-list.ts';
export { Composite } from './composite.ts';
export { type MemoryKind, type MemoryMapper, unmapAtOnce } from './direct-memory.ts';
export { type DumpOptions, dumpArena } from './dump.ts';
export { POOL_ERROR_CODES, PoolError, type PoolErrorCode } from './errors.ts';
export { NONE } from './handle.ts';
export {
  type ArenaHolders,
  type CachedHolding,
  type CacheHolders,
  type ChunkHolders,
  holders,
  type HoldersSnapshot,
  type HugeHolder,
  type ListHolders,
  LIVE_PURPOSES,
  type LiveHolder,
  type LiveHolding,
  type LivePurpose,
  type SubpageHolding,
} from './holders.ts';
export type { AllocatorListener, ExhaustionCause } from './listener.ts';
export { LIST_NAMES, type ListName, type NettyVersion, PROFILES } from './profile.ts';
export { type ChunkOccupancy, occupancy, type RegionHolder, type RunOccupancy, type SlotHolder } from './occupancy.ts';
export { encodePageMap, PAGE_HOLDERS, PAGE_MAP_VERSION, type PageHolder } from './page-map.ts';
export { type BufferPlace, placeOf } from './place.ts';
export {
  type AllocatorSnapshot,
  type ArenaSnapshot,
  type CacheSnapshot,
  type ChunkSnapshot,
  type CountByKind,
  type ListSnapshot,
  type QueueSnapshot,
  snapshot,
  type SubpageSnapshot,
} from './snapshot.ts';
export { classBytes, classOf, createGeometry, defaultDirectArenas, type Geometry, SIZE_KINDS, type SizeKind } from './sizes.ts';
