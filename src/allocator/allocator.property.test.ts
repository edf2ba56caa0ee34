// Random sequences of operations against the model, every invariant recomputed after each.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Model, operations, setups } from './model.suite.ts';
import { type ArenaSnapshot, snapshot } from './snapshot.ts';

/** What each version's rules let stand when nothing is held: qInit, the last page of a class, and in CR3 the wrong list. */
function expectOnlyKeptChunks(arena: ArenaSnapshot, version: string): void {
  for (const list of arena.lists)
    for (const chunk of list.chunks) {
      expect([chunk.liveBytes, chunk.cachedBytes, chunk.subpageBytes + chunk.freeBytes]).toEqual([0, 0, chunk.bytes]);
      expect(list.name === 'qInit' || chunk.subpageBytes > 0 || (version === '4.1.0.CR3' && chunk.stranded)).toBe(true);
    }
  for (const pool of [...Object.values(arena.tiny), ...Object.values(arena.small)]) {
    expect(pool.length).toBe(1);
    expect(pool[0]!.elemBytes === 0 || pool[0]!.available === pool[0]!.maxElems).toBe(true);
  }
}

test('any sequence of operations keeps every invariant and every byte, and what is released is given back', () => {
  const outcomes: Record<string, number> = {};
  fc.assert(
    fc.property(setups, operations, (setup, steps) => {
      const model = new Model(setup);
      for (const step of steps) model.run(step);
      model.releaseAll();
      for (const [name, count] of Object.entries(model.outcomes)) outcomes[name] = (outcomes[name] ?? 0) + count;
      // The first trim spares what was asked for since the last one, the second nothing.
      for (let i = 0; i < 2 * setup.loops; i++) model.allocator.trimCache(i % setup.loops);
      const after = snapshot(model.allocator);
      expect([after.liveBuffers, after.hugeBytes, after.hugeCount]).toEqual([0, 0, 0]);
      expect(after.caches.map((cache) => cache.bytes)).toEqual(after.caches.map(() => 0));
      const chunks = after.arenas.flatMap((arena) => arena.lists.flatMap((list) => list.chunks));
      expect(after.reservedBytes).toBe(chunks.length * after.chunkBytes);
      for (const arena of after.arenas) expectOnlyKeptChunks(arena, after.version);
    }),
    { numRuns: 600 },
  );
  for (const count of Object.values(outcomes)) expect(count).toBeGreaterThan(100); // no outcome was left out
});
