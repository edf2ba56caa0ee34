// The runs of a chunk against a model that owns a plain array of pages.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Arena } from './arena.ts';
import { Chunk, usagePercent } from './chunk.ts';
import { NONE } from './handle.ts';
import { PROFILES } from './profile.ts';
import { createGeometry } from './sizes.ts';

const PAGE_BYTES = 4096;

function createChunk(maxOrder: number): Chunk {
  const geometry = createGeometry(PAGE_BYTES, maxOrder);
  const nobody = { listener: null, chunkAt: () => chunk, makeChunk: () => null, destroyChunk: () => undefined };
  const arena = new Arena(0, PROFILES['4.1.0.CR3'], geometry, nobody);
  const chunk: Chunk = new Chunk(0, 0, arena, geometry, geometry.chunkBytes, null, false);
  return chunk;
}

/** Who owns each page; finds the lowest aligned free run by looking at every one. */
class Pages {
  readonly taken: boolean[];
  readonly runs = new Map<number, [first: number, pages: number]>(); // by node
  constructor(count: number) {
    this.taken = Array<boolean>(count).fill(false);
  }
  take(depth: number): number {
    const pages = this.taken.length >> depth;
    for (let first = 0; first < this.taken.length; first += pages)
      if (!this.taken.slice(first, first + pages).includes(true)) {
        this.taken.fill(true, first, first + pages);
        const node = (1 << depth) + first / pages;
        this.runs.set(node, [first, pages]);
        return node;
      }
    return NONE;
  }
  free(node: number): void {
    const [first, pages] = this.runs.get(node)!;
    this.taken.fill(false, first, first + pages);
    this.runs.delete(node);
  }
  get freePages(): number {
    return this.taken.filter((isTaken) => !isTaken).length;
  }
  get largestRun(): number {
    for (let pages = this.taken.length; pages > 0; pages >>= 1)
      for (let first = 0; first < this.taken.length; first += pages)
        if (!this.taken.slice(first, first + pages).includes(true)) return pages;
    return 0;
  }
}

/** Takes at a depth (as a share of the tree's height, leaves most often) and frees of the n-th live run. */
const steps = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ take: fc.oneof(fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true })) }) },
    { weight: 2, arbitrary: fc.record({ free: fc.nat(10_000) }) },
  ),
  { maxLength: 300, size: 'max' },
);

test.each([0, 1, 2, 4, 5, 6, 8, 10, 11, 12])('with maxOrder %i: each run is the lowest that fits, and freeing all restores a fresh chunk', (maxOrder) => {
  fc.assert(
    fc.property(steps, (all) => {
      const chunk = createChunk(maxOrder);
      const model = new Pages(1 << maxOrder);
      for (const step of all) {
        if ('take' in step) {
          const depth = Math.round(step.take * maxOrder);
          expect(chunk.allocateRun(depth)).toBe(model.take(depth));
        } else if (model.runs.size > 0) {
          const node = [...model.runs.keys()][step.free % model.runs.size]!;
          chunk.freeRun(node);
          model.free(node);
        }
        expect(chunk.freeBytes).toBe(model.freePages * PAGE_BYTES);
      }
      expect(chunk.largestFreeRunBytes()).toBe(model.largestRun * PAGE_BYTES);
      for (const node of [...model.runs.keys()]) chunk.freeRun(node);
      const fresh = createChunk(maxOrder);
      expect({ ...chunk, arena: null }).toEqual({ ...fresh, arena: null });
    }),
    { numRuns: maxOrder > 9 ? 15 : 40 },
  );
}); // prettier-ignore

describe('a chunk of the largest order', () => {
  test('hands out all its pages from the left, then none', () => {
    const chunk = createChunk(14);
    const leaves = Array.from({ length: 1 << 14 }, () => chunk.allocateRun(14));
    expect(leaves).toEqual(Array.from({ length: 1 << 14 }, (_, page) => (1 << 14) + page));
    expect([chunk.allocateRun(14), chunk.allocateRun(0), chunk.freeBytes, chunk.largestFreeRunBytes()]).toEqual([NONE, NONE, 0, 0]);
  });

  test('joins buddies up to the whole, whichever way they are freed', () => {
    for (const reversed of [false, true]) {
      const chunk = createChunk(14);
      const nodes = Array.from({ length: 1 << 14 }, () => chunk.allocateRun(14));
      for (const node of reversed ? nodes.reverse() : nodes) chunk.freeRun(node);
      expect(chunk.largestFreeRunBytes()).toBe(chunk.bytes);
      expect(chunk.allocateRun(0)).toBe(1);
    }
  });

  test('takes and frees the large orders one in another', () => {
    for (let depth = 0; depth <= 14; depth++) {
      const chunk = createChunk(14);
      const nodes = Array.from({ length: 1 << depth }, () => chunk.allocateRun(depth));
      expect(nodes.at(-1)).toBe((2 << depth) - 1);
      expect(chunk.allocateRun(14)).toBe(NONE);
      chunk.freeRun(nodes[nodes.length >> 1]!);
      expect(chunk.largestFreeRunBytes()).toBe(chunk.bytes >>> depth);
      expect(chunk.allocateRun(depth)).toBe(nodes[nodes.length >> 1]);
    }
  });
});

test('the offset of a run is its index at its depth times its length', () => {
  const chunk = createChunk(4);
  expect([1, 2, 3, 7, 16, 31].map((node) => chunk.offsetOf(node) / PAGE_BYTES)).toEqual([0, 0, 8, 12, 0, 15]);
});

describe('usage in per cent', () => {
  test('is 100 only where nothing is free, and 99 where less than 1 % is', () => {
    expect([0, 1, 167_771, 167_773].map((free) => usagePercent(free, 1 << 24))).toEqual([100, 99, 99, 99]);
  });
  test('is 0 only where all is free', () => {
    const chunkBytes = 1 << 24;
    expect([chunkBytes, chunkBytes - 1, chunkBytes - 122_880, chunkBytes / 2].map((free) => usagePercent(free, chunkBytes))).toEqual([0, 1, 1, 50]); // prettier-ignore
  });
  test('does not overflow in a chunk of 1 GiB', () => {
    expect([0.01, 0.5, 0.99].map((share) => usagePercent(Math.ceil(share * 2 ** 30), 2 ** 30))).toEqual([99, 50, 1]);
  });
});
