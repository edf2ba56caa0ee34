// One scenario under several settings at the same seeds: what each setting buys.
import type { Scenario } from '../workload/index.ts';
import { ALTERNATIVES, withAlternative } from './alternatives.ts';
import { dayOf } from './result.ts';
import { runAll, type RunAllOptions } from './run-all.ts';
import type { RunSummary } from './run-to-failure.ts';

export interface ComparisonRow {
  readonly setting: string;
  readonly label: string;
  readonly runs: readonly RunSummary[];
  readonly survived: number; // runs without a failure
  readonly failureDays: readonly number[]; // sorted
  readonly failures: { readonly huge: number; readonly chunk: number }; // runs, by the cause of the first failure, which ends them
  readonly peakReservedBytes: number; // the highest of all runs
  readonly meanRetainedBytes: number; // of chunks, less live; mean over the runs
  readonly meanStrandedBytes: number;
  readonly copiedBytesPerDay: number; // by consolidations
  readonly refusedShare: number; // of all requests
  readonly refusedBySource: Readonly<Record<string, number>>; // share of each source's
}

export interface Comparison {
  readonly scenario: string;
  readonly days: number;
  readonly seeds: readonly number[];
  readonly rows: readonly ComparisonRow[]; // best first
}

export interface CompareOptions extends RunAllOptions {
  readonly settings?: readonly string[]; // names of alternatives; default: all
  readonly seeds: readonly number[];
  readonly days: number;
}

export async function compare(scenario: Scenario, options: CompareOptions): Promise<Comparison> {
  const { settings = ALTERNATIVES.map(({ name }) => name), seeds, days } = options;
  const plans = settings.flatMap((setting) => {
    const changed = { ...scenario, settings: withAlternative(scenario.settings, setting) };
    return seeds.map((seed) => ({ scenario: changed, seed, days }));
  });
  const results = await runAll(plans, options);
  const rows = settings.map((setting, i) =>
    rowOf(
      setting,
      results.slice(i * seeds.length, (i + 1) * seeds.length).filter((run) => run !== null),
    ),
  );
  return { scenario: scenario.name, days, seeds, rows: rows.filter(({ runs }) => runs.length > 0).sort(byMerit) };
}

export function rowOf(setting: string, runs: readonly RunSummary[]): ComparisonRow {
  const failures = runs.flatMap(({ firstFailure }) => (firstFailure === null ? [] : [firstFailure]));
  const mean = (value: (run: RunSummary) => number) => runs.reduce((sum, run) => sum + value(run), 0) / Math.max(1, runs.length);
  return {
    setting,
    label: ALTERNATIVES.find(({ name }) => name === setting)!.label,
    runs,
    survived: runs.length - failures.length,
    failureDays: failures.map(({ simSeconds }) => dayOf(simSeconds)).sort((a, b) => a - b),
    failures: {
      huge: failures.filter(({ cause }) => cause === 'huge').length,
      chunk: failures.filter(({ cause }) => cause === 'chunk').length,
    },
    peakReservedBytes: Math.max(0, ...runs.map((run) => run.peakReservedBytes)),
    meanRetainedBytes: mean((run) => run.meanRetainedBytes),
    meanStrandedBytes: mean((run) => run.meanStrandedBytes),
    copiedBytesPerDay: mean((run) => run.copiedBytes / run.days),
    refusedShare: mean(({ requests }) => shareRefused(requests)),
    refusedBySource: Object.fromEntries(
      Object.keys(runs[0]?.requestsBySource ?? {}).map((name) => [
        name,
        mean(({ requestsBySource }) => shareRefused(requestsBySource[name]!)),
      ]),
    ),
  };
}

function shareRefused({ completed, failed, refused }: RunSummary['requests']): number {
  return refused / Math.max(1, completed + failed + refused);
}

/** More survivors first, then fewer refusals, then later failures, then the lower peak. */
function byMerit(a: ComparisonRow, b: ComparisonRow): number {
  const survivors = b.survived / b.runs.length - a.survived / a.runs.length;
  const refusals = Number(a.refusedShare > 0) - Number(b.refusedShare > 0);
  return (
    survivors || refusals || (medianOf(b.failureDays) ?? 0) - (medianOf(a.failureDays) ?? 0) || a.peakReservedBytes - b.peakReservedBytes
  );
}

/** The middle one of sorted numbers, the lower of two. */
export function medianOf(sorted: readonly number[]): number | undefined {
  return sorted[(sorted.length - 1) >> 1];
}
