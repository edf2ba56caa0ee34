// From a snapshot of holders to an explanation: totals by cause, prospects by arena, a sentence for every chunk.
// Pure: the same snapshot gives the same explanation, live, saved or remote.
import type { ChunkHolders, HoldersSnapshot, HugeHolder, ListName } from '../allocator/index.ts';
import { type CacheExplanation, explainCaches } from './caches.ts';
import { type Cause, CAUSES, causeOf, type Fate, fateOf } from './fate.ts';
import { type ArenaForecast, forecast, headroomOf } from './forecast.ts';
import { chunkSentence, forecastSentence, hugeSentence } from './sentences.ts';
import { summarySentence } from './summary.ts';

export interface ChunkExplanation extends ChunkHolders {
  readonly arena: number;
  readonly list: ListName;
  readonly cause: Cause;
  readonly fate: Fate;
  readonly sentence: string;
}

/** Chunks that linger for one cause. */
export interface CauseTotal {
  readonly chunks: number;
  readonly bytes: number; // of the chunks
  readonly usedBytes: number; // of them not free
}

/** Who has the reserved bytes: the five add up to it. */
export interface ByteTotals {
  readonly liveBytes: number;
  readonly cachedBytes: number;
  readonly subpageBytes: number;
  readonly freeBytes: number; // inside chunks
  readonly hugeBytes: number;
}

export interface Explanation {
  readonly version: string;
  readonly limitBytes: number | null;
  readonly reservedBytes: number;
  readonly headroomBytes: number | null;
  readonly clock: number;
  readonly simulated: boolean; // the clock, and with it all ages
  readonly summary: string;
  readonly totals: ByteTotals;
  readonly causes: Readonly<Record<Cause, CauseTotal>>;
  readonly arenas: readonly (ArenaForecast & { readonly sentence: string })[];
  readonly caches: readonly CacheExplanation[]; // by event loop
  readonly chunks: readonly ChunkExplanation[]; // arena by arena, list by list, head first
  readonly chunksLeftOut: number; // beyond `mostChunks`
  readonly huge: readonly (HugeHolder & { readonly sentence: string })[];
}

export interface ExplainOptions {
  readonly arena?: number; // explain chunks of this one only
  readonly mostChunks?: number; // explain at most so many; totals are of all
}

export function explain(state: HoldersSnapshot, { arena, mostChunks = Infinity }: ExplainOptions = {}): Explanation {
  const { version, limitBytes, reservedBytes, chunkBytes, clock, simulated } = state;
  const headroom = headroomOf(state);
  const causes = causeTotals(state);
  const wanted = state.arenas.filter(({ index }) => arena === undefined || index === arena);
  const all = wanted.reduce((sum, { lists }) => sum + lists.reduce((s, { chunks }) => s + chunks.length, 0), 0);
  const forecasts = wanted.map((one) => forecast(state, one));
  const totals = byteTotals(state);
  const chunks = explainChunks(state, wanted, mostChunks);
  return {
    version,
    limitBytes,
    reservedBytes,
    headroomBytes: headroom === Infinity ? null : headroom,
    clock,
    simulated,
    summary: summarySentence(causes, totals, headroom, state),
    totals,
    causes,
    arenas: forecasts.map((one) => ({ ...one, sentence: forecastSentence(one, chunkBytes) })),
    caches: explainCaches(state).filter((one) => arena === undefined || one.arena === arena),
    chunks,
    chunksLeftOut: all - chunks.length,
    huge: state.huge.filter((one) => arena === undefined || one.arena === arena).map((one) => ({ ...one, sentence: hugeSentence(one) })),
  };
}

function explainChunks({ version, pageBytes }: HoldersSnapshot, arenas: HoldersSnapshot['arenas'], most: number): ChunkExplanation[] {
  const explained: ChunkExplanation[] = [];
  for (const { index, lists } of arenas)
    for (const { name, chunks } of lists) {
      const place = { arena: index, list: name, version, pageBytes };
      for (const chunk of chunks) {
        if (explained.length >= most) return explained;
        const [cause, fate] = [causeOf(chunk, name), fateOf(chunk, name, version)];
        explained.push({ ...chunk, arena: index, list: name, cause, fate, sentence: chunkSentence(chunk, place) });
      }
    }
  return explained;
}

function causeTotals({ arenas }: HoldersSnapshot): Record<Cause, CauseTotal> {
  const totals = Object.fromEntries(CAUSES.map((cause) => [cause, { chunks: 0, bytes: 0, usedBytes: 0 }])) as Record<Cause, { -readonly [K in keyof CauseTotal]: number }>; // prettier-ignore
  for (const { lists } of arenas)
    for (const { name, chunks } of lists)
      for (const chunk of chunks) {
        const total = totals[causeOf(chunk, name)];
        total.chunks++;
        total.bytes += chunk.bytes;
        total.usedBytes += chunk.bytes - chunk.freeBytes;
      }
  return totals;
}

function byteTotals({ arenas, huge }: HoldersSnapshot): ByteTotals {
  let [liveBytes, cachedBytes, subpageBytes, freeBytes] = [0, 0, 0, 0];
  for (const { lists } of arenas)
    for (const { chunks } of lists)
      for (const chunk of chunks) {
        for (const { bytes } of chunk.live) liveBytes += bytes;
        for (const { bytes } of chunk.cached) cachedBytes += bytes;
        for (const { bytes } of chunk.subpages) subpageBytes += bytes;
        freeBytes += chunk.freeBytes;
      }
  return { liveBytes, cachedBytes, subpageBytes, freeBytes, hugeBytes: huge.reduce((sum, { bytes }) => sum + bytes, 0) };
}
