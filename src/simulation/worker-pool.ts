// Jobs on worker threads: each worker takes the next job when it has finished one. The order of the results is the jobs'.
import { availableParallelism } from 'node:os';
import { parentPort, Worker } from 'node:worker_threads';

export interface PoolOptions {
  readonly workers?: number;
  /** The share of the work that is done, 0 … 1, and the jobs that are over. */
  readonly onProgress?: (share: number, done: number) => void;
  readonly signal?: AbortSignal; // jobs not finished then are null
}

interface Job<Plan> {
  readonly index: number;
  readonly plan: Plan;
}
type Report<Result> = { readonly index: number } & ({ readonly share: number } | { readonly result: Result });

/** `file` is a module that calls `serveJobs`. The first error of a worker ends them all. */
export async function runOnWorkers<Plan, Result>(file: URL, plans: readonly Plan[], options: PoolOptions = {}): Promise<(Result | null)[]> {
  const { workers = availableParallelism(), onProgress = () => undefined, signal } = options;
  const results: (Result | null)[] = plans.map(() => null);
  const shares = new Float64Array(plans.length);
  const pool: Worker[] = [];
  let next = 0;
  let done = 0;
  const work = () =>
    new Promise<void>((resolve, reject) => {
      const worker = new Worker(file);
      pool.push(worker);
      const stop = () => void worker.terminate().then(() => resolve());
      const takeNext = () => {
        if (next === plans.length || signal?.aborted === true) return stop();
        const index = next++;
        worker.postMessage({ index, plan: plans[index]! } satisfies Job<Plan>);
      };
      signal?.addEventListener('abort', stop, { once: true });
      worker.on('error', reject);
      worker.on('message', (report: Report<Result>) => {
        const isOver = 'result' in report;
        shares[report.index] = isOver ? 1 : report.share;
        if (isOver) {
          results[report.index] = report.result;
          done++;
        }
        onProgress(shares.reduce((sum, share) => sum + share, 0) / plans.length, done);
        if (isOver) takeNext();
      });
      takeNext();
    });
  try {
    await Promise.all(Array.from({ length: Math.min(workers, plans.length) }, work));
  } catch (error) {
    await Promise.all(pool.map((worker) => worker.terminate()));
    throw error;
  }
  return results;
}

/** The worker's side: `run` does one job after another and may tell the share that is done. */
export function serveJobs<Plan, Result>(run: (plan: Plan, onShare: (share: number) => void) => Result): void {
  const port = parentPort!;
  port.on('message', ({ index, plan }: Job<Plan>) => {
    const result = run(plan, (share) => port.postMessage({ index, share } satisfies Report<Result>));
    port.postMessage({ index, result } satisfies Report<Result>);
  });
}
