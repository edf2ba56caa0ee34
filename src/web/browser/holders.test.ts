import { describe, expect, test } from 'vitest';
import { occupancy, PooledAllocator } from '../../allocator/index.ts';
import type { ChunkAccount } from './api.ts';
import { holderRows, keptBy } from './holders.ts';

const MIB = 1 << 20;

function create() {
  const allocator = new PooledAllocator({ directArenas: 1, limitBytes: Infinity, memory: 'none' });
  return { allocator, cache: allocator.createThreadCache() };
}
const accountOf = (allocator: PooledAllocator): ChunkAccount => ({ name: '9e3779b1', ...occupancy(allocator, 0, 0)! });
const explain = (allocator: PooledAllocator, stranded = false): string =>
  keptBy(accountOf(allocator), holderRows(accountOf(allocator)), stranded);

describe('the holders of a chunk', () => {
  test('are gathered by kind, event loop and size, and add up to what is not free', () => {
    const { allocator, cache } = create();
    for (let i = 0; i < 3; i++) allocator.allocate(cache, 32_768);
    allocator.release(allocator.allocate(cache, 16_384));
    allocator.allocate(cache, 1000);
    const rows = holderRows(accountOf(allocator));
    expect(rows.map(({ kind, eventLoop, regions, regionBytes }) => [kind, eventLoop, regions, regionBytes])).toEqual([
      ['live', 0, 3, 32_768],
      ['thread_cache', 0, 1, 16_384],
      ['subpage', null, 1, 1024],
      ['live', 0, 1, 1024],
    ]);
    expect(rows.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(16 * MIB - accountOf(allocator).freeBytes);
  });

  test('that are live are said first', () => {
    const { allocator, cache } = create();
    allocator.allocate(cache, MIB);
    allocator.release(allocator.allocate(cache, 16_384));
    expect(explain(allocator)).toBe('Live buffers hold 1 MiB and thread caches keep 16 KiB of its 16 MiB.');
  });

  test('that are only thread caches leave a chunk that nobody uses', () => {
    const { allocator, cache } = create();
    allocator.release(allocator.allocate(cache, 16_384));
    expect(explain(allocator)).toBe('Thread caches keep 16 KiB of its 16 MiB. Nobody uses it now.');
  });

  test('that are none leave a chunk in the wrong list, which is the 0 % of the story', () => {
    const { allocator, cache } = create();
    allocator.release(allocator.allocate(cache, 16 * MIB));
    expect(explain(allocator, true)).toMatch(/^Nothing holds it: it is empty, but it stays in q075/);
  });
});
