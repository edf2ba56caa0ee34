// Which simulations a history is made of, and which time on the clock each of their hours gets.
//
//   simulated hour k of H  ─▶  end − (H − k) hours;   blocks of 1458 h begin where the Unix time is a multiple of that
import type { Scenario } from '../workload/index.ts';
import { withAlternative } from '../simulation/index.ts';
import type { DetailName } from './selection.ts';

export const HISTORY_JOB = 'history';
export const HOUR_SECONDS = 3600;
/** One of the durations that promtool makes blocks of, 2 h × 3^n: with this one, 400 days are 7 or 8 blocks. */
export const BLOCK_SECONDS = 1458 * HOUR_SECONDS;
const AS_IT_WAS = 'as-it-was';

/** Settings that a history shows beside the scenario as it is. */
export const SHOWN_SETTINGS = ['netty-4.1.48', 'unpooled', 'watermark', 'no-caches', 'max-order-9', 'all-of-it'] as const;

/** One simulation and where its samples go. Plain data: it is sent to a worker thread. */
export interface HistoryPlan {
  readonly name: string; // files begin with it
  readonly labels: Readonly<Record<string, string>>; // of every sample
  readonly detail: DetailName;
  readonly scenario: Scenario;
  readonly seed: number;
  readonly startSeconds: number; // Unix time of the simulation's beginning, a full hour
  readonly hours: number; // simulated
  readonly stepHours: number; // between samples; the last hour has one
  readonly hoursAfterFailure: number | null; // go on so long after the first failure; null: to the end of the hours
  readonly folder: string;
}

export interface PlanOptions {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly days: number;
  readonly endSeconds: number;
  readonly stepHours: number;
  readonly settings: readonly string[]; // names of alternatives, besides the scenario as it is
  readonly folder: string;
}

export function planHistory({ scenario, seed, days, endSeconds, stepHours, settings, folder }: PlanOptions): HistoryPlan[] {
  const hours = days * 24;
  const startSeconds = endSeconds - hours * HOUR_SECONDS;
  const common = { seed, startSeconds, hours, stepHours, hoursAfterFailure: null, folder };
  return [AS_IT_WAS, ...settings].map((setting): HistoryPlan => {
    const isMain = setting === AS_IT_WAS;
    return {
      ...common,
      name: setting,
      labels: { job: HISTORY_JOB, instance: isMain ? scenario.name : `${scenario.name}/${setting}`, setting },
      detail: isMain ? 'arenas' : 'account',
      scenario: { ...scenario, settings: withAlternative(scenario.settings, setting) },
    };
  });
}
