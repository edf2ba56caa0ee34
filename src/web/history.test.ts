import { describe, expect, test } from 'vitest';
import { PooledAllocator, snapshot } from '../allocator/index.ts';
import { History } from './history.ts';

const ALL = { generation: 0, from: 0 };

function create(directArenas = 2) {
  const allocator = new PooledAllocator({ directArenas, limitBytes: 64 << 20, memory: 'none' });
  const caches = Array.from({ length: directArenas }, () => allocator.createThreadCache());
  return { allocator, caches, history: new History() };
}

describe('the history', () => {
  test('keeps what the allocator was at each sample, and what is retained adds up to the chunks', () => {
    const { allocator, caches, history } = create();
    history.record(0, null, snapshot(allocator));
    const big = allocator.allocate(caches[1]!, 16 << 20);
    allocator.allocate(caches[0]!, 1000);
    history.record(1, null, snapshot(allocator));
    allocator.release(big);
    history.record(2, null, snapshot(allocator));
    const { chunksByArena, chunksByBand, reservedBytes, liveBytes, cachedBytes, subpageBytes, freeBytes, wallSeconds, simSeconds } =
      history.read(ALL);
    expect([wallSeconds, simSeconds]).toEqual([[0, 1, 2], [null, null, null]]); // prettier-ignore
    expect(chunksByArena).toEqual([[0, 1, 1], [0, 1, 1]]); // prettier-ignore
    expect([chunksByBand[0], chunksByBand[1], chunksByBand[11]]).toEqual([[0, 0, 1], [0, 1, 1], [0, 1, 0]]); // prettier-ignore
    expect(reservedBytes).toEqual(liveBytes.map((live, i) => live + cachedBytes[i]! + subpageBytes[i]! + freeBytes[i]!));
  });

  test('answers only what is new to whoever knows the rest', () => {
    const { allocator, history } = create();
    for (let second = 0; second < 5; second++) history.record(second, null, snapshot(allocator));
    const { generation } = history.read(ALL);
    expect(history.read({ generation, from: 3 })).toMatchObject({ from: 3, wallSeconds: [3, 4] });
    expect(history.read({ generation: generation + 1, from: 3 })).toMatchObject({ from: 0, wallSeconds: [0, 1, 2, 3, 4] });
  });

  test('a run of any length stays in view: its beginning and its end, in a bounded number of rows', () => {
    const { allocator, history } = create();
    const taken = snapshot(allocator);
    let recorded = 0;
    for (let second = 0; second < 10_000; second++) {
      if (!history.isDue(second)) continue;
      history.record(second, second * 8640, taken);
      recorded = second;
    }
    const { wallSeconds } = history.read(ALL);
    expect(wallSeconds.length).toBeLessThanOrEqual(1024);
    expect(wallSeconds.length).toBeGreaterThan(500);
    expect(wallSeconds.at(-1)).toBe(recorded);
    expect(wallSeconds[0]).toBeLessThan(20);
    expect(history.isDue(recorded + 1)).toBe(false);
  });

  test('a pause takes one row, which goes on changing, and thins nothing', () => {
    const { allocator, caches, history } = create();
    history.record(0, 0, snapshot(allocator));
    for (let second = 1; second < 5000; second++) {
      if (second === 4000) allocator.allocate(caches[0]!, 8192);
      if (history.isDue(second)) history.record(second, 8640, snapshot(allocator));
    }
    const { wallSeconds, reservedBytes } = history.read(ALL);
    expect([wallSeconds, reservedBytes]).toEqual([[0, 4999], [0, 16_777_216]]); // prettier-ignore
  });

  test('begins again when simulated time goes back: it is another run', () => {
    const { allocator, history } = create();
    history.record(0, 5000, snapshot(allocator));
    const { generation } = history.read(ALL);
    history.record(1, 0, snapshot(allocator));
    expect(history.read({ generation, from: 1 })).toMatchObject({ from: 0, simSeconds: [0] });
  });

  test('counts each usage in its band: 0, 1–10, … 91–99, 100 %', () => {
    const { allocator, caches, history } = create(1);
    for (const pages of [1, 204, 205, 2047, 2048]) {
      const one = new PooledAllocator({ directArenas: 1, limitBytes: Infinity, memory: 'none', normalCacheSize: 0 });
      const cache = one.createThreadCache();
      for (let page = 0; page < pages; page++) one.allocate(cache, 8192);
      history.record(pages, null, snapshot(one));
    }
    expect(caches).toHaveLength(1);
    expect(snapshot(allocator).arenas).toHaveLength(1);
    const bands = history.read(ALL).chunksByBand;
    const bandOf = (row: number) => bands.findIndex((column) => column[row] === 1);
    expect([0, 1, 2, 3, 4].map(bandOf)).toEqual([1, 1, 2, 10, 11]);
  });
});
