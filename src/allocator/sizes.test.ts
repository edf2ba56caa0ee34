// Size classes against Netty's own rules for normalising a capacity, written out.
import { describe, expect, test } from 'vitest';
import { classBytes, classOf, createGeometry, defaultDirectArenas } from './sizes.ts';

/** Netty's PoolArena.normalizeCapacity below the chunk size. */
function normalize(bytes: number): number {
  if (bytes < 512) return bytes % 16 === 0 ? bytes : bytes - (bytes % 16) + 16;
  return 2 ** Math.ceil(Math.log2(bytes));
}

test('each request up to 128 KiB gets the region that Netty gives it', () => {
  const wrong: number[] = [];
  for (let bytes = 0; bytes <= 131_072; bytes++) if (classBytes(classOf(bytes)) !== normalize(bytes)) wrong.push(bytes);
  expect(wrong).toEqual([]);
});

test('each power of two up to 1 GiB, one less and one more, gets the region that Netty gives it', () => {
  for (let shift = 9; shift < 30; shift++)
    for (const bytes of [2 ** shift - 1, 2 ** shift, 2 ** shift + 1])
      expect([bytes, classBytes(classOf(bytes))]).toEqual([bytes, normalize(bytes)]);
  expect(classBytes(classOf(2 ** 30))).toBe(2 ** 30);
});

test('classes are numbered without a gap: 32 tiny ones, then powers of two from 512', () => {
  expect([0, 1, 16, 17, 496, 497, 511, 512, 513, 8192].map(classOf)).toEqual([0, 1, 1, 2, 31, 32, 32, 32, 33, 36]);
});

describe('the geometry', () => {
  test.each([
    [8192, 11, 16_777_216],
    [4096, 0, 4096],
    [65_536, 14, 2 ** 30],
    [2 ** 30, 0, 2 ** 30],
  ])('of pages of %i and order %i is a chunk of %i bytes', (pageBytes, maxOrder, chunkBytes) => {
    const geometry = createGeometry(pageBytes, maxOrder);
    expect(geometry.chunkBytes).toBe(chunkBytes);
    expect(2 ** geometry.chunkShift).toBe(chunkBytes);
    expect(classBytes(geometry.pageClass)).toBe(pageBytes);
  });
});

describe('the default number of arenas', () => {
  test.each([
    ['256 MiB give two', 8, 2 ** 28, 2],
    ['2 GiB on 8 cores give 16', 8, 2 ** 31, 16],
    ['2 GiB on 64 cores are bounded by memory', 64, 2 ** 31, 21],
    ['too little memory still gives one', 8, 2 ** 24, 1],
    ['no limit leaves the cores', 3, Infinity, 6],
  ])('%s', (_, cores, limitBytes, arenas) => {
    expect(defaultDirectArenas(cores, limitBytes, 2 ** 24)).toBe(arenas);
  });
});
