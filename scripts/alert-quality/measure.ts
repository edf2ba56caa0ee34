// One batch from its scenario to what its alerts were worth: simulated, loaded, evaluated.
import type { Scenario } from '../../src/workload/index.ts';
import { type Batch, instanceOf, plansOf, START_SECONDS } from './batches.ts';
import { evaluate } from './evaluate.ts';
import { type Lead, leadOf, type Subject, timesBySubject } from './quality.ts';
import { simulate } from './simulate.ts';

export interface RunQuality {
  readonly seed: number;
  readonly days: number; // simulated
  readonly failureDay: number | null; // of the first failure
  readonly leads: ReadonlyMap<Subject, Lead>; // where it failed
  readonly hoursFiring: ReadonlyMap<Subject, number>; // over the whole run
}

/** `folder` holds the batch's runs, or will. */
export async function measure(promtool: string, batch: Batch, scenario: Scenario, folder: string, workers: number): Promise<RunQuality[]> {
  const records = await simulate(plansOf(batch, scenario, folder), folder, workers);
  const hours = Math.max(...records.map((record) => record.hours));
  const firings = await evaluate(promtool, folder, { start: START_SECONDS, end: START_SECONDS + hours * 3600 });
  return records.map(({ firstFailure, hours: run }, i): RunQuality => {
    const seed = batch.seeds[i]!;
    const endSeconds = START_SECONDS + run * 3600; // later a query still sees the last sample
    const times = [...timesBySubject(firings, instanceOf(batch, seed))].map(([subject, all]) => [subject, all.filter((time) => time <= endSeconds)] as const); // prettier-ignore
    const failureSeconds = firstFailure === null ? NaN : START_SECONDS + firstFailure.simSeconds;
    return {
      seed,
      days: run / 24,
      failureDay: firstFailure === null ? null : firstFailure.simSeconds / 86_400,
      leads: new Map(firstFailure === null ? [] : times.map(([subject, all]) => [subject, leadOf(all, failureSeconds)])),
      hoursFiring: new Map(times.map(([subject, all]) => [subject, all.length])),
    };
  });
}
