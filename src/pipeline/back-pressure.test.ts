// Watermarks on headroom.
import { describe, expect, test } from 'vitest';
import { BackPressure } from './back-pressure.ts';

describe('with watermarks 100 and 200', () => {
  const create = () => {
    const told: [boolean, number][] = [];
    const pressure = new BackPressure({ mode: 'watermark', lowBytes: 100, highBytes: 200 }, (...args) => told.push(args));
    return { pressure, told };
  };
  test('stops below the low mark, goes on at the high mark, and keeps to its last word in between', () => {
    const { pressure } = create();
    expect([500, 150, 100, 99, 150, 199, 200, 150, 50].map((headroom) => pressure.update(headroom))).toEqual(
      [true, true, true, false, false, false, true, true, false],
    ); // prettier-ignore
    expect([pressure.reading, pressure.changes]).toEqual([false, 2]);
  });
  test('tells each change once', () => {
    const { pressure, told } = create();
    for (const headroom of [50, 40, 30, 250, 260, 10]) pressure.update(headroom);
    expect(told).toEqual([[false, 50], [true, 250], [false, 10]]); // prettier-ignore
  });
});

test('off reads whatever the headroom', () => {
  const pressure = new BackPressure({ mode: 'off', lowBytes: 100, highBytes: 200 });
  expect([pressure.update(0), pressure.update(-5), pressure.changes]).toEqual([true, true, 0]);
});

test.each([
  [-1, 200],
  [200, 100],
  [Number.NaN, 100],
  [0, Number.NaN],
])('marks %d and %d are refused', (lowBytes, highBytes) => {
  expect(() => new BackPressure({ mode: 'watermark', lowBytes, highBytes })).toThrow(/back-pressure: .* \(expected: 0 ≤ low ≤ high\)/);
});
