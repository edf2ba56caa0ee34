// An arena: the chunk lists, the subpage pools and the counters that Netty keeps per arena.
// It hands out regions as (chunk, handle); buffers and thread caches are above it.
//
//   every pooled chunk is in exactly one list; Σ list sizes = chunks created − chunks destroyed
//
// Source of the behaviour: Netty's PoolArena and PoolChunkList.
import type { Chunk } from './chunk.ts';
import { ChunkList, Q_INIT } from './chunk-list.ts';
import { slotHandle } from './handle.ts';
import type { AllocatorListener } from './listener.ts';
import { LIST_NAMES, type Profile } from './profile.ts';
import { classBytes, classOf, type Geometry, KIND } from './sizes.ts';
import { Subpage } from './subpage.ts';

const { TINY, SMALL, NORMAL, HUGE } = KIND;
const NONE = -1; // its own, so that it is folded: see the hot-path note in README.md

/** Makes and unmakes chunks: the allocator, which owns the registry and the direct memory. */
export interface ChunkSource {
  listener: AllocatorListener | null;
  chunkAt(slot: number): Chunk;
  makeChunk(arena: Arena): Chunk | null;
  destroyChunk(chunk: Chunk): void;
}

export class Arena {
  readonly index: number;
  readonly profile: Profile;
  readonly geometry: Geometry;
  readonly lists: readonly ChunkList[];
  readonly searched: readonly ChunkList[]; // the lists, in search order
  readonly pools: readonly Subpage[]; // heads of the rings, by size class
  /** Counters by size kind (tiny, small, normal, huge), as Netty's metrics report them, its quirks included. */
  readonly allocations = new Float64Array(4);
  readonly deallocations = new Float64Array(4);
  chunksCreated = 0;
  chunksDestroyed = 0;
  threadCaches = 0;
  hugeBytes = 0; // live huge allocations made through this arena
  servedBy: Chunk | null = null; // the chunk of the region that `allocate` returned last
  private readonly source: ChunkSource;

  constructor(index: number, profile: Profile, geometry: Geometry, source: ChunkSource) {
    this.index = index;
    this.profile = profile;
    this.geometry = geometry;
    this.source = source;
    this.lists = LIST_NAMES.map((_, i) => new ChunkList(i, geometry.chunkBytes, profile.listCapacityBound));
    this.searched = profile.searchOrder.map((i) => this.lists[i]!);
    this.pools = Array.from({ length: geometry.pageClass }, () => new Subpage(NONE, 0, 0));
  }

  poolOf(elemBytes: number): Subpage {
    return this.pools[classOf(elemBytes)]!;
  }

  /** A region of a size class; the handle, with its chunk in `servedBy`, or NONE when memory is exhausted. */
  allocate(sizeClass: number): number {
    return sizeClass < this.geometry.pageClass ? this.allocateSlot(sizeClass) : this.allocateNormal(sizeClass, NORMAL);
  }

  private allocateSlot(sizeClass: number): number {
    const kind = sizeClass < 32 ? TINY : SMALL;
    const head = this.pools[sizeClass]!;
    const subpage = head.next;
    if (subpage === head) return this.allocateNormal(sizeClass, kind);
    const chunk = (this.servedBy = this.source.chunkAt(subpage.chunkSlot));
    this.allocations[kind]!++;
    return slotHandle(subpage.node, chunk.takeSlot(subpage), this.geometry.nodeBits);
  }

  private allocateNormal(sizeClass: number, kind: number): number {
    const early = this.profile.countsBeforeSuccess;
    if (early) this.allocations[NORMAL]!++;
    let handle = this.allocateFromLists(sizeClass);
    if (handle === NONE) handle = this.allocateFromNewChunk(sizeClass);
    if (!early && handle !== NONE) this.allocations[kind]!++;
    return handle;
  }

  private allocateFromLists(sizeClass: number): number {
    const bytes = classBytes(sizeClass);
    const searched = this.searched;
    for (let i = 0; i < searched.length; i++) {
      const list = searched[i]!;
      if (list.head === null || bytes > list.maxRunBytes) continue;
      for (let chunk: Chunk | null = list.head; chunk !== null; chunk = chunk.next) {
        const handle = this.allocateFrom(chunk, sizeClass);
        if (handle === NONE) continue;
        this.servedBy = chunk;
        if (chunk.freeBytes <= list.passFreeBytes) {
          list.remove(chunk);
          this.place(chunk, list.next);
          this.source.listener?.chunkMoved?.(chunk, list.index, chunk.list);
        }
        return handle;
      }
    }
    return NONE;
  }

  private allocateFrom(chunk: Chunk, sizeClass: number): number {
    const { pageClass, maxOrder } = this.geometry;
    if (sizeClass >= pageClass) return chunk.allocateRun(maxOrder - (sizeClass - pageClass));
    return chunk.allocateSubpage(classBytes(sizeClass), this.pools[sizeClass]!);
  }

  private allocateFromNewChunk(sizeClass: number): number {
    const chunk = this.source.makeChunk(this);
    if (chunk === null) return NONE;
    this.chunksCreated++;
    this.servedBy = chunk;
    const handle = this.allocateFrom(chunk, sizeClass);
    this.place(chunk, Q_INIT);
    this.source.listener?.chunkCreated?.(chunk);
    return handle;
  }

  /** Return a region to its chunk; the chunk may move down, or go. */
  free(chunk: Chunk, handle: number, kind: number): void {
    this.deallocations[kind]!++;
    chunk.free(handle);
    const list = this.lists[chunk.list]!;
    if (chunk.freeBytes > list.stayFreeBytes) this.moveDown(chunk, list);
  }

  private moveDown(chunk: Chunk, from: ChunkList): void {
    from.remove(chunk);
    let to = from.previous;
    if (this.profile.fallsThrough) while (to !== NONE && chunk.freeBytes > this.lists[to]!.stayFreeBytes) to = this.lists[to]!.previous;
    if (to === NONE) {
      this.chunksDestroyed++;
      chunk.list = NONE;
      this.source.listener?.chunkDestroyed?.(chunk);
      this.source.destroyChunk(chunk);
      return;
    }
    this.place(chunk, to);
    if (chunk.list !== from.index) this.source.listener?.chunkMoved?.(chunk, from.index, chunk.list);
  }

  /** Insert at this list, or further up while the chunk is too full for it. Nothing here looks at the minimum: netty#5089. */
  private place(chunk: Chunk, index: number): void {
    let list = this.lists[index]!;
    while (chunk.freeBytes <= list.passFreeBytes) list = this.lists[list.next]!;
    list.insert(chunk);
  }

  /** The huge counters, as each version keeps them. */
  countHugeAttempt(): void {
    if (this.profile.countsBeforeSuccess) this.allocations[HUGE]!++;
  }
  countHugeTaken(bytes: number): void {
    this.hugeBytes += bytes;
    if (!this.profile.countsBeforeSuccess) this.allocations[HUGE]!++;
  }
  countHugeReleased(bytes: number): void {
    this.hugeBytes -= bytes;
    if (this.profile.countsBeforeSuccess) this.allocations[HUGE]!--;
    else this.deallocations[HUGE]!++;
  }
}
