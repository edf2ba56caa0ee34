// What each thread cache keeps, and in how many chunks: a chunk goes only when every cache has let go of it.
import type { HoldersSnapshot } from '../allocator/index.ts';
import { bytesInWords, count, inThousands } from './words.ts';

export interface CacheExplanation {
  readonly eventLoop: number;
  readonly arena: number;
  readonly bytes: number;
  readonly entries: number;
  readonly chunks: number; // that have a region of it
  readonly aloneChunks: number; // of them those that nothing else holds
  readonly asksToTrim: number;
  readonly sentence: string;
}

export function explainCaches({ caches, arenas }: HoldersSnapshot): CacheExplanation[] {
  const sums = caches.map(() => ({ bytes: 0, entries: 0, chunks: 0, aloneChunks: 0 }));
  for (const { lists } of arenas)
    for (const { chunks } of lists)
      for (const { live, cached } of chunks) {
        if (cached.length === 0) continue;
        const isAlone = live.length === 0 && cached.every(({ cache }) => cache === cached[0]!.cache);
        let met: number | null = null;
        for (const { cache, bytes, entries } of [...cached].sort((a, b) => a.cache - b.cache)) {
          const sum = sums[cache]!;
          sum.bytes += bytes;
          sum.entries += entries;
          if (cache !== met) sum.chunks++;
          if (cache !== met && isAlone) sum.aloneChunks++;
          met = cache;
        }
      }
  return caches.map(({ index, arena, asksToTrim }, i) => {
    const one = { eventLoop: index, arena, ...sums[i]!, asksToTrim };
    return { ...one, sentence: cacheSentence(one) };
  });
}

function cacheSentence({ eventLoop, arena, bytes, entries, chunks, aloneChunks, asksToTrim }: Omit<CacheExplanation, 'sentence'>): string {
  const lead = `The thread cache of event loop ${eventLoop} (arena ${arena})`;
  if (entries === 0) return `${lead} is empty.`;
  const alone =
    aloneChunks === 0
      ? ''
      : `, and ${aloneChunks === chunks ? 'alone keeps' : `alone keeps ${inThousands(aloneChunks)} of`} ${chunks === 1 ? 'it' : 'them'} from going`;
  return `${lead} keeps ${count(entries, 'region')}, ${bytesInWords(bytes)}, in ${count(chunks, 'chunk')}${alone}; it trims itself only after ${count(asksToTrim, 'more request')} to it.`;
}
