// Our snapshot in the words of a trace: the `S` line's JSON and the `X` line's text, with the trace's own ordinals for chunks.
import { type AllocatorSnapshot, type ArenaSnapshot, dumpArena, PROFILES, type NettyVersion } from '../allocator/index.ts';

export type ChunkOrdinal = (chunk: number) => number;

export function snapshotJson(snapshot: AllocatorSnapshot, ordinal: ChunkOrdinal): string {
  return JSON.stringify(snapshot.arenas.map((arena) => arenaJson(arena, ordinal)));
}

function arenaJson(arena: ArenaSnapshot, ordinal: ChunkOrdinal): object {
  const lists = arena.lists.map((list): [string, number[][]] => [
    list.name,
    list.chunks.map((c) => [ordinal(c.id), c.usagePercent, c.freeBytes]),
  ]);
  const pools = (kind: 'tiny' | 'small') =>
    Object.fromEntries(
      Object.entries(arena[kind]).map(([index, pool]): [string, number[][]] => [
        index,
        pool.map((s) => [ordinal(s.chunk), s.node, s.available, s.maxElems, s.elemBytes]),
      ]),
    );
  const { allocations, deallocations, active } = arena;
  return { ...Object.fromEntries(lists), tiny: pools('tiny'), small: pools('small'), allocations, deallocations, active };
}

export function dumpText(snapshot: AllocatorSnapshot, ordinal: ChunkOrdinal): string {
  const printsPoolZero = PROFILES[snapshot.version as NettyVersion].dumpsPoolZero;
  const text = snapshot.arenas.map((arena) => dumpArena(arena, { printsPoolZero, nameOf: (id) => String(ordinal(id)) }) + '\n').join('');
  return `"${text.replaceAll('\n', '\\n')}"`;
}
