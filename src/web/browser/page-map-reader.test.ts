import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type BufferRef,
  encodePageMap,
  LIST_NAMES as NETTY_LISTS,
  occupancy,
  PAGE_HOLDERS,
  PooledAllocator,
  snapshot,
} from '../../allocator/index.ts';
import { countPages, HOLDER_NAMES, LIST_NAMES, readCells, readPageMap } from './page-map-reader.ts';

const { FREE, LIVE, CACHE } = { FREE: 0, LIVE: 1, CACHE: 2 };

test('names lists and holders in the order of the service', () => {
  expect(LIST_NAMES).toEqual(NETTY_LISTS);
  expect(HOLDER_NAMES.map((name) => name.replace('kept ', '').replace(' ', '_'))).toEqual(PAGE_HOLDERS);
});

test('what the allocator writes is read back: chunks in their lists, and the holder of each page', () => {
  const operation = fc.record({ bytes: fc.oneof(fc.nat(70_000), fc.nat(600)), release: fc.boolean(), which: fc.nat() });
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 80 }), (operations) => {
      const allocator = new PooledAllocator({ directArenas: 2, limitBytes: Infinity, pageBytes: 4096, maxOrder: 4, memory: 'none' });
      const caches = [allocator.createThreadCache(), allocator.createThreadCache()];
      const live: BufferRef[] = [];
      for (const { bytes, release, which } of operations)
        if (release && live.length > 0) allocator.release(live.splice(which % live.length, 1)[0]!);
        else live.push(allocator.allocate(caches[which % 2]!, bytes));
      const map = readPageMap(encodePageMap(allocator));
      expect([map.pageBytes, map.pagesPerChunk, map.arenas.length]).toEqual([4096, 16, 2]);
      for (const { index, lists } of snapshot(allocator).arenas) {
        const expected = lists.flatMap(({ name, chunks }) => chunks.map(({ id, usagePercent, stranded }) => ({ id, list: NETTY_LISTS.indexOf(name), usagePercent, stranded }))); // prettier-ignore
        expect(map.arenas[index]!.map(({ runs: _, ...strip }) => strip)).toEqual(expected);
        for (const strip of map.arenas[index]!) {
          const free = occupancy(allocator, index, strip.id)!.runs.filter(({ holder }) => holder === 'free');
          expect(countPages(strip.runs)[FREE]).toBe(free.reduce((sum, { pages }) => sum + pages, 0));
          for (const { firstPage, pages } of free) expect([...readCells(strip.runs, 16).slice(firstPage, firstPage + pages)]).toEqual(Array<number>(pages).fill(FREE)); // prettier-ignore
        }
      }
    }),
  );
});

test('a cell that stands for several pages shows the strongest holder', () => {
  const runs = Uint8Array.of((3 << 2) | CACHE, (1 << 2) | LIVE, 0xf0 | 0x80, 0x7f); // 3 cached, 1 live, 4,092 free
  const cells = readCells(runs, 4096);
  expect([cells.length, ...cells.slice(0, 3)]).toEqual([2048, CACHE, LIVE, FREE]);
});

test('a map that is cut off, or of another version, is refused with a reason', () => {
  expect(() => readPageMap(Uint8Array.of(1, 0x80))).toThrow('page map: ends at byte 2 (expected: more)');
  expect(() => readPageMap(Uint8Array.of(9))).toThrow('page map: version 9 (expected: 1; reload the page)');
});
