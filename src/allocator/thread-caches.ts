// Thread caches: recently released regions, by event loop and size class, in FIFO queues of buffer slots.
//
// A released buffer stays as it lies in its record of the buffer table; the queue holds only the record's index. A take from the
// cache is then a pop and three stores, with nothing to initialise (benchmark: bench/allocator.ts, "cache" rows).
// All caches share one Int32Array, so that the hot path reads one base address:
//
//   cache k:  | queue 0 | queue 1 | … | ASKS | ring of queue 0 | ring of queue 1 | …        stride `cacheWords`
//   queue:    | RING  MASK  HEAD  TAIL  HITS  – – – |                                        8 words
//
//   TAIL − HEAD = entries ≤ MASK + 1 (both run on, modulo 2^32);   MASK = −1: this class has no queue
//
// Source of the behaviour: Netty's PoolThreadCache.
import { NONE } from './handle.ts';
import { classBytes, type Geometry, TINY_CLASSES } from './sizes.ts';

/** Words of a queue; SHIFT: log2 of their number. */
export const QUEUE = { RING: 0, MASK: 1, HEAD: 2, TAIL: 3, HITS: 4, SHIFT: 3 } as const;
const { RING, MASK, HEAD, TAIL, HITS, SHIFT } = QUEUE;

export interface CacheSizes {
  readonly tinyCacheSize: number;
  readonly smallCacheSize: number;
  readonly normalCacheSize: number;
  readonly maxCachedBufferCapacity: number;
}

export class ThreadCaches {
  words = new Int32Array(0);
  count = 0;
  readonly classes: number; // queues of a cache: one for each class up to the largest cached
  readonly maxCachedBytes: number; // requests above never ask
  readonly cacheWords: number;
  readonly asksWord: number; // where a cache counts its asks since the last trim of its own
  private readonly capacities: readonly number[]; // entries, by class; 0: no queue
  hits = new Float64Array(0); // totals up to the last trim, [cache][class]; the words hold the rest
  asks = new Float64Array(0);
  trims = new Float64Array(0);

  constructor(geometry: Geometry, sizes: CacheSizes) {
    const { pageClass, chunkBytes, pageShift } = geometry;
    const capped = Math.min(chunkBytes, sizes.maxCachedBufferCapacity);
    const normalQueues = Math.max(1, 32 - Math.clz32(capped >>> pageShift));
    this.classes = pageClass + normalQueues;
    const sizeOf = (sizeClass: number) =>
      sizeClass < TINY_CLASSES ? sizes.tinyCacheSize : sizeClass < pageClass ? sizes.smallCacheSize : sizes.normalCacheSize;
    this.capacities = Array.from({ length: this.classes }, (_, sizeClass) => roundUpToPowerOfTwo(sizeOf(sizeClass)));
    this.maxCachedBytes = this.capacities.some((c) => c > 0) ? classBytes(this.classes - 1) : NONE;
    this.asksWord = this.classes << SHIFT;
    this.cacheWords = this.asksWord + 8 + this.capacities.reduce((sum, c) => sum + c, 0);
  }

  create(): number {
    const cache = this.count++;
    const base = cache * this.cacheWords;
    this.words = grown(this.words, base + this.cacheWords);
    this.hits = grown(this.hits, this.count * this.classes);
    this.asks = grown(this.asks, this.count);
    this.trims = grown(this.trims, this.count);
    let ring = base + this.asksWord + 8;
    this.capacities.forEach((capacity, sizeClass) => {
      const queue = base + (sizeClass << SHIFT);
      this.words[queue + RING] = ring;
      this.words[queue + MASK] = capacity - 1;
      ring += capacity;
    });
    return cache;
  }

  /** The queue of a class in a cache, an index into `words`; NONE where that class is not cached. */
  queueOf(cache: number, sizeClass: number): number {
    if (sizeClass >= this.classes || this.capacities[sizeClass] === 0) return NONE;
    return cache * this.cacheWords + (sizeClass << SHIFT);
  }

  /** Entries that a queue of this class can hold; 0: no queue. */
  capacityOf(sizeClass: number): number {
    return this.capacities[sizeClass] ?? 0;
  }

  entries(queue: number): number {
    return (this.words[queue + TAIL]! - this.words[queue + HEAD]!) | 0;
  }

  /** Entries of all queues of all caches. */
  totalEntries(): number {
    let total = 0;
    for (let cache = 0; cache < this.count; cache++)
      for (let sizeClass = 0; sizeClass < this.classes; sizeClass++) total += this.entries(cache * this.cacheWords + (sizeClass << SHIFT));
    return total;
  }

  /** The `i`th buffer slot in a queue, from its head. */
  entryAt(queue: number, i: number): number {
    return this.words[this.words[queue + RING]! + ((this.words[queue + HEAD]! + i) & this.words[queue + MASK]!)]!;
  }

  pop(queue: number): number {
    const slot = this.entryAt(queue, 0);
    this.words[queue + HEAD] = (this.words[queue + HEAD]! + 1) | 0;
    return slot;
  }

  /** Entries that a trim frees from the head of a queue: `capacity − hits since the last trim`, at most what is there. Restarts the hits. */
  startTrim(cache: number, sizeClass: number): number {
    const queue = this.queueOf(cache, sizeClass);
    const hits = this.words[queue + HITS]!;
    this.words[queue + HITS] = 0;
    this.hits[cache * this.classes + sizeClass]! += hits;
    return Math.max(0, Math.min(this.entries(queue), this.words[queue + MASK]! + 1 - hits));
  }

  /** The cache's own counting has come to a trim: its asks restart. */
  restartAsks(cache: number): void {
    const word = cache * this.cacheWords + this.asksWord;
    this.asks[cache]! += this.words[word]!;
    this.words[word] = 0;
  }

  hitsOf(cache: number, sizeClass: number): number {
    return this.hits[cache * this.classes + sizeClass]! + this.words[cache * this.cacheWords + (sizeClass << SHIFT) + HITS]!;
  }

  asksTotal(cache: number): number {
    return this.asks[cache]! + this.words[cache * this.cacheWords + this.asksWord]!;
  }
}

function roundUpToPowerOfTwo(entries: number): number {
  return entries <= 1 ? entries : 1 << (32 - Math.clz32(entries - 1));
}

/** The same numbers in an array at least this long. */
export function grown<A extends Int32Array | Float64Array>(array: A, length: number): A {
  if (array.length >= length) return array;
  const larger = new (array.constructor as new (length: number) => A)(length);
  larger.set(array);
  return larger;
}
