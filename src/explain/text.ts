// An explanation as text, for a terminal: the summary, each arena's prospects, each chunk's sentence.
import type { Explanation } from './explanation.ts';
import { count, secondsInWords } from './words.ts';

export function explanationText({ version, clock, simulated, summary, arenas, caches, chunks, chunksLeftOut, huge }: Explanation): string {
  const lines = [`Netty ${version}. ${summary}`, ''];
  if (simulated)
    lines.push(`Ages are in simulated time, of which ${secondsInWords(clock)} have passed; real requests are dated in it too.`, '');
  for (const arena of arenas) {
    lines.push(arena.sentence);
    for (const cache of caches) if (cache.arena === arena.index) lines.push(`  ${cache.sentence}`);
    for (const chunk of chunks) if (chunk.arena === arena.index) lines.push(`  ${chunk.sentence}`);
    for (const one of huge) if (one.arena === arena.index) lines.push(`  ${one.sentence}`);
    lines.push('');
  }
  if (chunksLeftOut > 0) lines.push(`${count(chunksLeftOut, 'more chunk')} not shown.`, '');
  return lines.join('\n');
}
