// All runs of a history, on worker threads, into one folder. All of it or nothing: when it is broken off or fails, its files go.
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type PoolOptions, runOnWorkers } from '../simulation/index.ts';
import { ENDING, PART, type Written } from './block-files.ts';
import type { HistoryPlan } from './plan.ts';
import type { RunRecord } from './record.ts';

/** The runs in the order of the plans; null: it was broken off. Throws a RangeError where the folder has a history already. */
export async function writeHistory(plans: readonly HistoryPlan[], folder: string, options: PoolOptions = {}): Promise<RunRecord[] | null> {
  mkdirSync(folder, { recursive: true });
  const present = historyFiles(folder);
  if (present.length > 0) throw new RangeError(`output: ${folder} (expected: a folder without ${ENDING} files; it has ${present.length})`);
  let records: (RunRecord | null)[] = [];
  try {
    records = await runOnWorkers<HistoryPlan, RunRecord>(new URL('./history-worker.ts', import.meta.url), plans, options);
  } finally {
    if (records.length === 0 || records.includes(null)) for (const file of historyFiles(folder)) rmSync(join(folder, file));
  }
  return records.includes(null) ? null : (records as RunRecord[]);
}

function historyFiles(folder: string): string[] {
  return readdirSync(folder).filter((file) => file.endsWith(ENDING) || file.endsWith(ENDING + PART));
}

export type HistoryTotals = Readonly<Written> & { readonly runs: number };

export function totalsOf(records: readonly RunRecord[]): HistoryTotals {
  const sum = (key: keyof Written) => records.reduce((total, record) => total + record[key], 0);
  return { runs: records.length, samples: sum('samples'), files: sum('files'), bytes: sum('bytes') };
}
