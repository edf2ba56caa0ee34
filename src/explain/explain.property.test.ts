// What an explanation says is so: its bytes add up, and what it predicts is tried on a second allocator with the same history.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { holders, type HoldersSnapshot, NONE, snapshot } from '../allocator/index.ts';
import { explain } from './index.ts';
import { owners, play, type Scenario, scenarios } from './scenario.suite.ts';

const sum = (holdings: readonly { readonly bytes: number }[]): number => holdings.reduce((total, { bytes }) => total + bytes, 0);
const stateOf = (scenario: Scenario): HoldersSnapshot => holders(play(scenario).allocator);
const law = (check: (scenario: Scenario) => void): void => fc.assert(fc.property(scenarios, check), { numRuns: 300 });

test('the bytes of the holders of a chunk add up to the chunk, and agree with the snapshot', () => {
  law((scenario) => {
    const state = play(scenario);
    const explanation = explain(holders(state.allocator, owners(state)));
    const chunks = snapshot(state.allocator).arenas.flatMap((arena) => arena.lists.flatMap((list) => list.chunks));
    expect(explanation.chunks.map(({ id }) => id)).toEqual(chunks.map(({ id }) => id));
    explanation.chunks.forEach((chunk, i) => {
      expect(sum(chunk.live) + sum(chunk.cached) + sum(chunk.subpages) + chunk.freeBytes).toBe(chunk.bytes);
      const { liveBytes, cachedBytes, subpageBytes, stranded } = chunks[i]!;
      expect([sum(chunk.live), sum(chunk.cached), sum(chunk.subpages)]).toEqual([liveBytes, cachedBytes, subpageBytes]);
      if (chunk.cause === 'wrong_list' || chunk.cause === 'never_destroyed') expect(stranded).toBe(true);
    });
    const { liveBytes, cachedBytes, subpageBytes, freeBytes, hugeBytes } = explanation.totals;
    expect(liveBytes + cachedBytes + subpageBytes + freeBytes + hugeBytes).toBe(explanation.reservedBytes);
    expect(explanation.caches.map(({ bytes }) => bytes)).toEqual(snapshot(state.allocator).caches.map(({ bytes }) => bytes));
    expect(explanation.huge).toHaveLength(snapshot(state.allocator).hugeCount);
  });
});

test('every live buffer is counted once, for the purpose and the event loop that its owner names', () => {
  law((scenario) => {
    const state = play(scenario);
    const owned = owners(state);
    const { chunks, huge } = explain(holders(state.allocator, owned));
    const groups = chunks.flatMap(({ live }) => live);
    expect(groups.reduce((total, { buffers }) => total + buffers, huge.length)).toBe(state.live.length);
    const isSame = (a: (typeof owned)[number]) => (b: { purpose: string; cache: number | null }) =>
      a.purpose === b.purpose && a.cache === b.cache;
    for (const one of owned) expect([...groups, ...huge].some(isSame(one))).toBe(true);
  });
});

test('the largest request that is said to succeed does, and one byte more fails', () => {
  law((scenario) => {
    const state = stateOf(scenario);
    const { arenas } = explain(state);
    for (const { index, arena, asksToTrim } of state.caches) {
      const { largestNowBytes, nextFailure, eventLoops } = arenas[arena]!;
      const own = eventLoops.find(({ eventLoop }) => eventLoop === index)?.largestNowBytes ?? largestNowBytes;
      if (own !== null) expect(play(scenario).allocator.allocate(index, own)).not.toBe(NONE);
      if (nextFailure === null || asksToTrim === 1) continue; // a trim comes between the cache and the arena
      const asked = own === null ? 0 : own + 1;
      const { allocator } = play(scenario);
      expect(allocator.allocate(index, asked)).toBe(NONE);
      expect(allocator.lastExhaustion.cause).toBe(asked > state.chunkBytes ? 'huge' : 'chunk');
      if (own === largestNowBytes) expect(nextFailure).toEqual({ askedBytes: asked, cause: allocator.lastExhaustion.cause });
    }
  });
});

test('what is said of the time after the next chunk holds once one more chunk is made and full', () => {
  law((scenario) => {
    const state = stateOf(scenario);
    for (const { index, afterNextChunkBytes, nextChunkFits } of explain(state).arenas) {
      const cache = state.caches.find(
        ({ arena, largestEntryBytes, asksToTrim }) => arena === index && largestEntryBytes === null && asksToTrim > 1,
      )?.index;
      if (cache === undefined) continue; // caches serve beyond what the arena can
      const twin = () => {
        const { allocator } = play(scenario);
        const chunk = allocator.makeChunk(allocator.arenas[index]!); // reserved, in no list: nothing can be taken from it
        return { allocator, fits: chunk !== null };
      };
      const { allocator, fits } = twin();
      expect(fits).toBe(nextChunkFits);
      if (!fits) expect(afterNextChunkBytes).toBeNull();
      else if (afterNextChunkBytes !== null) expect(allocator.allocate(cache, afterNextChunkBytes)).not.toBe(NONE);
      if (fits && (afterNextChunkBytes ?? 0) < 2_147_483_647)
        expect(twin().allocator.allocate(cache, (afterNextChunkBytes ?? -1) + 1)).toBe(NONE);
    }
  });
});

test('a chunk said to stay is there after everything is let go, one said to be destroyed is not', () => {
  law((scenario) => {
    const { chunks } = explain(stateOf(scenario));
    const { allocator, live } = play(scenario);
    for (const ref of live) allocator.release(ref);
    for (let round = 0; round < 2; round++) for (let cache = 0; cache < allocator.caches.count; cache++) allocator.trimCache(cache); // the second finds no hits
    const left = new Set(explain(holders(allocator)).chunks.map(({ id }) => id));
    for (const { id, fate } of chunks) if (fate !== 'open') expect([id, left.has(id)]).toEqual([id, fate === 'stays']);
  });
});

test('a snapshot that went through JSON gives the same explanation', () => {
  law((scenario) => {
    const state = stateOf(scenario);
    expect(explain(JSON.parse(JSON.stringify(state)) as HoldersSnapshot)).toEqual(explain(state));
  });
});
