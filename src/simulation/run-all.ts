// Many simulations on worker threads: each worker takes the next job when it has finished one. The order of the results is the jobs'.
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Scenario } from '../workload/index.ts';
import type { RunSummary } from './run-to-failure.ts';
import type { Job, JobReport } from './run-worker.ts';

export interface RunPlan {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly days: number;
}

export interface RunAllOptions {
  readonly workers?: number;
  /** The share of the work that is done, 0 … 1, and the jobs that are over. */
  readonly onProgress?: (share: number, done: number) => void;
  readonly signal?: AbortSignal; // jobs not finished then are null
}

export async function runAll(plans: readonly RunPlan[], options: RunAllOptions = {}): Promise<(RunSummary | null)[]> {
  const { workers = availableParallelism(), onProgress = () => undefined, signal } = options;
  const results: (RunSummary | null)[] = plans.map(() => null);
  const shares = new Float64Array(plans.length);
  let next = 0;
  let done = 0;
  const noteProgress = () => onProgress(shares.reduce((sum, share) => sum + share, 0) / plans.length, done);
  const work = () =>
    new Promise<void>((resolve, reject) => {
      const worker = new Worker(new URL('./run-worker.ts', import.meta.url));
      const stop = () => void worker.terminate().then(() => resolve());
      const takeNext = () => {
        if (next === plans.length || signal?.aborted === true) return stop();
        const index = next++;
        worker.postMessage({ index, ...plans[index]! } satisfies Job);
      };
      signal?.addEventListener('abort', stop, { once: true });
      worker.on('error', reject);
      worker.on('message', (report: JobReport) => {
        const isOver = 'summary' in report;
        shares[report.index] = isOver ? 1 : report.day / plans[report.index]!.days;
        if (isOver) {
          results[report.index] = report.summary;
          done++;
        }
        noteProgress();
        if (isOver) takeNext();
      });
      takeNext();
    });
  await Promise.all(Array.from({ length: Math.min(workers, plans.length) }, work));
  return results;
}
