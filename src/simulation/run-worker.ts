// A worker thread of `runAll`: one simulation after another, as they are sent.
import type { RunPlan } from './run-all.ts';
import { runToFailure, type RunSummary } from './run-to-failure.ts';
import { serveJobs } from './worker-pool.ts';

const TELL_EVERY_DAYS = 5;

serveJobs<RunPlan, RunSummary>(({ scenario, seed, days }, onShare) =>
  runToFailure(scenario, seed, days, (day) => {
    if (day % TELL_EVERY_DAYS === 0) onShare(day / days);
  }),
);
