// One chunk, page by page: which run of pages is held by what. For the chunk view and explanations; never on the hot path.
//
//   the runs cover the chunk's pages in order, without gap or overlap;   Σ run.bytes = chunk.bytes
import { type PooledAllocator, RECORD } from './allocator.ts';
import type { Chunk } from './chunk.ts';
import { isSlot, nodeOf, NONE, slotOf } from './handle.ts';
import { LIST_NAMES, type ListName } from './profile.ts';
import { classBytes } from './sizes.ts';
import { QUEUE } from './thread-caches.ts';

const { CHUNK, COUNT, HANDLE, HOME, LENGTH, SHIFT: RECORD_SHIFT } = RECORD;

/** Who has a region: a live buffer (the cache that took it, if its class is cached), or a thread cache that keeps it. */
export interface RegionHolder {
  readonly holder: 'live' | 'thread_cache';
  readonly cache: number | null;
  readonly classBytes: number | null;
  readonly lengthBytes: number; // asked for
}
export interface SlotHolder extends RegionHolder {
  readonly slot: number;
}

interface Pages {
  readonly firstPage: number;
  readonly pages: number;
  readonly offset: number; // bytes
  readonly bytes: number;
}
export type RunOccupancy = Pages &
  (
    | { readonly holder: 'free' }
    | RegionHolder
    | { readonly holder: 'subpage'; readonly elemBytes: number; readonly maxElems: number; readonly available: number; readonly slots: readonly SlotHolder[] } // prettier-ignore
  );

export interface ChunkOccupancy {
  readonly id: number;
  readonly arena: number;
  readonly list: ListName;
  readonly usagePercent: number;
  readonly bytes: number;
  readonly freeBytes: number;
  readonly pageBytes: number;
  readonly pages: number;
  readonly runs: readonly RunOccupancy[];
}

/** The chunk of that ordinal in that arena, or null where there is none (any more). */
export function occupancy(allocator: PooledAllocator, arena: number, id: number): ChunkOccupancy | null {
  const chunk = allocator.chunks.find((c) => c !== null && !c.unpooled && c.id === id && c.arena.index === arena);
  if (chunk === undefined || chunk === null) return null;
  const { pageBytes, maxOrder } = allocator.geometry;
  const { bytes, freeBytes, list } = chunk;
  const runs = runsOf(allocator, chunk);
  return {
    id,
    arena,
    list: LIST_NAMES[list]!,
    usagePercent: chunk.usagePercent(),
    bytes,
    freeBytes,
    pageBytes,
    pages: 1 << maxOrder,
    runs,
  };
}

function runsOf(allocator: PooledAllocator, chunk: Chunk): RunOccupancy[] {
  const { maxOrder, pageBytes } = allocator.geometry;
  const { regions, slots } = holders(allocator, chunk);
  const runs: RunOccupancy[] = [];
  const walk = (node: number, depth: number): void => {
    const pages = 1 << (maxOrder - depth);
    const firstPage = (node ^ (1 << depth)) * pages;
    const place = { firstPage, pages, offset: firstPage * pageBytes, bytes: pages * pageBytes };
    const region = regions.get(node);
    const subpage = depth === maxOrder ? chunk.subpages[firstPage] : undefined;
    if (region !== undefined) runs.push({ ...place, ...region });
    else if (subpage?.inUse) {
      const { elemBytes, maxElems, available } = subpage;
      runs.push({ ...place, holder: 'subpage', elemBytes, maxElems, available, slots: slots.get(node) ?? [] });
    } else if (chunk.map[node] === depth) runs.push({ ...place, holder: 'free' });
    else {
      walk(2 * node, depth + 1);
      walk(2 * node + 1, depth + 1);
    }
  };
  walk(1, 0);
  return runs;
}

/** Regions of the chunk by tree node; those that are slots of subpages apart, by slot. */
function holders(allocator: PooledAllocator, chunk: Chunk): { regions: Map<number, RegionHolder>; slots: Map<number, SlotHolder[]> } {
  const { records, geometry } = allocator;
  const regions = new Map<number, RegionHolder>();
  const slots = new Map<number, SlotHolder[]>();
  for (let index = 0; index < allocator.recordCount; index++) {
    const record = index << RECORD_SHIFT;
    if (records[record + COUNT] === -1 || records[record + CHUNK] !== chunk.slot) continue;
    const holder = holderOf(allocator, record);
    const handle = records[record + HANDLE]!;
    const node = nodeOf(handle, geometry.nodeBits);
    if (isSlot(handle)) slots.set(node, [...(slots.get(node) ?? []), { slot: slotOf(handle, geometry.nodeBits), ...holder }]);
    else regions.set(node, holder);
  }
  for (const held of slots.values()) held.sort((a, b) => a.slot - b.slot);
  return { regions, slots };
}

function holderOf({ records, caches }: PooledAllocator, record: number): RegionHolder {
  const home = records[record + HOME]!;
  return {
    holder: records[record + COUNT]! > 0 ? 'live' : 'thread_cache',
    cache: home === NONE ? null : Math.floor(home / caches.cacheWords),
    classBytes: home === NONE ? null : classBytes((home % caches.cacheWords) >>> QUEUE.SHIFT),
    lengthBytes: records[record + LENGTH]!,
  };
}
