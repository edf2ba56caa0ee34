// A worker thread of `writeHistory`: one run after another.
import { serveJobs } from '../simulation/index.ts';
import type { HistoryPlan } from './plan.ts';
import { recordRun, type RunRecord } from './record.ts';

serveJobs<HistoryPlan, RunRecord>(recordRun);
