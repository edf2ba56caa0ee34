// The arenas as the API shows them: plain JSON, and Netty's own dump.
import { type AllocatorSnapshot, type ArenaSnapshot, dumpArena, PROFILES, type NettyVersion } from '../allocator/index.ts';

/** A chunk's name in dumps: eight hexadecimal digits like Netty's identity hashes, but the same in every run. */
export const chunkName = (id: number): string => (Math.imul(id + 1, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0'); // an odd factor: no two alike

export function arenasText(snapshot: AllocatorSnapshot): string {
  const printsPoolZero = PROFILES[snapshot.version as NettyVersion].dumpsPoolZero;
  return snapshot.arenas.map((arena) => dumpArena(arena, { printsPoolZero, nameOf: chunkName })).join('\n');
}

export function arenasJson(snapshot: AllocatorSnapshot) {
  const { version, pageBytes, maxOrder, chunkBytes, limitBytes, reservedBytes, hugeBytes, hugeCount, exhausted, liveBuffers } = snapshot;
  return {
    version,
    pageBytes,
    maxOrder,
    chunkBytes,
    limitBytes,
    reservedBytes,
    headroomBytes: limitBytes - reservedBytes,
    hugeBytes,
    hugeCount,
    exhausted,
    liveBuffers,
    arenas: snapshot.arenas.map(arenaJson),
    threadCaches: snapshot.caches.map(({ index, arena, bytes, hits, misses, trims, queues }) => ({
      eventLoop: index,
      arena,
      bytes,
      entries: queues.reduce((sum, queue) => sum + queue.entries, 0),
      hits,
      misses,
      trims,
    })),
  };
}

function arenaJson(arena: ArenaSnapshot) {
  const { index, threadCaches, chunksCreated, chunksDestroyed, hugeBytes, allocations, deallocations, active } = arena;
  return {
    index,
    threadCaches,
    chunksCreated,
    chunksDestroyed,
    hugeBytes,
    allocations,
    deallocations,
    active,
    lists: arena.lists.map(({ name, minUsage, maxUsage, chunks }) => ({
      name,
      minUsage: Math.max(0, minUsage),
      maxUsage: Math.min(100, maxUsage),
      chunks: chunks.map((chunk) => ({ ...chunk, name: chunkName(chunk.id) })),
    })),
  };
}
