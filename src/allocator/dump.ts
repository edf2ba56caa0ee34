// The arenas as text, exactly as Netty's PoolArena.toString prints them; chunks are named by the caller (Netty: identity hash).
import type { ArenaSnapshot, ListSnapshot, SubpageSnapshot } from './snapshot.ts';

/** What Netty prints before each list, in its order. It never prints the list's name. */
const RANGES = ['0~25%', '0~50%', '25~75%', '50~100%', '75~100%', '100%'] as const;

export interface DumpOptions {
  readonly printsPoolZero: boolean; // the profile's dumpsPoolZero
  readonly nameOf?: (chunk: number) => string;
}

/** One arena's text, ending in a line break. */
export function dumpArena(arena: ArenaSnapshot, { printsPoolZero, nameOf = String }: DumpOptions): string {
  const lines = arena.lists.flatMap((list, i) => [`Chunk(s) at ${RANGES[i]!}:`, ...dumpList(list, nameOf)]);
  const pools = (name: 'tiny' | 'small') => [`${name} subpages:`, ...dumpPools(arena[name], printsPoolZero)];
  return [...lines, ...pools('tiny'), ...pools('small'), ''].join('\n');
}

function dumpList(list: ListSnapshot, nameOf: (chunk: number) => string): string[] {
  if (list.chunks.length === 0) return ['none'];
  return list.chunks.map((c) => `Chunk(${nameOf(c.id)}: ${c.usagePercent}%, ${c.bytes - c.freeBytes}/${c.bytes})`);
}

function dumpPools(pools: ArenaSnapshot['tiny'], printsPoolZero: boolean): string[] {
  return Object.entries(pools)
    .filter(([index]) => printsPoolZero || index !== '0')
    .map(([index, pool]) => `${index}: ${pool.map(dumpSubpage).join('')}`);
}

function dumpSubpage(s: SubpageSnapshot): string {
  return `(${s.node}: ${s.maxElems - s.available}/${s.maxElems}, offset: ${s.offset}, length: ${s.pageBytes}, elemSize: ${s.elemBytes})`;
}
