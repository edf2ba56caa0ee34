import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type BufferRef, encodePageMap, LIST_NAMES, occupancy, PAGE_HOLDERS, PAGE_MAP_VERSION, type PageHolder, PooledAllocator, type RunOccupancy, snapshot } from './index.ts'; // prettier-ignore

const create = (directArenas = 1) =>
  new PooledAllocator({ directArenas, limitBytes: Infinity, pageBytes: 4096, maxOrder: 4, memory: 'none' });

/** The numbers of a map, in order. */
function varints(bytes: Uint8Array): number[] {
  const numbers: number[] = [];
  let [value, shift] = [0, 0];
  for (const byte of bytes) {
    value |= (byte & 0x7f) << shift;
    shift += 7;
    if (byte >= 0x80) continue;
    numbers.push(value);
    [value, shift] = [0, 0];
  }
  return numbers;
}

const run = (pages: number, holder: PageHolder) => (pages << 2) | PAGE_HOLDERS.indexOf(holder);

/** What a page shows, from the full account of its chunk. */
function shown(held: RunOccupancy): PageHolder {
  if (held.holder !== 'subpage') return held.holder;
  if (held.slots.some(({ holder }) => holder === 'live')) return 'live';
  return held.slots.length > 0 ? 'thread_cache' : 'subpage';
}

describe('the page map', () => {
  test('of an allocator without chunks is its geometry and empty lists', () => {
    expect(varints(encodePageMap(create(2)))).toEqual([PAGE_MAP_VERSION, 4096, 16, 2, ...Array<number>(12).fill(0)]);
  });

  test('holds each chunk in its list, with its runs of pages', () => {
    const allocator = create();
    const cache = allocator.createThreadCache();
    allocator.allocate(cache, 3000); // page 0, as a small slot rounded up to a page
    const cached = allocator.allocate(cache, 8192);
    allocator.allocate(cache, 16_000); // pages 4 … 7
    allocator.release(cached);
    const runs = [run(1, 'live'), run(1, 'free'), run(2, 'thread_cache'), run(4, 'live'), run(8, 'free')];
    expect(varints(encodePageMap(allocator))).toEqual([1, 4096, 16, 1, 0, 1, 0, 44 << 1, ...runs, 0, 0, 0, 0]);
  });

  test('marks a stranded chunk: CR3 parks one at 0 % in q075', () => {
    const allocator = create();
    const cache = allocator.createThreadCache();
    allocator.release(allocator.allocate(cache, 65_536));
    expect(varints(encodePageMap(allocator))).toEqual([1, 4096, 16, 1, 0, 0, 0, 0, 1, 0, 1, run(16, 'free'), 0]);
  });

  test('leaves huge allocations out', () => {
    const allocator = create();
    allocator.allocate(allocator.createThreadCache(), 100_000);
    expect(varints(encodePageMap(allocator)).slice(4)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test('shows every page as the account of its chunk does, whatever was taken and released', () => {
    const operation = fc.record({ bytes: fc.oneof(fc.nat(70_000), fc.nat(600)), release: fc.boolean(), which: fc.nat() });
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 120 }), (operations) => {
        const allocator = create(2);
        const caches = [allocator.createThreadCache(), allocator.createThreadCache()];
        const live: BufferRef[] = [];
        for (const { bytes, release, which } of operations)
          if (release && live.length > 0) allocator.release(live.splice(which % live.length, 1)[0]!);
          else live.push(allocator.allocate(caches[which % 2]!, bytes));
        const expected: number[] = [PAGE_MAP_VERSION, 4096, 16, 2];
        for (const arena of snapshot(allocator).arenas)
          for (const name of LIST_NAMES) {
            const { chunks } = arena.lists.find((list) => list.name === name)!;
            expected.push(chunks.length);
            for (const { id, usagePercent, stranded } of chunks) {
              expected.push(id, (usagePercent << 1) | Number(stranded));
              for (const [holder, pages] of joined(occupancy(allocator, arena.index, id)!.runs)) expected.push(run(pages, holder));
            }
          }
        expect(varints(encodePageMap(allocator))).toEqual(expected);
      }),
    );
  });
});

/** Neighbours of one holder as one run. */
function joined(runs: readonly RunOccupancy[]): [PageHolder, number][] {
  const found: [PageHolder, number][] = [];
  for (const held of runs) {
    const last = found.at(-1);
    if (last?.[0] === shown(held)) last[1] += held.pages;
    else found.push([shown(held), held.pages]);
  }
  return found;
}
