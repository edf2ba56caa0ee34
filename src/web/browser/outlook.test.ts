import { expect, test } from 'vitest';
import { outlookOf } from './outlook.ts';

const arena = (index: number, sentence: string, nextChunkFits = true) => ({
  index,
  nextChunkFits,
  sentence: `Arena ${index}: ${sentence}`,
});
const outlook = (arenas: readonly ReturnType<typeof arena>[], headroomBytes: number | null = 100) =>
  outlookOf({ headroomBytes, clock: 0, arenas }, (bytes) => `${bytes} bytes`);

test('while a chunk fits, only what exceeds the headroom fails', () => {
  expect(outlook([arena(0, 'fine.'), arena(1, 'fine.')])).toEqual({
    isAlarming: false,
    headline: 'A single allocation above 100 bytes.',
    more: ['Every arena: fine.'],
  });
});

test('it is alarming when an arena gets no further chunk', () => {
  expect(outlook([arena(0, 'bad.', false)])).toEqual({
    isAlarming: true,
    headline: 'The next chunk, and every huge allocation.',
    more: ['Arena 0: bad.'],
  });
});

test('without a limit nothing fails', () => {
  expect(outlook([arena(0, 'fine.')], null)).toMatchObject({ isAlarming: false, headline: 'Nothing: no limit is set.' });
});

test('arenas that fare alike are told together, by ranges, the many first; beyond three sentences they are counted', () => {
  const fates = ['a.', 'b.', 'b.', 'b.', 'c.', 'b.', 'd.', 'e.'];
  expect(outlook(fates.map((fate, index) => arena(index, fate))).more).toEqual([
    'Arenas 1–3, 5: b.',
    'Arena 0: a.',
    'Arena 4: c.',
    '2 more arenas in /api/explain.',
  ]);
});
