// `arenascope history`: simulated days up to now as OpenMetrics, for `promtool tsdb create-blocks-from openmetrics`.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { type PlanOptions, planHistory, SHOWN_SETTINGS, totalsOf, writeHistory } from '../history/index.ts';
import { ALTERNATIVES, dayOf, loadScenario, shippedScenarios } from '../simulation/index.ts';
import { ScenarioError } from '../workload/index.ts';
import { Progress } from './progress.ts';

/** Of seeds 1 … 100 it is the one under which `production` fails latest before day 395, on day 379: the history ends soon after. */
const DEFAULT_SEED = '57';
const SETTLED_SECONDS = 3660; // Prometheus looks back 61 minutes: what is older never seems to be live
const HOUR_SECONDS = 3600;

export const help = (): string => `SCENARIO          ${shippedScenarios().join(', ')}, or a .yaml file (default: production)
--output DIR      a folder for the files, new or without .om files; one for each run and block of time
--days N          simulated days (default: 400)
--seed S          a whole number (default: ${DEFAULT_SEED}, chosen so that production fails late within 400 days; docs/scenarios.md has the
                  distribution over 100 seeds)
--settings A,B    settings to compare with, or none (default: ${SHOWN_SETTINGS.join(',')})
--end TIME        of the last sample: a full hour, as 2026-11-23T00:00:00Z or in Unix seconds (default: the last one that is
                  61 minutes ago or more)
--step Nh         between samples (default: 1h)
--workers N       threads (default: one for each core)

The same arguments, --end among them, give the same bytes. Each file is loaded by
  promtool tsdb create-blocks-from --max-block-duration=1458h openmetrics FILE DATA
Ctrl-C leaves no file behind.`;

interface Command extends PlanOptions {
  readonly workers: number;
}

export async function run(args: readonly string[]): Promise<number> {
  const command = readCommand(args, Date.now() / 1000);
  if (typeof command === 'string') return complain(command, 2);
  const plans = planHistory(command);
  const abort = new AbortController();
  const interrupt = () => abort.abort();
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  const started = performance.now();
  const progress = new Progress(`history of ${command.scenario.name}`, process.stderr, () => performance.now());
  const onProgress = (share: number, done: number) => progress.show(share, `${done} of ${plans.length} runs`);
  try {
    const records = await writeHistory(plans, command.folder, { workers: command.workers, onProgress, signal: abort.signal });
    progress.clear();
    if (records === null) return complain('history: broken off, nothing is left behind', 130);
    const failure = records[0]!.firstFailure;
    const end = failure === null ? 'no failure' : `first failure on day ${dayOf(failure.simSeconds)} (${failure.cause})`;
    const { runs, samples, files, bytes } = totalsOf(records);
    const seconds = (performance.now() - started) / 1000;
    console.log(`${command.scenario.name}, seed ${command.seed}, ${command.days} days: ${runs} runs, ${samples.toLocaleString('en-US')} samples, ${files} files, ${Math.ceil(bytes / 2 ** 20)} MiB in ${seconds.toFixed(1)} s; ${end}`); // prettier-ignore
    return 0;
  } catch (error) {
    progress.clear();
    if (error instanceof RangeError) return complain(error.message, 2);
    if (error instanceof Error && 'code' in error) return complain(error.message, 1); // no room, no permission
    throw error;
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

function complain(message: string, code: number): number {
  console.error(`arenascope: ${message}`);
  return code;
}

const FLAGS = {
  output: { type: 'string' },
  days: { type: 'string', default: '400' },
  seed: { type: 'string', default: DEFAULT_SEED },
  settings: { type: 'string', default: SHOWN_SETTINGS.join(',') },
  end: { type: 'string' },
  step: { type: 'string', default: '1h' },
  workers: { type: 'string' },
} as const;

/** The command, or what is wrong with it. */
export function readCommand(args: readonly string[], nowSeconds: number): Command | string {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: FLAGS, allowPositionals: true });
    if (positionals.length > 1) return `SCENARIO: ${positionals.join(' ')} (expected: one)`;
    const scenario = loadScenario(positionals[0] ?? 'production');
    if (values.output === undefined || values.output === '') return '--output: nothing (expected: a folder)';
    return {
      scenario,
      folder: values.output,
      days: wholeNumber('days', values.days, 1, 10_000),
      seed: wholeNumber('seed', values.seed, 0, Number.MAX_SAFE_INTEGER),
      settings: readSettings(values.settings),
      endSeconds: values.end === undefined ? hourBefore(nowSeconds - SETTLED_SECONDS) : readEnd(values.end),
      stepHours: wholeNumber('step', /^(\d+)h$/.exec(values.step)?.[1] ?? values.step, 1, 24, 'h'),
      workers: wholeNumber('workers', values.workers ?? String(availableParallelism()), 1, 256),
    };
  } catch (error) {
    if (error instanceof ScenarioError || error instanceof RangeError || (error instanceof Error && 'code' in error)) return error.message;
    throw error;
  }
}

function wholeNumber(name: string, text: string, least: number, most: number, unit = ''): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < least || number > most)
    throw new RangeError(`--${name}: ${text} (expected: a whole number, ${least}${unit} … ${most}${unit})`);
  return number;
}

function readSettings(text: string): string[] {
  if (text === 'none') return [];
  const known: string[] = ALTERNATIVES.map(({ name }) => name).slice(1); // the first is the scenario as it is
  const names = text.split(',');
  const wrong = names.filter((name, i) => !known.includes(name) || names.indexOf(name) < i);
  if (wrong.length > 0) throw new RangeError(`--settings: ${wrong.join(', ')} (expected: none, or some of ${known.join(', ')}, each once)`);
  return names;
}

const hourBefore = (seconds: number) => seconds - (seconds % HOUR_SECONDS);

function readEnd(text: string): number {
  const seconds = /^\d+$/.test(text) ? Number(text) : Date.parse(text) / 1000;
  if (!(seconds % HOUR_SECONDS === 0 && seconds > 0))
    throw new RangeError(`--end: ${text} (expected: a full hour, as 2026-11-23T00:00:00Z or in Unix seconds)`);
  return seconds;
}
