// A chunk, a huge allocation, an arena's prospects, each in a sentence or two of plain English that an engineer can act on.
import {
  type CachedHolding,
  type ChunkHolders,
  type HugeHolder,
  LIST_BOUNDS,
  LIST_NAMES,
  type ListName,
  type LiveHolding,
  type LivePurpose,
  type NettyVersion,
  PROFILES,
  type SubpageHolding,
} from '../allocator/index.ts';
import { causeOf, fateOf, freesToDestroy, regionsOf } from './fate.ts';
import type { ArenaForecast } from './forecast.ts';
import { bytesInWords, count, inThousands, listed, secondsInWords } from './words.ts';

/** Where a chunk is, and what the version does with it there. */
export interface Place {
  readonly arena: number;
  readonly list: ListName;
  readonly version: NettyVersion;
  readonly pageBytes: number;
}

const MOST_HOLDERS = 3; // named in a sentence; the data have them all

const PURPOSES: Readonly<Record<LivePurpose, readonly [one: string, many: string]>> = {
  receiving: ['receive buffer of a body on its way in', 'receive buffers of bodies on their way in'],
  receiving_consolidated: ['consolidated body on its way in', 'consolidated bodies on their way in'],
  held: ['receive buffer of a message that waits for its answer', 'receive buffers of messages that wait for their answers'],
  held_consolidated: ['consolidated message that waits for its answer', 'consolidated messages that wait for their answers'],
  slice: ['receive buffer whose consumer has not read it', 'receive buffers whose consumers have not read them'],
  unknown: ['buffer whose owner is not known', 'buffers whose owners are not known'],
};

export function chunkSentence(chunk: ChunkHolders, place: Place): string {
  const lead = `Chunk ${chunk.id} (arena ${place.arena}, ${place.list}, ${chunk.usagePercent} %):`;
  switch (causeOf(chunk, place.list)) {
    case 'live':
      return `${lead} ${joined(liveClause(chunk.live), cachedClause(chunk.cached, 'thread caches keep another'), pagesClause(chunk.subpages))}.${fateClause(chunk, place)}`; // prettier-ignore
    case 'thread_cache':
      return `${lead} no live buffer is in it, but ${joined(cachedClause(chunk.cached, 'thread caches keep'), pagesClause(chunk.subpages))}.${freeClause(chunk)}${fateClause(chunk, place)}`; // prettier-ignore
    case 'subpage':
      return `${lead} nobody uses it, but ${pagesClause(chunk.subpages)}.${onePerCentClause(chunk, place)}`;
    case 'wrong_list':
      return `${lead} nothing holds it. ${strandedClause(chunk, place)}`;
    case 'never_destroyed':
      return `${lead} nothing holds it, but it has never been ${LIST_BOUNDS[0]!.maxUsage} % full, so it has never left qInit, and no version of Netty destroys a chunk there: it stays for good, ready for use.`; // prettier-ignore
  }
}

const joined = (...clauses: string[]): string => clauses.filter((clause) => clause !== '').join('; ');
const sumOf = (holdings: readonly { readonly bytes: number }[]): number => holdings.reduce((sum, { bytes }) => sum + bytes, 0);

function liveClause(live: readonly LiveHolding[]): string {
  const items = live.map(({ purpose, cache, buffers, bytes }) => {
    const [one, many] = PURPOSES[purpose];
    return `${hasOnLoop(cache)}${count(buffers, one, many)}${live.length > 1 ? ` (${bytesInWords(bytes)})` : ''}`;
  });
  return `live buffers hold ${bytesInWords(sumOf(live))}: ${listed(items, MOST_HOLDERS)}`;
}

const hasOnLoop = (cache: number | null): string => (cache === null ? '' : `event loop ${cache} has `);

/** By event loop, then by size class: `event loop 0 has 3 × 32 KiB and 16 × 16 KiB`. */
function cachedClause(cached: readonly CachedHolding[], verb: string): string {
  if (cached.length === 0) return '';
  const loops = [...new Set(cached.map(({ cache }) => cache))].map((cache) => {
    const items = cached
      .filter((holding) => holding.cache === cache)
      .map(({ classBytes, entries }) => `${inThousands(entries)} × ${bytesInWords(classBytes)}`);
    return `event loop ${cache} has ${listed(items, MOST_HOLDERS)}`;
  });
  const newest = secondsInWords(Math.min(...cached.map(({ newestAge }) => newestAge)));
  const oldest = secondsInWords(Math.max(...cached.map(({ oldestAge }) => oldestAge)));
  const ages = newest === oldest ? oldest : `${newest} to ${oldest}`;
  const others = loops.length > MOST_HOLDERS ? [count(loops.length - MOST_HOLDERS, 'other event loop')] : [];
  return `${verb} ${bytesInWords(sumOf(cached))} (${[...loops.slice(0, MOST_HOLDERS), ...others].join('; ')}; released ${ages} ago)`;
}

/** Pages cut for small sizes, where they hold more than the slots in use. */
function pagesClause(subpages: readonly SubpageHolding[]): string {
  return listed(subpages.filter(({ bytes }) => bytes > 0).map(pagesOfClass), MOST_HOLDERS);
}

function pagesOfClass({ classBytes, pages, emptyPages, isLast, bytes }: SubpageHolding): string {
  if (classBytes === 0)
    return `${count(pages, 'page')} cut for requests of 0 bytes (${bytesInWords(bytes)}) never ${pages === 1 ? 'goes' : 'go'} back`;
  const slots = `${bytesInWords(classBytes)} slots`;
  if (emptyPages === 0) return `${bytesInWords(bytes)} are unused in ${count(pages, 'page')} cut into ${slots}`;
  const reason = isLast
    ? 'a size class keeps its last page with a free slot'
    : 'it was the last of its size class when its last slot came back';
  const used = pages > emptyPages ? ` and ${inThousands(pages - emptyPages)} in use` : '';
  return `${count(emptyPages, 'empty page')}${used} cut into ${slots} ${pages === 1 ? 'is' : 'are'} kept (${bytesInWords(bytes)} unused): ${reason}`;
}

function freeClause({ freeBytes, bytes }: ChunkHolders): string {
  return freeBytes === 0
    ? ''
    : ` The other ${bytesInWords(freeBytes)} are free, but a chunk of ${bytesInWords(bytes)} goes back only as a whole.`;
}

const LAST_PAGE = ' Even then it may stay: a size class keeps its last page, and a chunk with a page in use is not empty.';
const ONE_LIST =
  ' Each free that leaves it below the minimum of its list moves it down, but only by one list: it goes if the last one finds it in q000.';

/** What becomes of it once they all let go. */
function fateClause(chunk: ChunkHolders, { list, version }: Place): string {
  const fate = fateOf(chunk, list, version);
  if (fate === 'destroyed') return ' It is destroyed when the last of them goes back.';
  if (fate === 'open') return chunk.subpages.length > 0 ? LAST_PAGE : ONE_LIST;
  if (list === 'qInit') return ' Even empty it will stay: it is in qInit, which destroys nothing.';
  const [frees, needed] = [regionsOf(chunk), freesToDestroy(list, version)];
  if (frees >= needed) return ' Letting go of them will not free it: no free can come to an empty page.';
  const end = LIST_NAMES[LIST_NAMES.indexOf(list) - frees]!;
  return ` Letting go of them will not free it: a free moves a chunk at most one list down, so ${count(frees, 'free')} can bring it no further than ${end}, where nothing would hold it.`; // prettier-ignore
}

/** netty#11998: a single kept page is 1 %, and q000's minimum is 1 %. */
function onePerCentClause(chunk: ChunkHolders, { list }: Place): string {
  if (list === 'qInit') return ' Even without it the chunk would stay: qInit destroys nothing.';
  const usage = `It counts as ${chunk.usagePercent} %`;
  if (chunk.usagePercent > 0) return ` ${usage}, a chunk is destroyed only at 0 %, and no free can come to an empty page.`;
  return ` No free can come to it any more.`;
}

/** An empty chunk of CR3 outside qInit: the free that emptied it moved it one list down, and was the last. */
function strandedClause(chunk: ChunkHolders, { list, version, pageBytes }: Place): string {
  if (PROFILES[version].fallsThrough) return 'It should have been destroyed: this version lets an empty chunk fall through every list.';
  const from = LIST_NAMES[LIST_NAMES.indexOf(list) + 1]!;
  const region = list === 'q075' && chunk.bytes > pageBytes ? `its only region, ${bytesInWords(chunk.bytes)},` : 'its last region';
  const needed = freesToDestroy(list, version);
  const way = LIST_NAMES.slice(1, LIST_NAMES.indexOf(list) + 1).reverse().join(', '); // prettier-ignore
  const more = needed === 1 ? 'one more free would destroy it' : `${needed} more frees, one for each of ${way}, would destroy it`;
  return `The free of ${region} moved it one list down, from ${from}, and only a free moves or destroys a chunk: ${more}, but none can come until something is allocated in it and released.`; // prettier-ignore
}

export function hugeSentence({ id, arena, bytes, purpose, cache }: HugeHolder): string {
  return `Huge allocation ${id} (arena ${arena}, ${bytesInWords(bytes)}): ${hasOnLoop(cache)}${count(1, ...PURPOSES[purpose])}. It goes back to the system when it is released.`; // prettier-ignore
}

export function forecastSentence(forecast: ArenaForecast, chunkBytes: number): string {
  const { index, largestNowBytes, nextFailure, eventLoops } = forecast;
  if (nextFailure === null) return `Arena ${index}: every request succeeds.`;
  const now =
    largestNowBytes === null
      ? 'no request succeeds now'
      : `the largest request that succeeds now is ${bytesInWords(largestNowBytes)}; one byte more fails (${failure(nextFailure.cause, chunkBytes)})`;
  const caches = eventLoops.map(({ eventLoop, largestNowBytes: bytes }) => `up to ${bytesInWords(bytes!)} on event loop ${eventLoop}`);
  const cached = caches.length === 0 ? '' : `, except from thread caches: ${listed(caches, MOST_HOLDERS)}`;
  return `Arena ${index}: ${now}${cached}. ${afterSentence(forecast)}`;
}

function failure(cause: 'chunk' | 'huge', chunkBytes: number): string {
  return cause === 'huge' ? 'a huge allocation above the headroom' : `a new chunk, ${bytesInWords(chunkBytes)}, does not fit`;
}

function afterSentence({ largestNowBytes, nextChunkFits, afterNextChunkBytes }: ArenaForecast): string {
  if (!nextChunkFits) return 'No further chunk fits.';
  if (afterNextChunkBytes === null) return 'One more chunk fits; once it is full, nothing does.';
  if (afterNextChunkBytes === largestNowBytes) return 'One more chunk fits, and changes nothing.';
  return `One more chunk fits; once it is full, the largest is ${bytesInWords(afterNextChunkBytes)}.`;
}
