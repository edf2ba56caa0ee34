// One page of slots against a model: a set of taken slots and the one freed last.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Subpage } from './subpage.ts';

const PAGE_BYTES = 4096;
const createPool = () => new Subpage(-1, 0, 0);
function createSubpage(pool: Subpage, elemBytes: number): Subpage {
  const subpage = new Subpage(0, 1, PAGE_BYTES);
  subpage.init(pool, elemBytes, PAGE_BYTES);
  return subpage;
}
const members = (pool: Subpage): Subpage[] => {
  const found: Subpage[] = [];
  for (let s = pool.next; s !== pool; s = s.next) found.push(s);
  return found;
};

test('hands out the slot freed last, once, then the lowest; is in its pool exactly while a slot is free', () => {
  fc.assert(
    fc.property(fc.constantFrom(16, 48, 128, 496, 1024, 2048), fc.array(fc.nat(1000), { maxLength: 400, size: 'max' }), (elemBytes, steps) => {
      const pool = createPool();
      createSubpage(pool, elemBytes); // a second one, so that an empty page leaves
      const subpage = createSubpage(pool, elemBytes);
      const slots = Math.floor(PAGE_BYTES / elemBytes);
      const taken = new Set<number>();
      let last: number | undefined = 0;
      for (const step of steps) {
        if (taken.size < slots && step % 5 < 3) {
          let lowest = 0;
          while (taken.has(lowest)) lowest++;
          expect(subpage.allocate()).toBe(last ?? lowest);
          taken.add(last ?? lowest);
          last = undefined;
        } else if (taken.size > 0) {
          last = [...taken][step % taken.size]!;
          taken.delete(last);
          const left = subpage.free(pool, last);
          expect(left).toBe(taken.size === 0 && slots > 1);
          if (left) {
            expect([subpage.inUse, members(pool).includes(subpage)]).toEqual([false, false]);
            subpage.init(pool, elemBytes, PAGE_BYTES);
            last = 0;
          }
        }
        expect(subpage.available).toBe(slots - taken.size);
        expect(members(pool).includes(subpage)).toBe(taken.size < slots);
      }
    }),
    { numRuns: 60 },
  );
}); // prettier-ignore

describe('a pool', () => {
  test('has its newest page first, and one that had been full comes back first', () => {
    const pool = createPool();
    const [a, b] = [createSubpage(pool, 2048), createSubpage(pool, 2048)];
    expect(members(pool)).toEqual([b, a]);
    const slots = [a.allocate(), a.allocate()];
    expect(members(pool)).toEqual([b]);
    a.free(pool, slots[0]!);
    expect(members(pool)).toEqual([a, b]);
  });

  test('keeps its only page, though all its slots are free', () => {
    const pool = createPool();
    const only = createSubpage(pool, 64);
    expect(only.free(pool, only.allocate())).toBe(false);
    expect([members(pool), only.inUse, only.available]).toEqual([[only], true, 64]);
  });
});

describe('slots of 0 bytes', () => {
  test('are always slot 0 and never given back', () => {
    const pool = createPool();
    const subpage = createSubpage(pool, 0);
    expect([subpage.allocate(), subpage.allocate(), subpage.free(pool, 0), subpage.free(pool, 0)]).toEqual([0, 0, false, false]);
    expect([subpage.maxElems, subpage.available, members(pool).length]).toEqual([0, 0, 1]);
  });

  test('keep the counts of the page’s former life', () => {
    const [pool, zeroes] = [createPool(), createPool()];
    createSubpage(pool, 1024);
    const subpage = createSubpage(pool, 1024);
    expect(subpage.free(pool, subpage.allocate())).toBe(true);
    subpage.init(zeroes, 0, PAGE_BYTES);
    expect([subpage.allocate(), subpage.maxElems, subpage.available]).toEqual([0, 4, 4]);
  });
});
