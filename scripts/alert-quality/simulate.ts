// The runs of a batch as files for Prometheus, with what became of each. Kept: rules that change need no new simulation.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type HistoryPlan, type RunRecord, writeHistory } from '../../src/history/index.ts';

const RECORDS = 'records.json';

/** The records in the order of the plans. Runs that the folder has already are not run again. */
export async function simulate(plans: readonly HistoryPlan[], folder: string, workers: number): Promise<RunRecord[]> {
  const file = join(folder, RECORDS);
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as RunRecord[];
  rmSync(folder, { recursive: true, force: true }); // what was broken off
  const records = await writeHistory(plans, folder, { workers });
  if (records === null) throw new Error(`${folder}: broken off`);
  writeFileSync(file, JSON.stringify(records));
  return records;
}
