// A worker thread of `runAll`: one simulation after another, as they are sent.
import { parentPort } from 'node:worker_threads';
import type { Scenario } from '../workload/index.ts';
import { runToFailure, type RunSummary } from './run-to-failure.ts';

export interface Job {
  readonly index: number;
  readonly scenario: Scenario;
  readonly seed: number;
  readonly days: number;
}
export type JobReport = { readonly index: number } & ({ readonly day: number } | { readonly summary: RunSummary });

const TELL_EVERY_DAYS = 5;

const port = parentPort!;
port.on('message', ({ index, scenario, seed, days }: Job) => {
  const summary = runToFailure(scenario, seed, days, (day) => {
    if (day % TELL_EVERY_DAYS === 0) port.postMessage({ index, day } satisfies JobReport);
  });
  port.postMessage({ index, summary } satisfies JobReport);
});
