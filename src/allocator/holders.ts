// Who holds each chunk: live buffers (as what, is told by their owners), regions in thread caches with their age, pages of
// subpages. Plain data for explanations, taken in one pass over records, queues and chunks; never on the hot path.
//
//   for each chunk:   Σ live.bytes + Σ cached.bytes + Σ subpages.bytes + freeBytes = bytes
import { type BufferRef, type PooledAllocator, RECORD } from './allocator.ts';
import type { Arena } from './arena.ts';
import type { Chunk } from './chunk.ts';
import type { ChunkList } from './chunk-list.ts';
import { NONE } from './handle.ts';
import { LIST_NAMES, type ListName, type NettyVersion } from './profile.ts';
import { classBytes } from './sizes.ts';
import type { Subpage } from './subpage.ts';

const { CHUNK, COUNT, HOME, MAX_LENGTH, STAMP, SHIFT: RECORD_SHIFT } = RECORD;

/** What a live buffer is for, as its owner says it. */
export const LIVE_PURPOSES = ['receiving', 'receiving_consolidated', 'held', 'held_consolidated', 'slice', 'unknown'] as const;
export type LivePurpose = (typeof LIVE_PURPOSES)[number];

/** What an owner tells of a live buffer. `cache`: the event loop's; null: not known. */
export interface LiveHolder {
  readonly ref: BufferRef;
  readonly purpose: LivePurpose;
  readonly cache: number | null;
}

export interface LiveHolding {
  readonly purpose: LivePurpose;
  readonly cache: number | null;
  readonly buffers: number;
  readonly bytes: number;
}

export interface CachedHolding {
  readonly cache: number;
  readonly classBytes: number;
  readonly entries: number;
  readonly bytes: number;
  readonly newestAge: number; // in whole units of the allocator's clock, since the release
  readonly oldestAge: number;
}

/** Pages cut for one size class: what no taken slot accounts for. The slots are among the live and the cached. */
export interface SubpageHolding {
  readonly classBytes: number;
  readonly pages: number;
  readonly emptyPages: number; // kept though no slot is taken
  readonly isLast: boolean; // one of the empty ones is all that the class's pool has
  readonly bytes: number;
}

export interface ChunkHolders {
  readonly id: number;
  readonly usagePercent: number;
  readonly bytes: number;
  readonly freeBytes: number;
  readonly largestFreeRunBytes: number;
  readonly live: readonly LiveHolding[]; // most bytes first, as the two below
  readonly cached: readonly CachedHolding[];
  readonly subpages: readonly SubpageHolding[];
}

export interface HugeHolder {
  readonly id: number;
  readonly arena: number;
  readonly bytes: number;
  readonly purpose: LivePurpose;
  readonly cache: number | null;
}

export interface ListHolders {
  readonly name: ListName;
  readonly maxRunBytes: number; // larger requests are not served from this list; 0: the list is never asked
  readonly chunks: readonly ChunkHolders[]; // head first
}

export interface ArenaHolders {
  readonly index: number;
  readonly slotClasses: readonly number[]; // bytes of the size classes that have a subpage with a free slot
  readonly lists: readonly ListHolders[];
}

export interface CacheHolders {
  readonly index: number;
  readonly arena: number;
  readonly asksToTrim: number; // so many requests to this cache until it trims itself
  readonly largestEntryBytes: number | null;
}

export interface HoldersSnapshot {
  readonly version: NettyVersion;
  readonly chunkBytes: number;
  readonly pageBytes: number;
  readonly limitBytes: number | null; // null: no limit
  readonly reservedBytes: number;
  readonly clock: number;
  readonly simulated: boolean; // the clock is that of simulated days
  readonly arenas: readonly ArenaHolders[];
  readonly huge: readonly HugeHolder[];
  readonly caches: readonly CacheHolders[];
}

/** `others`: what a live buffer is for that no owner speaks for. `simulated`: what the owner of the clock says of it. */
export function holders(
  allocator: PooledAllocator,
  owners: Iterable<LiveHolder> = [],
  others: LivePurpose = 'unknown',
  simulated = false,
): HoldersSnapshot {
  const { memory, geometry, clock } = allocator;
  const live = liveByChunk(allocator, owners, LIVE_PURPOSES.indexOf(others));
  const cached = cachedByChunk(allocator);
  return {
    version: allocator.profile.version,
    chunkBytes: geometry.chunkBytes,
    pageBytes: geometry.pageBytes,
    limitBytes: memory.limitBytes === Infinity ? null : memory.limitBytes,
    reservedBytes: memory.reservedBytes,
    clock,
    simulated,
    arenas: allocator.arenas.map((arena) => ({
      index: arena.index,
      slotClasses: arena.pools.flatMap((head, sizeClass) => (head.next === head ? [] : [classBytes(sizeClass)])),
      lists: arena.lists.map((list) => listHolders(arena, list, live, cached)),
    })),
    huge: allocator.chunks.flatMap((chunk) => (chunk?.unpooled ? [hugeHolder(chunk, live)] : [])),
    caches: allocator.cacheArenas.map((arena, cache) => cacheHolders(allocator, arena, cache)),
  };
}

type ByChunk<T> = (T[] | undefined)[]; // by registry slot of the chunk

function listHolders(arena: Arena, list: ChunkList, live: ByChunk<LiveHolding>, cached: ByChunk<CachedHolding>): ListHolders {
  const chunks: ChunkHolders[] = [];
  for (let chunk = list.head; chunk !== null; chunk = chunk.next) {
    const { id, bytes, freeBytes, slot } = chunk;
    chunks.push({
      id,
      usagePercent: chunk.usagePercent(),
      bytes,
      freeBytes,
      largestFreeRunBytes: chunk.largestFreeRunBytes(),
      live: mostFirst(live[slot]),
      cached: mostFirst(cached[slot]),
      subpages: chunk.subpageBytes === 0 ? NOTHING : mostFirst(subpageHoldings(chunk)),
    });
  }
  return { name: LIST_NAMES[list.index]!, maxRunBytes: arena.searched.includes(list) ? list.maxRunBytes : 0, chunks };
}

const NOTHING: readonly never[] = []; // shared: most chunks lack some kind of holder

function mostFirst<T extends { readonly bytes: number }>(holdings: T[] | undefined): readonly T[] {
  if (holdings === undefined) return NOTHING;
  return holdings.length > 1 ? holdings.sort((a, b) => b.bytes - a.bytes) : holdings;
}

type Growing<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Live regions, grouped by (purpose, cache). Groups are small integers, `purpose × caches + cache + 1` with NONE for a cache not
 * known, so that a million buffers cost one array and no string. A buffer nobody speaks for: `others`, its home cache if it has one.
 */
function liveByChunk(allocator: PooledAllocator, owners: Iterable<LiveHolder>, others: number): ByChunk<LiveHolding> {
  const { records, caches } = allocator;
  const stride = caches.count + 1;
  const groupOf = new Int32Array(allocator.recordCount).fill(NONE);
  for (const { ref, purpose, cache } of owners)
    groupOf[allocator.recordOf(ref, 'holders') >> RECORD_SHIFT] = LIVE_PURPOSES.indexOf(purpose) * stride + (cache ?? NONE) + 1;
  const byChunk: ByChunk<Growing<LiveHolding>> = [];
  for (let slot = 0; slot < groupOf.length; slot++) {
    const record = slot << RECORD_SHIFT;
    if (records[record + COUNT]! <= 0) continue;
    const home = records[record + HOME]!;
    let group = groupOf[slot]!;
    if (group === NONE) group = others * stride + (home === NONE ? 0 : Math.floor(home / caches.cacheWords) + 1);
    const holding = holdingOf((byChunk[records[record + CHUNK]!] ??= []), LIVE_PURPOSES[Math.floor(group / stride)]!, (group % stride) - 1);
    holding.buffers++;
    holding.bytes += records[record + MAX_LENGTH]!;
  }
  return byChunk;
}

/** The group's holding in a chunk, made where it is missing. A chunk has few groups, so a look at each beats a map of all (4 times). */
function holdingOf(holdings: Growing<LiveHolding>[], purpose: LivePurpose, cache: number): Growing<LiveHolding> {
  const known = cache === NONE ? null : cache;
  for (const holding of holdings) if (holding.purpose === purpose && holding.cache === known) return holding;
  const holding = { purpose, cache: known, buffers: 0, bytes: 0 };
  holdings.push(holding);
  return holding;
}

/** Queue by queue, so that a chunk's newest group is the one of the present queue, if that has met the chunk before. */
function cachedByChunk(allocator: PooledAllocator): ByChunk<CachedHolding> {
  const { records, caches } = allocator;
  const now = Math.floor(allocator.clock); // stamps are whole
  const byChunk: ByChunk<Growing<CachedHolding>> = [];
  for (let cache = 0; cache < caches.count; cache++)
    for (let sizeClass = 0; sizeClass < caches.classes; sizeClass++) {
      const queue = caches.queueOf(cache, sizeClass);
      const entries = queue === NONE ? 0 : caches.entries(queue);
      const bytes = classBytes(sizeClass);
      for (let i = 0; i < entries; i++) {
        const record = caches.entryAt(queue, i) << RECORD_SHIFT;
        const holdings = (byChunk[records[record + CHUNK]!] ??= []);
        const age = Math.max(0, now - records[record + STAMP]!);
        let holding = holdings.at(-1);
        if (holding?.cache !== cache || holding.classBytes !== bytes)
          holdings.push((holding = { cache, classBytes: bytes, entries: 0, bytes: 0, newestAge: age, oldestAge: age }));
        holding.entries++;
        holding.bytes += bytes;
        holding.newestAge = Math.min(holding.newestAge, age);
        holding.oldestAge = Math.max(holding.oldestAge, age);
      }
    }
  return byChunk;
}

function subpageHoldings(chunk: Chunk): SubpageHolding[] {
  const { pageBytes } = chunk.geometry;
  const holdings: Growing<SubpageHolding>[] = [];
  let left = chunk.subpageBytes / pageBytes; // stop at the last one in use: pages are taken from the left
  for (let page = 0; left > 0; page++) {
    const subpage = chunk.subpages[page];
    if (!subpage?.inUse) continue;
    left--;
    const { elemBytes, maxElems, available } = subpage;
    let holding = holdings.find((h) => h.classBytes === elemBytes);
    if (holding === undefined) holdings.push((holding = { classBytes: elemBytes, pages: 0, emptyPages: 0, isLast: false, bytes: 0 }));
    holding.pages++;
    holding.bytes += pageBytes - (maxElems - available) * elemBytes;
    if (elemBytes > 0 && available < maxElems) continue;
    holding.emptyPages++;
    holding.isLast ||= isAlone(subpage);
  }
  return holdings;
}

/** The only page in its pool's ring: both neighbours are the head. A page in no ring is its own neighbour. */
const isAlone = (subpage: Subpage): boolean => subpage.prev === subpage.next && subpage.next !== subpage;

function hugeHolder(chunk: Chunk, live: ByChunk<LiveHolding>): HugeHolder {
  const { purpose, cache } = live[chunk.slot]![0]!; // one buffer has it all, else it were freed
  return { id: chunk.id, arena: chunk.arena.index, bytes: chunk.bytes, purpose, cache };
}

function cacheHolders({ caches, trimInterval }: PooledAllocator, arena: Arena, cache: number): CacheHolders {
  let largestEntryBytes: number | null = null;
  for (let sizeClass = 0; sizeClass < caches.classes; sizeClass++) {
    const queue = caches.queueOf(cache, sizeClass);
    if (queue !== NONE && caches.entries(queue) > 0) largestEntryBytes = classBytes(sizeClass);
  }
  const asks = caches.words[cache * caches.cacheWords + caches.asksWord]!;
  return { index: cache, arena: arena.index, asksToTrim: trimInterval - asks, largestEntryBytes };
}
