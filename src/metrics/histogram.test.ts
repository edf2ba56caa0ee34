import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Histogram, powersOfTwo } from './histogram.ts';

test('each value is counted under the first bound that is not below it', () => {
  const bounds = fc.uniqueArray(fc.integer({ min: -50, max: 50 }), { minLength: 1 }).map((all) => all.toSorted((a, b) => a - b));
  fc.assert(
    fc.property(bounds, fc.array(fc.integer({ min: -60, max: 60 })), (bounds, values) => {
      const histogram = new Histogram(bounds);
      for (const value of values) histogram.observe(value);
      const expected = [...bounds, Infinity].map((bound, i) => values.filter((v) => v <= bound && v > (bounds[i - 1] ?? -Infinity)).length);
      expect(Array.from(histogram.counts)).toEqual(expected);
      expect(histogram.sum).toBe(values.reduce((sum, value) => sum + value, 0));
    }),
  );
});

test('a sample stays as it is when more is observed', () => {
  const histogram = new Histogram([1]);
  const before = histogram.sample();
  histogram.observe(0.5);
  expect([...Array.from(before.counts), before.sum]).toEqual([0, 0, 0]);
});

test.each([[[2, 1]], [[1, 1]], [[1, Infinity]], [[NaN]]])('refuses the bounds %j', (bounds) => {
  expect(() => new Histogram(bounds)).toThrow('(expected: finite and ascending)');
});

test('powers of two include both ends', () => {
  expect(powersOfTwo(3, 6)).toEqual([8, 16, 32, 64]);
});
