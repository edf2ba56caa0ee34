import { describe, expect, test } from 'vitest';
import { aheadOf, DEMO_CLOCK, durationText, HISTORY_CLOCK, holdOf, rangeOf, REAL_CLOCK } from './clock.ts';

describe('the real clock', () => {
  test('takes days as they are', () => {
    expect([rangeOf(REAL_CLOCK, 14), rangeOf(REAL_CLOCK, 1 / 24), holdOf(REAL_CLOCK, 0.25)]).toEqual(['14d', '1h', '6h']);
    expect(aheadOf(REAL_CLOCK, 30)).toBe(2_592_000);
  });

  test('has no window shorter than five scrapes, no hold shorter than two', () => {
    expect(rangeOf(REAL_CLOCK, 1 / 1440)).toBe('5m');
    expect(holdOf(REAL_CLOCK, 1 / 1440)).toBe('2m');
  });
});

describe('the clock of the demo', () => {
  test('lets a day pass in ten seconds', () => {
    expect([rangeOf(DEMO_CLOCK, 14), holdOf(DEMO_CLOCK, 1), aheadOf(DEMO_CLOCK, 30)]).toEqual(['140s', '10s', 300]);
  });

  test('rounds what is shorter than it can see up to what it can', () => {
    expect([rangeOf(DEMO_CLOCK, 1 / 24), holdOf(DEMO_CLOCK, 1 / 24)]).toEqual(['10s', '4s']);
  });
});

test('a history has real days, and windows of at least five of its hours', () => {
  expect([rangeOf(HISTORY_CLOCK, 14), rangeOf(HISTORY_CLOCK, 1 / 24), holdOf(HISTORY_CLOCK, 1 / 24)]).toEqual(['14d', '5h', '2h']);
});

test('an alert that need not hold fires at once, on either clock', () => {
  expect([holdOf(REAL_CLOCK, 0), holdOf(DEMO_CLOCK, 0)]).toEqual(['0s', '0s']);
});

test('durations are written in the largest unit that fits, in whole seconds', () => {
  expect([604_800, 90_000, 5400, 90, 0.4].map(durationText)).toEqual(['7d', '25h', '90m', '90s', '1s']);
});
