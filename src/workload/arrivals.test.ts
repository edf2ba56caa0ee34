import { expect, test } from 'vitest';
import { Arrivals, DAY_MICROS, HOUR_MICROS, weekShape } from './arrivals.ts';
import { Random } from './random.ts';

const FLAT = new Float64Array(168).fill(1);
const HOURS = Array.from({ length: 24 }, (_, hour) => (hour < 12 ? 0 : 2)); // nothing before noon
const DAYS = [1, 1, 1, 1, 1, 0, 0]; // nothing at weekends

function arrivals(source: Arrivals, until: number): number[] {
  const times: number[] = [];
  for (let at = source.next(0); at < until; at = source.next(at)) times.push(at);
  return times;
}

test('a shape has mean 1 over the week, whatever its factors', () => {
  const shape = weekShape(HOURS, DAYS);
  expect(shape.reduce((sum, factor) => sum + factor, 0) / 168).toBeCloseTo(1, 12);
  expect(shape[5 * 24 + 13]).toBe(0);
});

test('over whole weeks the number of arrivals is the rate, with or without a shape', () => {
  for (const shape of [FLAT, weekShape(HOURS, DAYS)]) {
    const times = arrivals(new Arrivals(1000, shape, new Random(1, 'a')), 70 * DAY_MICROS);
    expect(Math.abs(times.length - 70_000)).toBeLessThan(5 * Math.sqrt(70_000));
  }
});

test('arrivals follow the shape: none in hours whose factor is 0, and the rest in proportion', () => {
  const times = arrivals(new Arrivals(1000, weekShape(HOURS, DAYS), new Random(2, 'a')), 70 * DAY_MICROS);
  const hours = new Float64Array(168);
  for (const time of times) hours[Math.floor(time / HOUR_MICROS) % 168]!++;
  expect(hours.slice(5 * 24).some((count) => count > 0)).toBe(false);
  expect(hours.slice(0, 12).some((count) => count > 0)).toBe(false);
  expect(hours[12]! / hours[36]!).toBeCloseTo(1, 0);
});

test('times are whole microseconds and go up', () => {
  const times = arrivals(new Arrivals(5e8, FLAT, new Random(3, 'a')), DAY_MICROS / 2000);
  expect(times.every((time, i) => Number.isInteger(time) && (i === 0 || time > times[i - 1]!))).toBe(true);
});

test('bursts raise the number of arrivals by their share of the time', () => {
  const bursts = { perDay: 24, seconds: 600, times: 7 }; // a sixth of the time, after a mean wait of an hour
  const times = arrivals(new Arrivals(1000, FLAT, new Random(4, 'a'), bursts), 70 * DAY_MICROS);
  expect(times.length / 70_000).toBeCloseTo((60 + 10 * 7) / 70, 0.7);
});

test('a source that never has a rate never arrives', () => {
  expect(new Arrivals(10, new Float64Array(168), new Random(5, 'a')).next(0)).toBe(Infinity);
});
