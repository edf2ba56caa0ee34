import { expect, test } from 'vitest';
import { trendOf } from './trend.ts';

const days = Array.from({ length: 31 }, (_, i) => i + 100);
const LIMIT = 2 ** 31;

test('a straight fall is told by its slope and by when it ends', () => {
  const trend = trendOf(days, days.map((day) => 1e9 - (day - 100) * 1e7), LIMIT)!; // prettier-ignore
  expect(trend.bytesPerUnit).toBeCloseTo(-1e7, 0);
  expect(trend.unitsLeft).toBeCloseTo(70, 6);
});

test('a rise never ends', () => {
  expect(trendOf(days, days.map((day) => day * 1e7), LIMIT)!.unitsLeft).toBe(Infinity); // prettier-ignore
});

test('what goes up and down around one level is steady', () => {
  expect(trendOf(days, days.map((day) => 1e9 + (day % 2) * 16_777_216), LIMIT)).toEqual({ bytesPerUnit: 0, unitsLeft: Infinity }); // prettier-ignore
});

test('few samples, or samples of one moment, tell nothing', () => {
  expect(trendOf([1, 2, 3], [3, 2, 1], LIMIT)).toBeNull();
  expect(trendOf(days.map(() => 5), days, LIMIT)).toBeNull(); // prettier-ignore
});
