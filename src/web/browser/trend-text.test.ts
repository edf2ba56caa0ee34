import { expect, test } from 'vitest';
import { type Course, trendText, type TrendText } from './trend-text.ts';

const MIB = 2 ** 20;
const CHUNK = 16 * MIB;
const LIMIT = 2048 * MIB;

/** At the moment of the last sample. */
const textNow = (course: Course): TrendText =>
  trendText(course, { headroomBytes: course.headroomBytes.at(-1) ?? LIMIT, chunkBytes: CHUNK });

/** Headroom by simulated day, from day 101 on (x counts days that are over). */
const days = (headroomBytes: readonly number[]): Course => ({
  x: headroomBytes.map((_, i) => i + 100),
  headroomBytes,
  limitBytes: LIMIT,
  unit: 'day',
});
const month = (of: (day: number) => number): number[] => Array.from({ length: 31 }, (_, day) => of(day));

test.each([
  ['falling', month((day) => (1000 - 10 * day) * MIB), 'Trend: −10 MiB per simulated day; at this rate it is gone in 70 simulated days.', false],
  ['falling, nearly gone', month((day) => (320 - 10 * day) * MIB), 'Trend: −10 MiB per simulated day; at this rate it is gone in 2 simulated days.', true],
  ['falling, gone today', month((day) => (20 + 30 * (30 - day)) * MIB), 'Trend: −30 MiB per simulated day; at this rate it is gone in less than a simulated day.', true],
  ['falling so slowly that a forecast says nothing', month((day) => 2000 * MIB - day * 0.2 * MIB), 'Trend: −205 KiB per simulated day.', false],
  ['growing', month((day) => (100 + 10 * day) * MIB), 'Trend: +10 MiB per simulated day.', false],
  ['steady', month(() => 100 * MIB), 'Trend: steady.', false],
  ['just started', [100 * MIB, 90 * MIB], 'Trend: not enough seen yet.', false],
  ['nothing seen', [], 'Trend: not enough seen yet.', false],
  ['gone', month((day) => (day < 20 ? 32 * MIB : 0)), 'Gone since day 121: all of it is reserved.', true],
  ['gone but for a rest', month((day) => (day < 20 ? 32 * MIB : 5 * MIB)), 'Gone since day 121: what is left is less than a chunk.', true],
  ['gone, come back and gone again', month((day) => (day === 25 ? CHUNK : 0)), 'Gone since day 127: all of it is reserved.', true],
  ['gone for as long as anybody looked', month(() => 0), 'Gone: all of it is reserved.', true],
])('%s', (_, headroomBytes, text, isAlarming) => {
  expect(textNow(days(headroomBytes))).toEqual({ text, isAlarming });
}); // prettier-ignore

test('what holds now decides, though no sample has seen it', () => {
  const hasRoom = days(month((day) => (330 - 10 * day) * MIB));
  expect(trendText(hasRoom, { headroomBytes: 0, chunkBytes: CHUNK })).toEqual({ text: 'Gone: all of it is reserved.', isAlarming: true });
  const hasNone = days(month((day) => (day < 30 ? 32 * MIB : 0)));
  expect(trendText(hasNone, { headroomBytes: CHUNK, chunkBytes: CHUNK }).text).toMatch(/^Trend: /);
});

test('the first chunks of a new service are no trend, and a few days are too few', () => {
  const hours = (count: number): Course => ({
    x: Array.from({ length: count }, (_, hour) => hour / 24),
    headroomBytes: Array.from({ length: count }, (_, hour) => (hour < 3 ? LIMIT : 1700 * MIB)),
    limitBytes: LIMIT,
    unit: 'day',
  });
  expect(textNow(hours(7 * 24)).text).toBe('Trend: not enough seen yet.');
  expect(textNow(hours(9 * 24))).toEqual({ text: 'Trend: steady.', isAlarming: false });
});

test('a pause changes nothing', () => {
  const { x, headroomBytes, ...rest } = days(month((day) => (1000 - 10 * day) * MIB));
  const still = Array.from({ length: 500 }, () => 0);
  const paused = { ...rest, x: [...x, ...still.map(() => x.at(-1)!)], headroomBytes: [...headroomBytes, ...still.map(() => headroomBytes.at(-1)!)] }; // prettier-ignore
  expect(textNow(paused)).toEqual(textNow({ ...rest, x, headroomBytes }));
});

test('without a simulation: by the minute and by the clock', () => {
  const x = Array.from({ length: 601 }, (_, second) => 1_700_000_000 + second);
  const falling = x.map((_, second) => (1000 - second) * MIB);
  expect(textNow({ x, headroomBytes: falling, limitBytes: LIMIT, unit: 'second' })).toEqual({
    text: 'Trend: −60 MiB per minute; at this rate it is gone in 6 minutes.',
    isAlarming: false,
  });
  const gone = x.map((_, second) => (second < 300 ? CHUNK : 0));
  expect(textNow({ x, headroomBytes: gone, limitBytes: LIMIT, unit: 'second' }).text).toMatch(/^Gone since \d\d:\d\d:\d\d: all/);
});
