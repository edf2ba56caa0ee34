// Every page of every chunk in one compact byte string, for the live page: who holds it. One pass over the records of regions, so
// that 512 chunks take a few milliseconds (bench/page.ts); occupancy.ts tells more of one chunk.
//
//   map      version · pageBytes · pages per chunk · arenas · arena…              all numbers are varints (7 bits a byte, low first)
//   arena    6 × list:  chunks · chunk…                                           head first
//   chunk    id · usagePercent << 1 | stranded · run…                             Σ run.pages = pages per chunk
//   run      pages << 2 | holder                                                  neighbours differ in holder
//
// A page cut into slots shows its strongest holder: live, else thread cache, else kept (a subpage none of whose slots is taken).
import { type PooledAllocator, RECORD } from './allocator.ts';
import { isSlot, nodeOf } from './handle.ts';
import { isStranded } from './snapshot.ts';

export const PAGE_MAP_VERSION = 1;
/** In a run's two low bits. */
export const PAGE_HOLDERS = ['free', 'live', 'thread_cache', 'subpage'] as const;
export type PageHolder = (typeof PAGE_HOLDERS)[number];

const [LIVE, THREAD_CACHE, SUBPAGE] = [1, 2, 3] as const; // indices into it; 0: free
const { CHUNK, COUNT, HANDLE, SHIFT: RECORD_SHIFT } = RECORD;
const MAX_VARINT_BYTES = 5;

export function encodePageMap(allocator: PooledAllocator): Uint8Array {
  const { pageBytes, maxOrder } = allocator.geometry;
  const pagesPerChunk = 1 << maxOrder;
  const holders = pageHolders(allocator);
  const writer = new VarintWriter(allocator, pagesPerChunk);
  writer.put(PAGE_MAP_VERSION);
  writer.put(pageBytes);
  writer.put(pagesPerChunk);
  writer.put(allocator.arenas.length);
  for (const { lists } of allocator.arenas)
    for (const list of lists) {
      writer.put(list.size);
      for (let chunk = list.head; chunk !== null; chunk = chunk.next) {
        const usagePercent = chunk.usagePercent();
        writer.put(chunk.id);
        writer.put((usagePercent << 1) | Number(isStranded(list.index, usagePercent)));
        writer.putRuns(holders, chunk.slot << maxOrder, pagesPerChunk);
      }
    }
  return writer.done();
}

/** A holder for each page, by the chunk's slot in the registry. */
function pageHolders(allocator: PooledAllocator): Uint8Array {
  const { geometry, chunks, records, recordCount } = allocator;
  const { maxOrder, nodeBits } = geometry;
  const leaf = 1 << maxOrder;
  const holders = new Uint8Array(chunks.length << maxOrder); // all free
  markKeptPages(allocator, holders);
  for (let record = 0; record < recordCount << RECORD_SHIFT; record += 1 << RECORD_SHIFT) {
    const count = records[record + COUNT]!;
    if (count < 0) continue; // not in use
    const slot = records[record + CHUNK]!;
    if (chunks[slot]!.unpooled) continue;
    const handle = records[record + HANDLE]!;
    const node = nodeOf(handle, nodeBits);
    const holder = count > 0 ? LIVE : THREAD_CACHE;
    if (isSlot(handle)) {
      const page = (slot << maxOrder) + (node ^ leaf);
      if (holders[page] !== LIVE) holders[page] = holder;
      continue;
    }
    const depth = 31 - Math.clz32(node);
    const first = (slot << maxOrder) + ((node ^ (1 << depth)) << (maxOrder - depth));
    holders.fill(holder, first, first + (leaf >>> depth));
  }
  return holders;
}

/** Pages cut into slots, as far as some slot is free: those are in the pools. Full ones are seen by their slots' records. */
function markKeptPages({ arenas, geometry }: PooledAllocator, holders: Uint8Array): void {
  const { maxOrder } = geometry;
  for (const { pools } of arenas)
    for (const head of pools)
      for (let subpage = head.next; subpage !== head; subpage = subpage.next)
        holders[(subpage.chunkSlot << maxOrder) + (subpage.node ^ (1 << maxOrder))] = SUBPAGE;
}

/** Writes into room for the worst case: a run of n pages never takes more than n bytes. */
class VarintWriter {
  readonly #bytes: Uint8Array;
  #length = 0;

  constructor({ arenas, chunks }: PooledAllocator, pagesPerChunk: number) {
    const lists = arenas.reduce((sum, arena) => sum + arena.lists.length, 0);
    this.#bytes = new Uint8Array(
      (4 + lists + chunks.length * 2) * MAX_VARINT_BYTES + chunks.length * Math.max(pagesPerChunk, MAX_VARINT_BYTES),
    );
  }

  put(value: number): void {
    for (; value >= 0x80; value >>>= 7) this.#bytes[this.#length++] = value | 0x80; // the high bits are cut off by the array
    this.#bytes[this.#length++] = value;
  }

  putRuns(holders: Uint8Array, first: number, pages: number): void {
    const end = first + pages;
    for (let start = first; start < end;) {
      const holder = holders[start]!;
      let next = start + 1;
      while (next < end && holders[next] === holder) next++;
      this.put(((next - start) << 2) | holder);
      start = next;
    }
  }

  done(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }
}
