import { expect, test } from 'vitest';
import type { Arenas } from './api.ts';
import { storyText } from './story.ts';

const MIB = 2 ** 20;

/** That many chunks in one arena, each with 1 MiB live. */
function arenas(chunks: number, refused = 0): Arenas {
  const one = { usagePercent: 6, liveBytes: MIB, cachedBytes: 2 * MIB, subpageBytes: 0, freeBytes: 13 * MIB, largestFreeRunBytes: 8 * MIB };
  return {
    version: '4.1.0.CR3',
    pageBytes: 8192,
    chunkBytes: 16 * MIB,
    limitBytes: 256 * MIB,
    reservedBytes: chunks * 16 * MIB,
    hugeBytes: 0,
    hugeCount: 0,
    exhausted: { chunk: 0, huge: refused },
    arenas: [{ index: 0, lists: [{ chunks: Array.from({ length: chunks }, (_, id) => ({ id, ...one })) }] }],
    threadCaches: [],
  };
}

test.each([
  ['nothing reserved', arenas(0), null, 'No chunk is reserved yet. Send a body, or choose a scenario, and see which ones stay.'],
  ['one chunk', arenas(1), null, '1 chunk keeps 16 MiB reserved while live messages take 1 MiB; 13 MiB of it lies free. New chunks and large messages have 240 MiB left.'],
  ['a few', arenas(12), null, '12 chunks keep 192 MiB reserved while live messages take 12 MiB; 156 MiB of it lies free. New chunks and large messages have 64 MiB left.'],
  ['refused, with a simulation', arenas(16, 3), 337, '16 chunks keep 256 MiB reserved while live messages take 16 MiB; 208 MiB of it lies free, and yet 3 reservations were refused (of simulated requests since day 337).'],
  ['refused, without one', arenas(16, 1), null, '16 chunks keep 256 MiB reserved while live messages take 16 MiB; 208 MiB of it lies free, and yet 1 reservation was refused.'],
])('%s', (_, taken, day, text) => {
  expect(storyText(taken, day)).toBe(text);
}); // prettier-ignore
