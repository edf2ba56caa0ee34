// `npm run docs:alerts`: runs the scenarios, lets a real Prometheus evaluate the rules over them, writes docs/alert-quality.md.
// `--runs DIR` keeps the runs there, so that other rules can be measured over them without simulating them again.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadScenario } from '../../src/simulation/index.ts';
import { locate } from '../../test/programs.ts';
import { BATCHES } from './batches.ts';
import { measure, type RunQuality } from './measure.ts';
import { report } from './report.ts';

const REPORT = join(import.meta.dirname, '..', '..', 'docs', 'alert-quality.md');
const FLAGS = { runs: { type: 'string' }, workers: { type: 'string', default: String(availableParallelism()) } } as const;

const { values } = parseArgs({ options: FLAGS });
const promtool = locate('promtool');
if (!promtool.available) throw new Error(promtool.reason);
const scratch = mkdtempSync(join(tmpdir(), 'arenascope-alert-quality-'));
try {
  const failing: RunQuality[] = [];
  const quiet: Record<string, RunQuality[]> = {};
  for (const batch of BATCHES) {
    const folder = join(values.runs ?? scratch, batch.name);
    const runs = await measure(promtool.path, batch, loadScenario(batch.scenario), folder, Number(values.workers));
    if (batch.fails) failing.push(...runs);
    else quiet[batch.scenario] = runs;
    if (values.runs === undefined) rmSync(folder, { recursive: true });
    console.log(`${batch.name}: ${runs.map(({ seed, days }) => `${seed} (${days.toFixed(0)} d)`).join(', ')}`);
  }
  const machine = `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${availableParallelism()} cores, Node ${process.version}`;
  writeFileSync(REPORT, report({ failing, quiet }, machine, new Date().toISOString().slice(0, 10)));
} finally {
  rmSync(scratch, { recursive: true });
}
