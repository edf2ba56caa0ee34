// Counts what the allocator tells its listener and no snapshot knows: how long chunks lived, and huge allocations by arena.
// The latter are counted here because Netty 4.1.0.CR3 decrements its own counter when a huge buffer is released, which no counter may do.
import type { AllocatorListener, Chunk } from '../allocator/index.ts';
import { Histogram, type HistogramSample } from './histogram.ts';

const [MINUTE, HOUR, DAY] = [60, 3600, 86_400] as const;
/** From a burst's chunk to one that outlives a year. */
export const CHUNK_LIFETIME_BOUNDS = [
  0.1,
  1,
  10,
  MINUTE,
  10 * MINUTE,
  HOUR,
  6 * HOUR,
  DAY,
  7 * DAY,
  30 * DAY,
  90 * DAY,
  365 * DAY,
] as const;

export interface PoolSample {
  readonly chunkLifetimes: HistogramSample; // seconds, of the chunks destroyed so far
  readonly oldestChunkSeconds: number; // its age; 0: no chunk
  readonly hugeTaken: readonly number[]; // by arena; may be shorter than the arenas: zeros
  readonly hugeReleased: readonly number[];
}

export class PoolMeter implements AllocatorListener {
  readonly #nowSeconds: () => number;
  readonly #bornSeconds = new Map<number, number>(); // by chunk id, of pooled chunks alive, the oldest first
  readonly #chunkLifetimes = new Histogram(CHUNK_LIFETIME_BOUNDS);
  readonly #hugeTaken: number[] = [];
  readonly #hugeReleased: number[] = [];

  /** `nowSeconds`: the clock that lifetimes are told in, real or simulated. */
  constructor(nowSeconds: () => number) {
    this.#nowSeconds = nowSeconds;
  }

  chunkCreated(chunk: Chunk): void {
    this.#bornSeconds.set(chunk.id, this.#nowSeconds());
  }

  chunkDestroyed(chunk: Chunk): void {
    const born = this.#bornSeconds.get(chunk.id);
    if (born === undefined) return; // older than this meter
    this.#bornSeconds.delete(chunk.id);
    this.#chunkLifetimes.observe(this.#nowSeconds() - born);
  }

  hugeTaken(chunk: Chunk): void {
    bump(this.#hugeTaken, chunk.arena.index);
  }

  hugeReleased(chunk: Chunk): void {
    bump(this.#hugeReleased, chunk.arena.index);
  }

  sample(): PoolSample {
    return {
      chunkLifetimes: this.#chunkLifetimes.sample(),
      oldestChunkSeconds: this.#oldestChunkSeconds(),
      hugeTaken: filled(this.#hugeTaken),
      hugeReleased: filled(this.#hugeReleased),
    };
  }

  #oldestChunkSeconds(): number {
    for (const born of this.#bornSeconds.values()) return this.#nowSeconds() - born; // a Map keeps the order of insertion
    return 0;
  }
}

function bump(counts: number[], arena: number): void {
  counts[arena] = (counts[arena] ?? 0) + 1;
}

/** A copy without holes. */
function filled(counts: readonly number[]): readonly number[] {
  return Array.from(counts, (count) => count ?? 0);
}
