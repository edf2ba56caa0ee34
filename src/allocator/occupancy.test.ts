import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type BufferRef, occupancy, PooledAllocator, snapshot } from './index.ts';

const create = () => new PooledAllocator({ directArenas: 1, limitBytes: Infinity, pageBytes: 4096, maxOrder: 4, memory: 'none' });

describe('occupancy', () => {
  test('says what holds each run of pages, in order', () => {
    const allocator = create();
    const cache = allocator.createThreadCache();
    allocator.allocate(cache, 3000); // a small slot
    const cached = allocator.allocate(cache, 8192);
    allocator.allocate(cache, 16_000); // kept
    allocator.release(cached);
    expect(occupancy(allocator, 0, 0)).toEqual({
      id: 0, arena: 0, list: 'q000', usagePercent: 44, bytes: 65_536, freeBytes: 36_864, pageBytes: 4096, pages: 16,
      runs: [
        { firstPage: 0, pages: 1, offset: 0, bytes: 4096, holder: 'live', cache: 0, classBytes: 4096, lengthBytes: 3000 },
        { firstPage: 1, pages: 1, offset: 4096, bytes: 4096, holder: 'free' },
        { firstPage: 2, pages: 2, offset: 8192, bytes: 8192, holder: 'thread_cache', cache: 0, classBytes: 8192, lengthBytes: 8192 },
        { firstPage: 4, pages: 4, offset: 16_384, bytes: 16_384, holder: 'live', cache: 0, classBytes: 16_384, lengthBytes: 16_000 },
        { firstPage: 8, pages: 8, offset: 32_768, bytes: 32_768, holder: 'free' },
      ],
    }); // prettier-ignore
  });

  test('shows the slots of a subpage', () => {
    const allocator = create();
    const cache = allocator.createThreadCache();
    allocator.allocate(cache, 900);
    allocator.release(allocator.allocate(cache, 1000));
    expect(occupancy(allocator, 0, 0)!.runs[0]).toMatchObject({
      holder: 'subpage',
      elemBytes: 1024,
      maxElems: 4,
      available: 2,
      slots: [
        { slot: 0, holder: 'live', lengthBytes: 900 },
        { slot: 1, holder: 'thread_cache', lengthBytes: 1000 },
      ],
    });
  });

  test('knows no chunk of another arena, and none that is gone', () => {
    const allocator = create();
    expect(occupancy(allocator, 0, 0)).toBeNull();
    allocator.allocate(allocator.createThreadCache(), 1);
    expect([occupancy(allocator, 0, 0) !== null, occupancy(allocator, 1, 0), occupancy(allocator, 0, 1)]).toEqual([true, null, null]);
  });

  test('covers every page of every chunk once, and agrees with the snapshot, whatever was taken and released', () => {
    const operation = fc.record({ bytes: fc.nat(70_000), release: fc.boolean(), which: fc.nat() });
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 80 }), (operations) => {
        const allocator = create();
        const cache = allocator.createThreadCache();
        const live: BufferRef[] = [];
        for (const { bytes, release, which } of operations)
          if (release && live.length > 0) allocator.release(live.splice(which % live.length, 1)[0]!);
          else live.push(allocator.allocate(cache, bytes));
        for (const chunk of snapshot(allocator).arenas[0]!.lists.flatMap(({ chunks }) => chunks)) {
          const { runs, pages } = occupancy(allocator, 0, chunk.id)!;
          let next = 0;
          const sums = { free: 0, live: 0, thread_cache: 0, subpage: 0 };
          for (const run of runs) {
            expect(run.firstPage).toBe(next);
            next += run.pages;
            sums[run.holder] += run.bytes;
            if (run.holder !== 'subpage') continue;
            for (const { holder } of run.slots) {
              sums[holder] += run.elemBytes;
              sums.subpage -= run.elemBytes;
            }
          }
          expect(next).toBe(pages);
          expect(sums).toEqual({
            free: chunk.freeBytes,
            live: chunk.liveBytes,
            thread_cache: chunk.cachedBytes,
            subpage: chunk.subpageBytes,
          });
        }
      }),
    );
  });
});
