// `arenascope compare`: one scenario under several settings at the same seeds, on worker threads.
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { ALTERNATIVES, compare, type Comparison, type CompareOptions, loadScenario, shippedScenarios } from '../simulation/index.ts';
import { type Scenario, ScenarioError } from '../workload/index.ts';
import { answersMarkdown, comparisonTable } from './comparison-text.ts';
import { Progress } from './progress.ts';

export const help = (): string => `SCENARIO          ${shippedScenarios().join(', ')}, or a .yaml file (default: production)
--seeds N         seeds 1 … N, the same for each setting (default: 3)
--days N          each run ends at its first failure, or after N days (default: the scenario's)
--settings A,B    some of ${ALTERNATIVES.map(({ name }) => name).join(', ')}
--workers N       threads (default: one for each core)
--json            the whole comparison as JSON
--markdown FILE   the answers to the story's questions, with machine and date

Ctrl-C prints what is known so far.`;

interface Command extends CompareOptions {
  readonly scenario: Scenario;
  readonly json: boolean;
  readonly markdown: string | undefined;
}

export async function run(args: readonly string[]): Promise<number> {
  const command = readCommand(args);
  if (typeof command === 'string') {
    console.error(`arenascope: ${command}`);
    return 2;
  }
  const { scenario, json, markdown, ...options } = command;
  const progress = new Progress(scenario.name, process.stderr, () => performance.now());
  const abort = new AbortController();
  const interrupt = () => abort.abort();
  process.once('SIGINT', interrupt);
  const runs = options.seeds.length * (options.settings ?? ALTERNATIVES).length;
  const onProgress = (share: number, done: number) => progress.show(share, `${done} of ${runs} runs`);
  const comparison = await compare(scenario, { ...options, onProgress, signal: abort.signal });
  process.off('SIGINT', interrupt);
  progress.clear();
  print(comparison, json, markdown);
  return abort.signal.aborted ? 130 : 0;
}

function print(comparison: Comparison, json: boolean, markdown: string | undefined): void {
  if (markdown !== undefined) writeFileSync(markdown, answersMarkdown(comparison, { machine: machineText(), date: today() }));
  console.log(json ? JSON.stringify(comparison) : comparisonTable(comparison));
}

function machineText(): string {
  return `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${availableParallelism()} cores, Node ${process.version}`;
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}

const FLAGS = {
  seeds: { type: 'string', default: '3' },
  days: { type: 'string' },
  settings: { type: 'string' },
  workers: { type: 'string' },
  json: { type: 'boolean', default: false },
  markdown: { type: 'string' },
} as const;

/** The command, or what is wrong with it. */
function readCommand(args: readonly string[]): Command | string {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: FLAGS, allowPositionals: true });
    if (positionals.length > 1) return `SCENARIO: ${positionals.join(' ')} (expected: one)`;
    const scenario = loadScenario(positionals[0] ?? 'production');
    const [seeds, workers] = [Number(values.seeds), Number(values.workers ?? availableParallelism())];
    const days = values.days === undefined ? scenario.days : Number(values.days);
    if (!(Number.isInteger(seeds) && seeds >= 1 && seeds <= 10_000))
      return `--seeds: ${values.seeds} (expected: a whole number, 1 … 10000)`;
    if (!(Number.isInteger(workers) && workers >= 1 && workers <= 256)) return `--workers: ${values.workers} (expected: a whole number, 1 … 256)`; // prettier-ignore
    if (!(days > 0 && days < 1e6)) return `--days: ${values.days} (expected: a number above 0, below 1000000)`;
    const settings = values.settings?.split(',');
    const unknown = settings?.filter((name) => !ALTERNATIVES.some((alternative) => alternative.name === name)) ?? [];
    if (unknown.length > 0)
      return `--settings: ${unknown.join(', ')} (expected: some of ${ALTERNATIVES.map(({ name }) => name).join(', ')})`;
    const { json, markdown } = values;
    const known = { scenario, days, workers, json, markdown, seeds: Array.from({ length: seeds }, (_, i) => i + 1) };
    return settings === undefined ? known : { ...known, settings };
  } catch (error) {
    if (error instanceof ScenarioError || error instanceof RangeError || (error instanceof Error && 'code' in error)) return error.message;
    throw error;
  }
}
