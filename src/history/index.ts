// history: simulated days as Prometheus would have scraped them, written as OpenMetrics with timestamps for `promtool tsdb create-blocks-from`.
// Keeps true: a sample is what the metrics table tells of the simulation at that hour; the same plans give the same bytes.
// Reads simulation, metrics, allocator. Files are whole when they have their name; nothing knows what time it is now.
export { BLOCK_SECONDS, HISTORY_JOB, type HistoryPlan, type PlanOptions, planHistory, SHOWN_SETTINGS } from './plan.ts';
export type { RunRecord } from './record.ts';
export { DETAILS, type DetailName, rowsOf } from './selection.ts';
export { type HistoryTotals, totalsOf, writeHistory } from './write.ts';
