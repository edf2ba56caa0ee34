// A chunk: real memory and a buddy tree over its pages.
//
//   map[1]               depth 0: the whole chunk          map[id] = smallest depth at which a free node exists under id;
//   map[2] map[3]        depth 1: halves                             maxOrder + 1 when there is none
//   map[4] …    map[7]   depth 2: quarters                 a wholly free node holds its own depth
//
//   freeBytes + Σ runs taken = chunkBytes,   subpageBytes = pages given to subpages,   slotBytes = slots taken in them
//
// Source of the behaviour: Netty's PoolChunk.
import type { Arena } from './arena.ts';
import { isSlot, nodeOf, slotHandle, slotOf } from './handle.ts';
import type { Geometry } from './sizes.ts';
import { Subpage } from './subpage.ts';

const NONE = -1; // its own, so that it is folded: see the hot-path note in README.md

const NO_TREE = new Uint8Array(0);

export class Chunk {
  readonly id: number; // ordinal, never reused
  readonly slot: number; // index in the allocator's registry, reused after destruction
  readonly arena: Arena;
  readonly geometry: Geometry;
  readonly bytes: number; // what is reserved for it
  readonly unpooled: boolean; // a huge allocation: no tree, no list
  memory: Uint8Array | null; // null: an allocator without bytes, or destroyed
  readonly map: Uint8Array;
  private readonly shift: number; // log2 of its bytes
  private readonly full: number; // maxOrder + 1: no free node
  readonly subpages: (Subpage | undefined)[] = []; // by page; kept and cut anew when the page is used again
  freeBytes: number;
  subpageBytes = 0;
  slotBytes = 0;
  list = NONE; // index of the chunk list that holds it
  prev: Chunk | null = null; // neighbours in that list
  next: Chunk | null = null;

  constructor(id: number, slot: number, arena: Arena, geometry: Geometry, bytes: number, memory: Uint8Array | null, unpooled: boolean) {
    this.id = id;
    this.slot = slot;
    this.arena = arena;
    this.geometry = geometry;
    this.bytes = bytes;
    this.memory = memory;
    this.unpooled = unpooled;
    this.freeBytes = unpooled ? 0 : bytes;
    this.shift = geometry.chunkShift;
    this.full = geometry.maxOrder + 1;
    this.map = unpooled ? NO_TREE : freshTree(geometry.maxOrder);
  }

  /** The leftmost free run at `depth`, taken; NONE when there is none. */
  allocateRun(depth: number): number {
    const map = this.map;
    if (map[1]! > depth) return NONE;
    let node = 1;
    for (let level = 0; level < depth; level++) {
      node <<= 1; // try left
      if (map[node]! > depth) node ^= 1; // left is too full, so right fits
    }
    let value = this.full;
    map[node] = value;
    for (let child = node; child > 1;) {
      const sibling = map[child ^ 1]!;
      if (sibling < value) value = sibling;
      child >>= 1;
      if (map[child] === value) break; // nothing above changes
      map[child] = value;
    }
    this.freeBytes -= 1 << (this.shift - depth);
    return node;
  }

  freeRun(node: number): void {
    const map = this.map;
    let depth = 31 - Math.clz32(node);
    this.freeBytes += 1 << (this.shift - depth);
    let value = depth;
    map[node] = value;
    for (let child = node; child > 1; depth--) {
      const sibling = map[child ^ 1]!;
      if (value === depth && sibling === depth)
        value = depth - 1; // two free buddies are one free run
      else if (sibling < value) value = sibling;
      child >>= 1;
      if (map[child] === value) break;
      map[child] = value;
    }
  }

  /** A new page for a size class, its first slot taken: the slot's handle, or NONE. */
  allocateSubpage(elemBytes: number, head: Subpage): number {
    const { maxOrder, pageBytes, nodeBits } = this.geometry;
    const node = this.allocateRun(maxOrder);
    if (node === NONE) return NONE;
    const page = node ^ (1 << maxOrder);
    const subpage = (this.subpages[page] ??= new Subpage(this.slot, node, pageBytes));
    subpage.init(head, elemBytes, pageBytes);
    this.subpageBytes += pageBytes;
    return slotHandle(node, this.takeSlot(subpage), nodeBits);
  }

  /** A slot of a subpage of this chunk that is in its pool. */
  takeSlot(subpage: Subpage): number {
    this.slotBytes += subpage.elemBytes;
    return subpage.allocate();
  }

  /** Give a region back to the tree or to its subpage. */
  free(handle: number): void {
    const node = nodeOf(handle, this.geometry.nodeBits);
    if (isSlot(handle)) {
      const subpage = this.subpages[node ^ (1 << this.geometry.maxOrder)]!;
      this.slotBytes -= subpage.elemBytes;
      if (!subpage.free(this.arena.poolOf(subpage.elemBytes), slotOf(handle, this.geometry.nodeBits))) return;
      this.subpageBytes -= this.geometry.pageBytes;
    }
    this.freeRun(node);
  }

  /** Offset of a region in the chunk's memory, bytes. */
  offsetOf(handle: number): number {
    if (this.unpooled) return 0;
    const { nodeBits, chunkShift, maxOrder } = this.geometry;
    const node = nodeOf(handle, nodeBits);
    const depth = 31 - Math.clz32(node);
    const offset = (node ^ (1 << depth)) * (1 << (chunkShift - depth));
    return isSlot(handle) ? offset + slotOf(handle, nodeBits) * this.subpages[node ^ (1 << maxOrder)]!.elemBytes : offset;
  }

  /** Used share in per cent, as Netty rounds it: 100 only when nothing is free, 0 only when all is. */
  usagePercent(): number {
    return this.unpooled ? 100 : usagePercent(this.freeBytes, this.bytes);
  }

  /** The largest run that could be taken now, bytes. */
  largestFreeRunBytes(): number {
    const depth = this.map[1]!;
    return depth > this.geometry.maxOrder ? 0 : this.geometry.chunkBytes >>> depth;
  }
}

export function usagePercent(freeBytes: number, chunkBytes: number): number {
  if (freeBytes === 0) return 100;
  const freePercent = Math.floor((freeBytes * 100) / chunkBytes); // exact: below 2^53
  return freePercent === 0 ? 99 : 100 - freePercent;
}

function freshTree(maxOrder: number): Uint8Array {
  const map = new Uint8Array(2 << maxOrder);
  for (let depth = 0; depth <= maxOrder; depth++) map.fill(depth, 1 << depth, 2 << depth);
  return map;
}
