// From firing times to what they are worth: how long before the first failure, and whether without need. Pure.
import { type AlertName, ALERTS } from '../../src/dashboards/index.ts';
import { type Firings, STEP_SECONDS } from './evaluate.ts';

const DAY_SECONDS = 86_400;
/** An episode that ended so long before the failure did not announce it. */
export const TOO_EARLY_DAYS = 60;

type Severity = (typeof ALERTS)[AlertName]['severity'];
/** An alert, or all of one severity taken together. */
export type Subject = AlertName | `any ${Severity}`;

export interface Lead {
  readonly firstDays: number | null; // before the failure, of the first firing; null: it never fired before
  readonly steadyDays: number | null; // of the firing that lasts until the failure; null: it did not fire then
  readonly tooEarly: number; // episodes
}

/** `failureSeconds`: Unix time of the first failure. */
export function leadOf(times: readonly number[], failureSeconds: number): Lead {
  const before = times.filter((time) => time <= failureSeconds);
  const last = before.at(-1);
  if (last === undefined) return { firstDays: null, steadyDays: null, tooEarly: 0 };
  const daysBefore = (time: number) => (failureSeconds - time) / DAY_SECONDS;
  const episodes = episodesOf(before);
  const isSteady = failureSeconds - last < STEP_SECONDS; // at the last evaluation before the failure
  return {
    firstDays: daysBefore(before[0]!),
    steadyDays: isSteady ? daysBefore(episodes.at(-1)!.start) : null,
    tooEarly: episodes.filter(({ end }) => daysBefore(end) > TOO_EARLY_DAYS).length,
  };
}

/** Firing without a break, from one time to another. */
export function episodesOf(times: readonly number[]): { start: number; end: number }[] {
  const episodes: { start: number; end: number }[] = [];
  for (const time of times) {
    const last = episodes.at(-1);
    if (last !== undefined && time - last.end <= STEP_SECONDS) last.end = time;
    else episodes.push({ start: time, end: time });
  }
  return episodes;
}

/** Each alert, and each severity as the union of its alerts, for one instance. */
export function timesBySubject(firings: Firings, instance: string): Map<Subject, readonly number[]> {
  const subjects = new Map<Subject, readonly number[]>();
  const unions = new Map<Severity, Set<number>>();
  for (const [name, { severity }] of Object.entries(ALERTS) as [AlertName, (typeof ALERTS)[AlertName]][]) {
    const times = firings[name].get(instance) ?? [];
    subjects.set(name, times);
    const union = unions.get(severity) ?? new Set();
    unions.set(severity, union);
    for (const time of times) union.add(time);
  }
  for (const [severity, union] of unions) subjects.set(`any ${severity}`, [...union].sort((a, b) => a - b)); // prettier-ignore
  return subjects;
}

/** The value below which that share of the numbers lies; null counts as less than all. */
export function quantileOf(values: readonly (number | null)[], share: number): number | null {
  const sorted = values.map((value) => value ?? -Infinity).sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
  return value === -Infinity ? null : value;
}
