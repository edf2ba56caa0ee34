// The pooled allocator: event loops take and release buffers; a buffer is an integer, its state a record in one table.
//
//   ref      | 0 | generation (9 bits) | slot (22 bits) |      a release raises the generation, so that a stale ref is noticed
//   record   REF  COUNT  CHUNK  HANDLE  LENGTH  MAX_LENGTH  HOME  STAMP  (8 words)
//
//   live ⇔ COUNT > 0;   a record is live, in exactly one thread-cache queue (COUNT = 0), or on the free stack (COUNT = −1)
//   reservedBytes = live + cached + held by kept subpages + free inside chunks        (check.ts recomputes all of it)
//
// Source of the behaviour: Netty's PooledByteBufAllocator, PooledByteBuf, PoolArena, PoolThreadCache.
import { Arena, type ChunkSource } from './arena.ts';
import { Chunk } from './chunk.ts';
import { DirectMemory, type MemoryKind, type MemoryMapper } from './direct-memory.ts';
import { fail } from './errors.ts';
import type { AllocatorListener, ExhaustionCause } from './listener.ts';
import { type NettyVersion, type Profile, PROFILES } from './profile.ts';
import { classBytes, classOf, createGeometry, type Geometry, KIND, MAX_CAPACITY } from './sizes.ts';
import { type CacheSizes, grown, QUEUE, ThreadCaches } from './thread-caches.ts';

/** A live buffer. Valid from `allocate` to the release of its last reference. */
export type BufferRef = number;

/** Words of a record; SHIFT: log2 of their number; SLOT_MASK: the slot within a ref. */
export const RECORD = {
  REF: 0,
  COUNT: 1,
  CHUNK: 2,
  HANDLE: 3,
  LENGTH: 4,
  MAX_LENGTH: 5,
  HOME: 6,
  STAMP: 7,
  SHIFT: 3,
  SLOT_MASK: (1 << 22) - 1,
} as const;

// This file's own constants are folded into the machine code; an imported or exported one is loaded and checked on every use
// (bench/allocator.ts, cache rows: 24 → 15 ns).
const { REF, COUNT, CHUNK, HANDLE, LENGTH, MAX_LENGTH, HOME, STAMP, SLOT_MASK, SHIFT: RECORD_SHIFT } = RECORD;
const { RING, MASK, HEAD, TAIL, HITS, SHIFT: QUEUE_SHIFT } = QUEUE;
const { TINY, SMALL, NORMAL } = KIND;
const GENERATION = SLOT_MASK + 1;
const MAX_INT = 2_147_483_647;
const NONE = -1;

export interface AllocatorOptions extends Partial<CacheSizes> {
  readonly version?: NettyVersion;
  readonly directArenas: number;
  /** Netty's -XX:MaxDirectMemorySize, bytes; Infinity: nothing runs out. */
  readonly limitBytes: number;
  readonly pageBytes?: number;
  readonly maxOrder?: number;
  readonly cacheTrimInterval?: number;
  /** 'real': chunks are memory that can be written and read; 'none': they only take space (simulations). */
  readonly memory?: MemoryKind;
  /** How real memory is made; by default one that works everywhere. */
  readonly mapper?: MemoryMapper;
  readonly listener?: AllocatorListener;
}

/** Why the last `allocate` or `capacity` found no memory. */
export interface Exhaustion {
  cause: ExhaustionCause;
  askedBytes: number;
  reservedBytes: number;
  limitBytes: number;
  arena: number;
}

export class PooledAllocator implements ChunkSource {
  readonly profile: Profile;
  readonly geometry: Geometry;
  readonly cacheSizes: CacheSizes;
  readonly memory: DirectMemory;
  readonly arenas: readonly Arena[];
  readonly caches: ThreadCaches;
  readonly cacheArenas: Arena[] = []; // by thread cache
  readonly chunks: (Chunk | null)[] = []; // by registry slot, huge ones included
  listener: AllocatorListener | null;
  /** Any number of the owner's (seconds, say): stamped on each region that goes into a thread cache. */
  clock = 0;
  records = new Int32Array(256 << RECORD_SHIFT);
  recordCount = 0; // records ever used
  freeRecords = new Int32Array(256); // a stack of records not in use
  freeRecordCount = 0;
  /** Requests served by an arena or as huge, by size: slot b counts more than 2^(b−1) and at most 2^b bytes. Cache hits are counted by class. */
  readonly arenaRequests = new Float64Array(32);
  readonly requestedBytes = new Float64Array(1); // of all served requests, cache hits included
  readonly exhausted = { chunk: 0, huge: 0 };
  readonly lastExhaustion: Exhaustion = { cause: 'chunk', askedBytes: 0, reservedBytes: 0, limitBytes: 0, arena: 0 };
  private readonly freeChunkSlots: number[] = [];
  private chunksMade = 0;
  private hugesMade = 0;
  readonly trimInterval: number; // asks of a cache between its trims

  constructor(options: AllocatorOptions) {
    const { tinyCacheSize = 512, smallCacheSize = 256, normalCacheSize = 64, maxCachedBufferCapacity = 32_768 } = options;
    for (const [name, size] of Object.entries({ tinyCacheSize, smallCacheSize, normalCacheSize }))
      if (!Number.isInteger(size) || size < 0 || size > 65_536) fail('BAD_CACHE_SIZE', name, size);
    if (!Number.isInteger(maxCachedBufferCapacity) || maxCachedBufferCapacity < 0 || maxCachedBufferCapacity > 1 << 30)
      fail('BAD_MAX_CACHED', maxCachedBufferCapacity);
    const { directArenas, cacheTrimInterval = 8192 } = options;
    if (!Number.isInteger(directArenas) || directArenas < 1 || directArenas > 1024) fail('BAD_ARENAS', directArenas);
    if (!Number.isInteger(cacheTrimInterval) || cacheTrimInterval < 1 || cacheTrimInterval > MAX_CAPACITY)
      fail('BAD_TRIM_INTERVAL', cacheTrimInterval);
    this.profile = PROFILES[options.version ?? '4.1.0.CR3'];
    this.geometry = createGeometry(options.pageBytes ?? 8192, options.maxOrder ?? 11);
    this.memory = new DirectMemory(options.limitBytes, options.memory ?? 'real', options.mapper);
    this.cacheSizes = { tinyCacheSize, smallCacheSize, normalCacheSize, maxCachedBufferCapacity };
    const cachesNoPages = maxCachedBufferCapacity === 0 && this.profile.zeroMaxCachedIsNone;
    this.caches = new ThreadCaches(this.geometry, cachesNoPages ? { ...this.cacheSizes, normalCacheSize: 0 } : this.cacheSizes);
    this.trimInterval = cacheTrimInterval;
    this.listener = options.listener ?? null;
    this.arenas = Array.from({ length: directArenas }, (_, i) => new Arena(i, this.profile, this.geometry, this));
  }

  /** A thread cache for one event loop, bound to an arena as this Netty version does it. */
  createThreadCache(): number {
    const cache = this.caches.create();
    let arena = this.arenas[cache % this.arenas.length]!;
    if (this.profile.arenaChoice === 'fewest-caches')
      arena = this.arenas.reduce((least, a) => (a.threadCaches < least.threadCaches ? a : least));
    arena.threadCaches++;
    this.cacheArenas.push(arena);
    return cache;
  }

  /** A buffer of `bytes`, taken by the owner of `cache`; NONE when direct memory is exhausted (see `lastExhaustion`). */
  allocate(cache: number, bytes: number): BufferRef {
    if ((bytes | 0) !== bytes || bytes < 0) fail('BAD_CAPACITY', bytes, MAX_CAPACITY);
    const caches = this.caches;
    if (cache >>> 0 !== cache || cache >= caches.count) fail('BAD_CACHE', cache, caches.count);
    let slot = this.takeCached(cache, bytes);
    if (slot === NONE) slot = this.takeFromArena(cache, bytes, this.cacheArenas[cache]!);
    if (slot === NONE) return NONE;
    const records = this.records;
    const record = slot << RECORD_SHIFT;
    records[record + COUNT] = 1;
    this.requestedBytes[0]! += bytes;
    return records[record + REF]!;
  }

  /** A region of the class from the cache, or NONE. Every ask counts, hit or miss; each 8192nd trims, after it is answered. */
  private takeCached(cache: number, bytes: number): number {
    const caches = this.caches;
    if (bytes > caches.maxCachedBytes) return NONE;
    const words = caches.words;
    const base = cache * caches.cacheWords;
    const queue = base + (classOf(bytes) << QUEUE_SHIFT);
    const mask = words[queue + MASK]!;
    if (mask < 0) return NONE;
    let slot: number = NONE;
    const head = words[queue + HEAD]!;
    if (head !== words[queue + TAIL]!) {
      slot = words[words[queue + RING]! + (head & mask)]!;
      words[queue + HEAD] = (head + 1) | 0;
      words[queue + HITS]!++;
      this.records[(slot << RECORD_SHIFT) + LENGTH] = bytes;
    }
    if (++words[base + caches.asksWord]! >= this.trimInterval) {
      caches.restartAsks(cache);
      this.trimCache(cache);
    }
    return slot;
  }

  private takeFromArena(cache: number, bytes: number, arena: Arena): number {
    const slot = bytes > this.geometry.chunkBytes ? this.takeHuge(bytes, arena) : this.takePooled(cache, bytes, arena);
    if (slot !== NONE) this.arenaRequests[bytes <= 1 ? 0 : 32 - Math.clz32(bytes - 1)]!++;
    return slot;
  }

  private takePooled(cache: number, bytes: number, arena: Arena): number {
    const sizeClass = classOf(bytes);
    const slot = this.freeRecordCount > 0 ? this.freeRecords[--this.freeRecordCount]! : this.createRecord();
    const handle = arena.allocate(sizeClass);
    if (handle === NONE) {
      this.freeRecord(slot);
      return NONE;
    }
    const chunk = arena.servedBy!;
    this.place(slot, chunk.slot, handle, bytes, classBytes(sizeClass), this.caches.queueOf(cache, sizeClass));
    return slot;
  }

  private takeHuge(bytes: number, arena: Arena): number {
    const slot = this.freeRecordCount > 0 ? this.freeRecords[--this.freeRecordCount]! : this.createRecord();
    arena.countHugeAttempt();
    const memory = this.memory.make(bytes);
    if (memory === undefined) {
      this.freeRecord(slot);
      this.noteExhaustion('huge', bytes, arena.index);
      return NONE;
    }
    const chunk = this.register(arena, bytes, memory, true);
    this.memory.hugeBytes += bytes;
    this.memory.hugeCount++;
    arena.countHugeTaken(bytes);
    this.place(slot, chunk.slot, 0, bytes, bytes, NONE);
    this.listener?.hugeTaken?.(chunk);
    return slot;
  }

  private place(slot: number, chunk: number, handle: number, length: number, maxLength: number, home: number): void {
    const records = this.records;
    const record = slot << RECORD_SHIFT;
    records[record + CHUNK] = chunk;
    records[record + HANDLE] = handle;
    records[record + LENGTH] = length;
    records[record + MAX_LENGTH] = maxLength;
    records[record + HOME] = home;
  }

  retain(ref: BufferRef): void {
    const record = this.recordOf(ref, 'retain');
    const count = this.records[record + COUNT]!;
    if (count === MAX_INT) fail('TOO_MANY_REFERENCES', count);
    this.records[record + COUNT] = count + 1;
  }

  /** Drop one reference. True when it was the last: the region is in its home cache, or back in its chunk. */
  release(ref: BufferRef): boolean {
    const records = this.records;
    const slot = ref & SLOT_MASK;
    const record = slot << RECORD_SHIFT;
    if (records[record + REF] !== ref || records[record + COUNT]! <= 0) fail('NOT_LIVE', 'release', ref);
    if (--records[record + COUNT]! > 0) return false;
    records[record + REF] = (ref + GENERATION) & MAX_INT;
    this.returnRegion(slot);
    return true;
  }

  /** Into the queue it came from; to its chunk when that is full or missing. */
  private returnRegion(slot: number): void {
    const records = this.records;
    const record = slot << RECORD_SHIFT;
    const queue = records[record + HOME]!;
    if (queue !== NONE) {
      const words = this.caches.words;
      const tail = words[queue + TAIL]!;
      const mask = words[queue + MASK]!;
      if (((tail - words[queue + HEAD]!) | 0) <= mask) {
        words[words[queue + RING]! + (tail & mask)] = slot;
        words[queue + TAIL] = (tail + 1) | 0;
        records[record + STAMP] = this.clock;
        return;
      }
    }
    this.freeRegion(slot);
  }

  private freeRegion(slot: number): void {
    const records = this.records;
    const record = slot << RECORD_SHIFT;
    const chunk = this.chunks[records[record + CHUNK]!]!;
    if (chunk.unpooled) this.destroyHuge(chunk);
    else chunk.arena.free(chunk, records[record + HANDLE]!, this.kindOf(records[record + MAX_LENGTH]!));
    this.freeRecord(slot);
  }

  private kindOf(regionBytes: number): number {
    return regionBytes < 512 ? TINY : regionBytes < this.geometry.pageBytes ? SMALL : NORMAL;
  }

  private destroyHuge(chunk: Chunk): void {
    chunk.arena.countHugeReleased(chunk.bytes);
    this.memory.hugeBytes -= chunk.bytes;
    this.memory.hugeCount--;
    this.listener?.hugeReleased?.(chunk);
    this.destroyChunk(chunk);
  }

  /**
   * Change a buffer's capacity, called by the owner of `cache`. A new region comes from that cache or from the buffer's current
   * arena, the old one is released into that cache, and the buffer belongs to it from now on. False: out of memory, nothing changed.
   */
  capacity(cache: number, ref: BufferRef, bytes: number): boolean {
    if ((bytes | 0) !== bytes || bytes < 0) fail('BAD_CAPACITY', bytes, MAX_CAPACITY);
    if (cache >>> 0 !== cache || cache >= this.caches.count) fail('BAD_CACHE', cache, this.caches.count);
    const record = this.recordOf(ref, 'capacity');
    const length = this.records[record + LENGTH]!;
    const chunk = this.chunks[this.records[record + CHUNK]!]!;
    if (bytes === length) return true;
    if (chunk.unpooled || !staysInPlace(length, this.records[record + MAX_LENGTH]!, bytes)) {
      let fresh = this.takeCached(cache, bytes);
      if (fresh === NONE) fresh = this.takeFromArena(cache, bytes, chunk.arena);
      if (fresh === NONE) return false;
      this.requestedBytes[0]! += bytes;
      this.moveTo(cache, record, fresh, Math.min(length, bytes));
    } else this.records[record + LENGTH] = bytes;
    return true;
  }

  /** Swap the buffer's record with the fresh one, copy, and release what is now the old region's record. */
  private moveTo(cache: number, record: number, fresh: number, bytes: number): void {
    const records = this.records;
    const other = fresh << RECORD_SHIFT;
    for (let word = CHUNK; word <= HOME; word++) {
      const mine = records[record + word]!;
      records[record + word] = records[other + word]!;
      records[other + word] = mine;
    }
    const from = this.chunks[records[other + CHUNK]!]!;
    const to = this.chunks[records[record + CHUNK]!]!;
    if (from.memory !== null) {
      const offset = from.offsetOf(records[other + HANDLE]!);
      to.memory!.set(from.memory.subarray(offset, offset + bytes), to.offsetOf(records[record + HANDLE]!));
    }
    // A huge buffer belongs to no cache, so the old region of one that became huge goes back to its chunk at once.
    if (!from.unpooled) records[other + HOME] = to.unpooled ? NONE : this.caches.queueOf(cache, classOf(records[other + MAX_LENGTH]!));
    records[other + COUNT] = 0;
    this.returnRegion(fresh);
  }

  /** Trim one cache: each queue frees what it did not need since its last trim. Returns the regions freed. */
  trimCache(cache: number): number {
    const caches = this.caches;
    if (cache >>> 0 !== cache || cache >= caches.count) fail('BAD_CACHE', cache, caches.count);
    let freed = 0;
    for (let sizeClass = 0; sizeClass < caches.classes; sizeClass++) {
      const queue = caches.queueOf(cache, sizeClass);
      if (queue === NONE) continue;
      const entries = caches.startTrim(cache, sizeClass);
      for (let i = 0; i < entries; i++) this.freeRegion(caches.pop(queue));
      freed += entries;
    }
    caches.trims[cache]!++;
    this.listener?.cacheTrimmed?.(cache, freed);
    return freed;
  }

  /** Live record of a ref, as an index into `records`; an error when it is not live. */
  recordOf(ref: BufferRef, what: string): number {
    const record = (ref & SLOT_MASK) << RECORD_SHIFT;
    if (this.records[record + REF] !== ref || this.records[record + COUNT]! <= 0) fail('NOT_LIVE', what, ref);
    return record;
  }

  /** A record never used before. */
  private createRecord(): number {
    const slot = this.recordCount;
    if (slot > SLOT_MASK) fail('TOO_MANY_BUFFERS', slot);
    if ((slot + 1) << RECORD_SHIFT > this.records.length) {
      this.records = grown(this.records, this.records.length * 2);
      this.freeRecords = grown(this.freeRecords, this.freeRecords.length * 2);
    }
    this.recordCount++;
    this.records[(slot << RECORD_SHIFT) + REF] = slot;
    return slot;
  }

  private freeRecord(slot: number): void {
    this.records[(slot << RECORD_SHIFT) + COUNT] = -1;
    this.freeRecords[this.freeRecordCount++] = slot;
  }

  chunkAt(slot: number): Chunk {
    return this.chunks[slot]!;
  }

  /** For arenas: a new pooled chunk, or null when it would exceed the limit. */
  makeChunk(arena: Arena): Chunk | null {
    const bytes = this.geometry.chunkBytes;
    const memory = this.memory.make(bytes);
    if (memory === undefined) {
      this.noteExhaustion('chunk', bytes, arena.index);
      return null;
    }
    return this.register(arena, bytes, memory, false);
  }

  private register(arena: Arena, bytes: number, memory: Uint8Array | null, unpooled: boolean): Chunk {
    const slot = this.freeChunkSlots.pop() ?? this.chunks.length;
    const id = unpooled ? this.hugesMade++ : this.chunksMade++;
    return (this.chunks[slot] = new Chunk(id, slot, arena, this.geometry, bytes, memory, unpooled));
  }

  destroyChunk(chunk: Chunk): void {
    this.memory.destroy(chunk.memory, chunk.bytes);
    chunk.memory = null;
    this.chunks[chunk.slot] = null;
    this.freeChunkSlots.push(chunk.slot);
  }

  /** Give all memory back, cached regions and chunks that the rules would keep included. Nothing may be live; not to be used afterwards. */
  dispose(): void {
    const live = this.recordCount - this.freeRecordCount - this.caches.totalEntries();
    if (live > 0) fail('STILL_LIVE', live);
    for (const chunk of this.chunks) {
      if (chunk === null) continue;
      chunk.arena.chunksDestroyed++;
      this.listener?.chunkDestroyed?.(chunk);
      this.destroyChunk(chunk);
    }
  }

  private noteExhaustion(cause: ExhaustionCause, askedBytes: number, arena: number): void {
    const { reservedBytes, limitBytes } = this.memory;
    this.exhausted[cause]++;
    Object.assign(this.lastExhaustion, { cause, askedBytes, reservedBytes, limitBytes, arena });
    this.listener?.memoryExhausted?.(cause, askedBytes, reservedBytes, limitBytes, arena);
  }
}

/** Netty's rule for a new capacity that needs no new region (not for huge buffers). */
function staysInPlace(length: number, maxLength: number, bytes: number): boolean {
  if (bytes > length) return bytes <= maxLength;
  return bytes > maxLength >>> 1 && (maxLength > 512 || bytes > maxLength - 16);
}
