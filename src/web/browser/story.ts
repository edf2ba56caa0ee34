// What a visitor should see first, in a sentence or two: how much is reserved for how little, and what that leads to.
import type { Arenas, ChunkInfo } from './api.ts';
import { formatBytes, formatCount, plural } from './format.ts';

export interface Sums {
  readonly live: number;
  readonly thread_cache: number;
  readonly subpage: number;
  readonly free: number;
}

export const chunksOf = ({ arenas }: Pick<Arenas, 'arenas'>): readonly ChunkInfo[] =>
  arenas.flatMap(({ lists }) => lists.flatMap(({ chunks }) => chunks));

/** Bytes in chunks, by what keeps them. */
export function sumsOf(chunks: readonly ChunkInfo[]): Sums {
  const sum = (pick: (chunk: ChunkInfo) => number) => chunks.reduce((all, chunk) => all + pick(chunk), 0);
  return {
    live: sum((chunk) => chunk.liveBytes),
    thread_cache: sum((chunk) => chunk.cachedBytes),
    subpage: sum((chunk) => chunk.subpageBytes),
    free: sum((chunk) => chunk.freeBytes),
  };
}

/** `firstFailureDay`: the simulated day of the first refused request; null where there is none, or it is not known. */
export function storyText(arenas: Arenas, firstFailureDay: number | null): string {
  const { limitBytes, reservedBytes, chunkBytes, exhausted } = arenas;
  const { length } = chunksOf(arenas);
  const failures = exhausted.chunk + exhausted.huge;
  const { live, free } = sumsOf(chunksOf(arenas));
  const headroom = limitBytes - reservedBytes;
  if (length === 0 && failures === 0) return 'No chunk is reserved yet. Send a body, or choose a scenario, and see which ones stay.';
  const kept = `${plural(length, 'chunk')} ${length === 1 ? 'keeps' : 'keep'} ${formatBytes(length * chunkBytes)} reserved while live messages take ${formatBytes(live)}; ${formatBytes(free)} of it lies free`; // prettier-ignore
  if (failures === 0) return `${kept}. New chunks and large messages have ${formatBytes(headroom)} left.`;
  const since = firstFailureDay === null ? '' : ` (of simulated requests since day ${formatCount(firstFailureDay)})`;
  return `${kept}, and yet ${plural(failures, 'reservation')} ${failures === 1 ? 'was' : 'were'} refused${since}.`;
}
