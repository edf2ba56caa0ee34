// Which runs the quality of the alerts is measured over, in batches that one Prometheus takes at a time.
import { BLOCK_SECONDS, HISTORY_JOB, type HistoryPlan } from '../../src/history/index.ts';
import type { Scenario } from '../../src/workload/index.ts';

export interface Batch {
  readonly name: string; // its folder's
  readonly scenario: string; // its name
  readonly seeds: readonly number[];
  readonly days: number; // at most
  readonly fails: boolean; // runs are to end in a failure, and stop a day after it; else they are to stay without one
}

/** Any time will do, since all of it is simulated; at the start of a block of Prometheus. */
export const START_SECONDS = 300 * BLOCK_SECONDS;
const BATCH_SEEDS = 10;
const THREE_YEARS = 3 * 365;

const seedsFrom = (first: number, count: number) => Array.from({ length: count }, (_, i) => first + i);
const failing = (first: number): Batch => ({
  name: `production-${first}`,
  scenario: 'production',
  seeds: seedsFrom(first, BATCH_SEEDS),
  days: 800,
  fails: true,
});
const quiet = (scenario: string): Batch => ({ name: scenario, scenario, seeds: seedsFrom(1, 5), days: THREE_YEARS, fails: false });

export const BATCHES: readonly Batch[] = [
  ...seedsFrom(0, 10).map((tens) => failing(1 + tens * BATCH_SEEDS)),
  quiet('healthy'),
  quiet('steady-small'),
];

export const instanceOf = ({ scenario }: Pick<Batch, 'scenario'>, seed: number): string => `${scenario}/seed-${seed}`;

export function plansOf(batch: Batch, scenario: Scenario, folder: string): HistoryPlan[] {
  return batch.seeds.map((seed): HistoryPlan => ({
    name: `seed-${seed}`,
    labels: { job: HISTORY_JOB, instance: instanceOf(batch, seed) },
    detail: 'rules',
    scenario,
    seed,
    startSeconds: START_SECONDS,
    hours: batch.days * 24,
    stepHours: 1,
    hoursAfterFailure: batch.fails ? 24 : null,
    folder,
  }));
}
