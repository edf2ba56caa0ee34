// Many simulations on worker threads, each to its first failure.
import type { Scenario } from '../workload/index.ts';
import type { RunSummary } from './run-to-failure.ts';
import { type PoolOptions, runOnWorkers } from './worker-pool.ts';

export interface RunPlan {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly days: number;
}
export type RunAllOptions = PoolOptions;

export function runAll(plans: readonly RunPlan[], options: RunAllOptions = {}): Promise<(RunSummary | null)[]> {
  return runOnWorkers<RunPlan, RunSummary>(new URL('./run-worker.ts', import.meta.url), plans, options);
}
