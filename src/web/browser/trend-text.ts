// The trend of headroom in a sentence: gone and since when, falling and how long it lasts at this rate, growing, steady, or unknown.
import { formatBytes, formatClock, formatCount, plural } from './format.ts';
import { LEAST_SAMPLES, trendOf } from './trend.ts';

/** What is known of headroom: a column, and what x counts. */
export interface Course {
  readonly x: readonly number[]; // simulated days, or seconds since 1970
  readonly headroomBytes: readonly number[];
  readonly limitBytes: number;
  readonly unit: 'day' | 'second';
}

export interface TrendText {
  readonly text: string;
  readonly isAlarming: boolean;
}

const FIRST_DAY = 1; // before that arenas make their first chunks, which says nothing of later
const LEAST_DAYS = 7; // a week has its shape
const TREND_DAYS = 30; // simulated; without a simulation:
const TREND_SECONDS = 600;
const SOON_DAYS = 30;
const LONGEST = { day: 3650, second: 86_400 } as const; // beyond that a forecast says nothing

/** What is left at this moment, which may be later than the last sample; and how much a chunk takes: less than that is gone. */
export interface Present {
  readonly headroomBytes: number;
  readonly chunkBytes: number;
}

export function trendText(course: Course, present: Present): TrendText {
  const { unit } = course;
  const gone = goneText(course, present);
  if (gone !== null) return { text: gone, isAlarming: true };
  const { x, headroom } = recent(course);
  const isLong = unit === 'second' || (x.at(-1) ?? 0) - (x[0] ?? 0) >= LEAST_DAYS;
  const trend = isLong ? trendOf(x, headroom, course.limitBytes) : null;
  if (trend === null) return { text: 'Trend: not enough seen yet.', isAlarming: false };
  const { bytesPerUnit, unitsLeft } = trend;
  if (bytesPerUnit === 0) return { text: 'Trend: steady.', isAlarming: false };
  const [perUnit, name] = unit === 'day' ? [1, 'simulated day'] : [60, 'minute'];
  const rate = `${bytesPerUnit > 0 ? '+' : ''}${formatBytes(bytesPerUnit * perUnit)} per ${name}`;
  const left = unitsLeft < LONGEST[unit] ? `; at this rate it is gone in ${leftText(unitsLeft / perUnit, name)}` : '';
  return { text: `Trend: ${rate}${left}.`, isAlarming: unit === 'day' && unitsLeft < SOON_DAYS };
}

const leftText = (left: number, name: string): string => (left < 1 ? `less than a ${name}` : plural(Math.floor(left), name));

/** Null: it is not gone. Since when is told where it was seen to go. */
function goneText({ x, headroomBytes, unit }: Course, { headroomBytes: left, chunkBytes }: Present): string | null {
  if (left >= chunkBytes) return null;
  const before = headroomBytes.findLastIndex((bytes) => bytes >= chunkBytes); // the last sample that had room
  const wentAt = before < 0 ? undefined : x[before + 1];
  const since = wentAt === undefined ? '' : ` since ${unit === 'day' ? `day ${formatCount(Math.floor(wentAt) + 1)}` : formatClock(wentAt * 1000)}`; // prettier-ignore
  return left === 0 ? `Gone${since}: all of it is reserved.` : `Gone${since}: what is left is less than a chunk.`;
}

/** The last month, without the very first day; of a time that stood still (paused) only its end. */
function recent({ x, headroomBytes, unit }: Course): { x: number[]; headroom: number[] } {
  const from = unit === 'day' ? FIRST_DAY : -Infinity;
  const ends = x.map((_, i) => i).filter((i) => x[i]! >= from && (i + 1 === x.length || x[i + 1]! > x[i]!));
  const since = (x.at(-1) ?? 0) - (unit === 'day' ? TREND_DAYS : TREND_SECONDS);
  const inside = ends.findIndex((i) => x[i]! >= since);
  const first = Math.max(0, Math.min(inside, ends.length - LEAST_SAMPLES)); // at high speed a month is but a few samples
  const kept = ends.slice(first);
  return { x: kept.map((i) => x[i]!), headroom: kept.map((i) => headroomBytes[i]!) };
}
