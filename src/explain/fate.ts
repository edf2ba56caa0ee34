// Why a chunk is still there, and what becomes of it once its regions are let go and nothing new is taken from it.
//
//   cause            live buffers > thread caches > kept subpages > nothing: then qInit (which destroys nothing) or the wrong list
//   fate             stays: whatever the order of the frees · destroyed: the same · open: depends on the order, or on other chunks
import { type ChunkHolders, LIST_NAMES, type ListName, PROFILES, type NettyVersion } from '../allocator/index.ts';

export const CAUSES = ['live', 'thread_cache', 'subpage', 'wrong_list', 'never_destroyed'] as const;
export type Cause = (typeof CAUSES)[number];
export type Fate = 'stays' | 'destroyed' | 'open';

export function causeOf(chunk: ChunkHolders, list: ListName): Cause {
  if (chunk.live.length > 0) return 'live';
  if (chunk.cached.length > 0) return 'thread_cache';
  if (chunk.subpages.length > 0) return 'subpage';
  return list === 'qInit' ? 'never_destroyed' : 'wrong_list';
}

/** Regions in the chunk that somebody has: so many frees can still come to it. */
export function regionsOf({ live, cached }: ChunkHolders): number {
  return live.reduce((sum, { buffers }) => sum + buffers, 0) + cached.reduce((sum, { entries }) => sum + entries, 0);
}

/** Frees that a chunk in this list needs until it is destroyed, if each finds it below the list's minimum. CR3: one list down per free. */
export function freesToDestroy(list: ListName, version: NettyVersion): number {
  return PROFILES[version].fallsThrough ? 1 : LIST_NAMES.indexOf(list);
}

export function fateOf(chunk: ChunkHolders, list: ListName, version: NettyVersion): Fate {
  const regions = regionsOf(chunk);
  if (list === 'qInit' || regions < freesToDestroy(list, version)) return 'stays';
  if (chunk.subpages.some(({ emptyPages }) => emptyPages > 0)) return 'stays'; // no free can come to an empty page
  if (chunk.subpages.length > 0) return 'open'; // the last page of a class is kept, wherever it is
  return freesToDestroy(list, version) === 1 ? 'destroyed' : 'open';
}
