// What would fail next: for each arena the largest request that succeeds now, and once one more chunk is made and full.
//
//   headroom > chunk    up to the headroom: as a huge allocation       headroom = chunk    up to a chunk: a new one is made
//   headroom < chunk    what the free runs and free slots of the arena's chunks allow, and what its event loops' caches keep
// A request that is its cache's last before a trim (`asksToTrim` 1) may find more: what the trim frees comes before the arena is asked.
import type { ArenaHolders, HoldersSnapshot } from '../allocator/index.ts';

const MAX_REQUEST_BYTES = 2_147_483_647; // an int in Netty

export interface EventLoopForecast {
  readonly eventLoop: number;
  readonly largestNowBytes: number | null;
}

export interface ArenaForecast {
  readonly index: number;
  readonly chunks: number;
  readonly largestNowBytes: number | null; // null: no request succeeds
  readonly nextChunkFits: boolean;
  readonly afterNextChunkBytes: number | null; // null: the next chunk does not fit, or nothing does after it
  readonly nextFailure: { readonly askedBytes: number; readonly cause: 'chunk' | 'huge' } | null; // null: no limit in reach
  readonly eventLoops: readonly EventLoopForecast[]; // those whose thread cache still has more than the arena
}

/** Limit less reserved; Infinity without a limit. */
export function headroomOf({ limitBytes, reservedBytes }: HoldersSnapshot): number {
  return limitBytes === null ? Infinity : Math.floor(limitBytes - reservedBytes);
}

export function forecast(state: HoldersSnapshot, arena: ArenaHolders): ArenaForecast {
  const { chunkBytes } = state;
  const headroom = headroomOf(state);
  const within = largestWithin(arena);
  const now = largest(headroom, chunkBytes, within);
  const nextChunkFits = headroom >= chunkBytes;
  const after = nextChunkFits ? largest(headroom - chunkBytes, chunkBytes, within) : null;
  const failing = now === null ? 0 : now + 1;
  return {
    index: arena.index,
    chunks: arena.lists.reduce((sum, { chunks }) => sum + chunks.length, 0),
    largestNowBytes: now,
    nextChunkFits,
    afterNextChunkBytes: after,
    nextFailure: failing > MAX_REQUEST_BYTES ? null : { askedBytes: failing, cause: failing > chunkBytes ? 'huge' : 'chunk' },
    eventLoops: state.caches
      .filter((cache) => cache.arena === arena.index && (cache.largestEntryBytes ?? -1) > (now ?? -1))
      .map(({ index, largestEntryBytes }) => ({ eventLoop: index, largestNowBytes: largestEntryBytes })),
  };
}

function largest(headroom: number, chunkBytes: number, within: number | null): number | null {
  if (headroom > chunkBytes) return Math.min(headroom, MAX_REQUEST_BYTES);
  return headroom === chunkBytes ? chunkBytes : within;
}

/** Without a new chunk: the largest free run in a list that serves it, else the largest class with a free slot. */
function largestWithin({ lists, slotClasses }: ArenaHolders): number | null {
  let bytes = slotClasses.length > 0 ? Math.max(...slotClasses) : -1;
  for (const { maxRunBytes, chunks } of lists)
    for (const { largestFreeRunBytes } of chunks) bytes = Math.max(bytes, powerOfTwoWithin(Math.min(largestFreeRunBytes, maxRunBytes)));
  return bytes < 0 ? null : bytes;
}

/** The largest power of two ≤ `bytes`; −1 for 0. Runs are powers of two, a list's bound need not be. */
const powerOfTwoWithin = (bytes: number): number => (bytes < 1 ? -1 : 1 << (31 - Math.clz32(bytes)));
