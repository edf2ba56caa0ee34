// The text of an arena against the story's own dumps.
import { expect, test } from 'vitest';
import { type AllocatorOptions, PooledAllocator } from './allocator.ts';
import { dumpArena } from './dump.ts';
import { snapshot } from './snapshot.ts';

const story = (lines: string) => lines.replace(/^\n/, '').replaceAll(/^ +/gm, '');

function create(options: Partial<AllocatorOptions> = {}) {
  const allocator = new PooledAllocator({ directArenas: 1, limitBytes: 1 << 28, memory: 'none', ...options });
  const cache = allocator.createThreadCache();
  return {
    take: (bytes: number) => allocator.allocate(cache, bytes),
    release: (ref: number) => allocator.release(ref),
    dump: (nameOf?: (chunk: number) => string) =>
      dumpArena(snapshot(allocator).arenas[0]!, { printsPoolZero: allocator.profile.dumpsPoolZero, ...(nameOf && { nameOf }) }),
  };
}

test('an empty arena', () => {
  expect(create().dump()).toBe(
    story(`
      Chunk(s) at 0~25%:
      none
      Chunk(s) at 0~50%:
      none
      Chunk(s) at 25~75%:
      none
      Chunk(s) at 50~100%:
      none
      Chunk(s) at 75~100%:
      none
      Chunk(s) at 100%:
      none
      tiny subpages:
      small subpages:
      `),
  );
});

test('the story’s arena after small messages: 122,880 bytes of a chunk, 1 %, and one subpage of 256-byte slots', () => {
  const { take, release, dump } = create();
  const first = take(8192);
  const response = take(256); // one slot of the second page, still taken
  const others = [1, 1, 2, 4, 5].map((pages) => take(pages * 8192)); // 1 + 1 + (1 + 1 + 2 + 4 + 8) pages − what is rounded up
  expect(dump(() => '662c6d27')).toBe(
    story(`
      Chunk(s) at 0~25%:
      Chunk(662c6d27: 1%, ${18 * 8192}/16777216)
      Chunk(s) at 0~50%:
      none
      Chunk(s) at 25~75%:
      none
      Chunk(s) at 50~100%:
      none
      Chunk(s) at 75~100%:
      none
      Chunk(s) at 100%:
      none
      tiny subpages:
      16: (2049: 1/32, offset: 8192, length: 8192, elemSize: 256)
      small subpages:
      `),
  );
  for (const ref of [first, response, ...others]) release(ref);
  expect(dump()).toContain('16: (2049: 1/32, offset: 8192, length: 8192, elemSize: 256)'); // in the cache now, still taken
});

test('exactly the story’s 1%, 122880/16777216', () => {
  const { take, dump } = create();
  for (const pages of [1, 2, 4, 8]) take(pages * 8192);
  expect(dump(() => '662c6d27').split('\n')[1]).toBe('Chunk(662c6d27: 1%, 122880/16777216)');
});

test('a chunk parked at 0 % in q075, as in the story', () => {
  const { take, release, dump } = create();
  release(take(1 << 24));
  expect(dump(() => '122122e7')).toContain('Chunk(s) at 75~100%:\nChunk(122122e7: 0%, 0/16777216)\n');
});

test('the pools of index 0 are left out by CR3 and printed by 4.1.48', () => {
  const pools = (version: '4.1.0.CR3' | '4.1.48.Final') => {
    const { take, dump } = create({ version });
    for (const bytes of [0, 16, 512, 1024]) take(bytes);
    return dump().split('\n').filter((line) => /^\d+: /.test(line)).map((line) => line.slice(0, 7)); // prettier-ignore
  };
  expect(pools('4.1.0.CR3')).toEqual(['1: (204', '1: (205']);
  expect(pools('4.1.48.Final')).toEqual(['0: (204', '1: (204', '0: (205', '1: (205']);
});
