// The allocator as a whole in two sentences: what lingers for which cause, and what is left.
import type { HoldersSnapshot } from '../allocator/index.ts';
import type { ByteTotals, CauseTotal } from './explanation.ts';
import { type Cause, CAUSES } from './fate.ts';
import { bytesInWords, count, listed } from './words.ts';

const BY_CAUSE: Readonly<Record<Cause, string>> = {
  live: 'by live buffers',
  thread_cache: 'by nothing but thread caches',
  subpage: 'by nothing but an empty page that its size class keeps',
  wrong_list: 'by nothing: stranded in the wrong list',
  never_destroyed: 'by nothing: in qInit, which destroys nothing',
};

export function summarySentence(
  causes: Readonly<Record<Cause, CauseTotal>>,
  totals: ByteTotals,
  headroom: number,
  state: HoldersSnapshot,
): string {
  const chunks = CAUSES.reduce((sum, cause) => sum + causes[cause].chunks, 0);
  const { liveBytes, cachedBytes, freeBytes, hugeBytes } = totals;
  const left = headroom === Infinity ? 'There is no limit.' : `${bytesInWords(headroom)} of ${bytesInWords(state.limitBytes!)} are left.`;
  if (chunks === 0) return `No chunk is reserved${hugeBytes > 0 ? `; huge allocations have ${bytesInWords(hugeBytes)}` : ''}. ${left}`;
  const held = CAUSES.filter((cause) => causes[cause].chunks > 0).map((cause) => `${causes[cause].chunks} ${BY_CAUSE[cause]}`);
  const huge = hugeBytes > 0 ? `, and huge allocations ${bytesInWords(hugeBytes)}` : '';
  const contents = `${bytesInWords(liveBytes)} live, ${bytesInWords(cachedBytes)} in thread caches, ${bytesInWords(freeBytes)} free`;
  return `${count(chunks, 'chunk')} (${bytesInWords(chunks * state.chunkBytes)}: ${contents}) ${chunks === 1 ? 'is' : 'are'} held: ${listed(held, CAUSES.length)}${huge}. ${left}`; // prettier-ignore
}
