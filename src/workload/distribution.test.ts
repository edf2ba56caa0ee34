import { expect, test } from 'vitest';
import { createSampler, type Distribution } from './distribution.ts';
import { Random } from './random.ts';

const draws = (distribution: Distribution, count = 20_000): number[] => {
  const sample = createSampler(distribution, new Random(3, 'test'));
  return Array.from({ length: count }, sample).sort((a, b) => a - b);
};
const median = (sorted: readonly number[]): number => sorted[sorted.length >> 1]!;
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

test('a fixed value is always that value', () => {
  expect(new Set(draws({ kind: 'fixed', value: 7 }, 10))).toEqual(new Set([7]));
});

test('a uniform law stays within its range, its median in the middle', () => {
  const values = draws({ kind: 'uniform', from: 10, to: 20 });
  expect([values[0]! >= 10, values.at(-1)! <= 20]).toEqual([true, true]);
  expect(median(values)).toBeCloseTo(15, 0);
});

test('a log-uniform law has the geometric mean of its range as median', () => {
  expect(median(draws({ kind: 'logUniform', from: 1, to: 10_000 })) / 100).toBeCloseTo(1, 0);
});

test('a lognormal law has its median, and keeps its bounds', () => {
  const values = draws({ kind: 'lognormal', median: 10, sigma: 1, min: 2, max: 60 });
  expect(median(values) / 10).toBeCloseTo(1, 1);
  expect([values[0], values.at(-1)]).toEqual([2, 60]);
});

test('an exponential law begins at its minimum, and its mean is added to it', () => {
  const values = draws({ kind: 'exponential', mean: 8, min: 1, max: Infinity });
  expect(values[0]!).toBeGreaterThanOrEqual(1);
  expect(mean(values) / 9).toBeCloseTo(1, 1);
});

test('a geometric law gives whole numbers from 1, half of them up to its median, none above its maximum', () => {
  const values = draws({ kind: 'geometric', median: 3, max: 44 });
  expect(values.every((value) => Number.isInteger(value) && value >= 1 && value <= 44)).toBe(true);
  expect(values.filter((value) => value <= 3).length / values.length).toBeCloseTo(0.5, 1);
});

test('a mixture draws from its parts in the proportion of their weights', () => {
  const parts = [{ weight: 3, of: { kind: 'fixed', value: 0 } } as const, { weight: 1, of: { kind: 'fixed', value: 1 } } as const];
  expect(mean(draws({ kind: 'mixture', parts }))).toBeCloseTo(0.25, 1);
});
