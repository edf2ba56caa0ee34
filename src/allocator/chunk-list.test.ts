// Thresholds in free bytes against Netty's percentages, for every value a small chunk can have; and the list itself.
import { describe, expect, test } from 'vitest';
import type { Chunk } from './chunk.ts';
import { usagePercent } from './chunk.ts';
import { ChunkList, LIST_BOUNDS } from './chunk-list.ts';

const createList = (index: number, chunkBytes: number, capacityBound = false) => new ChunkList(index, chunkBytes, capacityBound);

describe.each([4096, 8192, 12_800, 1 << 16])('in a chunk of %i bytes', (chunkBytes) => {
  test.each(LIST_BOUNDS.map(({ name }, i) => [name, i] as const))('%s passes on and lets go at Netty’s percentages, for each number of free bytes', (_, index) => {
    const { minUsage, maxUsage } = LIST_BOUNDS[index]!;
    const list = createList(index, chunkBytes);
    const wrong: number[] = [];
    for (let free = 0; free <= chunkBytes; free++) {
      const usage = usagePercent(free, chunkBytes);
      if (free <= list.passFreeBytes !== usage >= maxUsage || free > list.stayFreeBytes !== usage < minUsage) wrong.push(free);
    }
    expect(wrong).toEqual([]);
  }); // prettier-ignore
});

test('the thresholds of a chunk of 1 GiB do not overflow', () => {
  const chunkBytes = 2 ** 30;
  for (const { minUsage } of LIST_BOUNDS.slice(1)) {
    const { stayFreeBytes } = createList(LIST_BOUNDS.findIndex((bounds) => bounds.minUsage === minUsage), chunkBytes); // prettier-ignore
    expect(usagePercent(stayFreeBytes, chunkBytes)).toBeGreaterThanOrEqual(minUsage);
    expect(usagePercent(stayFreeBytes + 1, chunkBytes)).toBeLessThan(minUsage);
  }
});

test('the largest run of a list is chunk × (100 − max(1, minimum)) / 100 in 4.1.48, unbounded in CR3', () => {
  const bounds = (capacityBound: boolean) => LIST_BOUNDS.map((_, i) => createList(i, 1 << 24, capacityBound).maxRunBytes);
  expect(bounds(true)).toEqual([16_609_443, 16_609_443, 12_582_912, 8_388_608, 4_194_304, 0]);
  expect(bounds(false)).toEqual(Array(6).fill(1 << 24));
});

test('the links run from qInit up to q100 and back to q000; qInit’s back-link is itself', () => {
  const lists = LIST_BOUNDS.map((_, i) => createList(i, 4096));
  expect(lists.map(({ next }) => next)).toEqual([1, 2, 3, 4, 5, -1]);
  expect(lists.map(({ previous }) => previous)).toEqual([0, -1, 1, 2, 3, 4]);
});

test('inserts at the head and removes from anywhere', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((name) => ({ name, prev: null, next: null }) as unknown as Chunk) as [Chunk, Chunk, Chunk];
  const list = createList(2, 4096);
  const order = () => {
    const found: Chunk[] = [];
    for (let chunk = list.head; chunk !== null; chunk = chunk.next) found.push(chunk);
    return found;
  };
  for (const chunk of [a, b, c]) list.insert(chunk);
  expect([order(), list.size, b.list]).toEqual([[c, b, a], 3, 2]);
  list.remove(b);
  expect([order(), a.prev, c.next]).toEqual([[c, a], c, a]);
  list.remove(c);
  list.remove(a);
  expect([list.head, list.size, a.prev, c.next]).toEqual([null, 0, null, null]);
});
