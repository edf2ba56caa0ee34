// `arenascope simulate`: a scenario's days, offline and flat out, with what was found at the end.
import { accessSync, closeSync, constants, openSync, writeFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { HoldersSnapshot } from '../allocator/index.ts';
import { pipelineHolders } from '../pipeline/index.ts';
import {
  EventLog,
  loadScenario,
  makePipeline,
  shippedScenarios,
  Simulation,
  type SimulationListener,
  type SimulationResult,
} from '../simulation/index.ts';
import { ScenarioError, type Scenario } from '../workload/index.ts';
import { svgChart, terminalChart } from './chart.ts';
import { Progress } from './progress.ts';
import { summaryOf } from './summary.ts';

export const help = (): string => `SCENARIO          ${shippedScenarios().join(', ')}, or a .yaml file
--days N          simulated days (default: the scenario's)
--seed S          a whole number (default: 1); the same seed gives the same days
--to-failure      end at the first failure, at the event that failed
--json            the whole result as JSON
--events FILE     every rare event as a line of JSON
--snapshot FILE   who holds each chunk at the end (with --to-failure: when memory was refused), for arenascope explain FILE
--chart           a chart on the terminal
--svg FILE        the same as SVG

Ctrl-C prints what is known so far.`;

interface Options {
  readonly scenario: Scenario;
  readonly days: number;
  readonly seed: number;
  readonly toFailure: boolean;
  readonly json: boolean;
  readonly chart: boolean;
  readonly events: string | undefined;
  readonly svg: string | undefined;
  readonly snapshot: string | undefined;
}

interface Outcome {
  readonly result: SimulationResult;
  readonly state: HoldersSnapshot; // at the end, or at the failure it ended with
  readonly interrupted: boolean;
}

export async function run(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (typeof options === 'string') {
    console.error(`arenascope: ${options}`);
    return 2;
  }
  const events = options.events === undefined ? null : new EventFile(options.events);
  const { result, state, interrupted } = await simulate(options, events);
  events?.close();
  if (options.snapshot !== undefined) writeFileSync(options.snapshot, `${JSON.stringify(state)}\n`);
  if (options.svg !== undefined) writeFileSync(options.svg, svgChart(result));
  if (options.json) console.log(JSON.stringify(result));
  else console.log(summaryOf(result) + (options.chart ? `\n\n${terminalChart(result)}` : ''));
  return interrupted ? 130 : 0;
}

async function simulate(options: Options, events: EventFile | null): Promise<Outcome> {
  const { scenario, seed, days } = options;
  const log = events?.log;
  const pipeline = makePipeline(scenario.settings, log === undefined ? {} : { listener: log });
  let refused: HoldersSnapshot | null = null; // when memory was, and all that was live still is
  const end = days * 86_400;
  const stopper: SimulationListener = {
    requestFailed() {
      refused ??= pipelineHolders(pipeline, true);
      simulation.halt();
    },
  };
  const listeners = [...(log === undefined ? [] : [log]), ...(options.toFailure ? [stopper] : [])];
  const simulation = new Simulation({ scenario, seed, pipeline, listeners });
  if (log !== undefined) log.now = () => simulation.simSeconds;
  const progress = new Progress(scenario.name, process.stderr, () => performance.now());
  let interrupted = false;
  const interrupt = () => (interrupted = true);
  process.once('SIGINT', interrupt);
  while (!interrupted && !simulation.advance(end, 50, () => performance.now())) {
    const { simSeconds, tally } = simulation;
    const failures = tally.failures.huge + tally.failures.chunk;
    progress.show(simSeconds / end, `day ${Math.floor(simSeconds / 86_400)} of ${days}${failures > 0 ? `, ${failures} failures` : ''}`);
    await setImmediate(); // signals get their turn
  }
  process.off('SIGINT', interrupt);
  progress.clear();
  const result = simulation.result();
  const state = refused ?? pipelineHolders(pipeline, true);
  finish(simulation);
  return { result, state, interrupted };
}

/** What is under way goes on to its end; then nothing may be live. */
function finish(simulation: Simulation): void {
  simulation.finish();
  const { liveBytes, hugeBytes } = simulation.result().state;
  if (liveBytes + hugeBytes > 0) throw new Error(`live after the end: ${liveBytes} bytes in chunks, ${hugeBytes} huge (expected: 0)`);
}

/** Gathers lines and writes them in blocks. */
class EventFile {
  readonly log = new EventLog((line) => this.add(line));
  readonly #file: number;
  #lines: string[] = [];

  constructor(path: string) {
    this.#file = openSync(path, 'w');
  }

  add(line: string): void {
    if (this.#lines.push(line) >= 1000) this.#flush();
  }

  #flush(): void {
    writeSync(this.#file, this.#lines.join(''));
    this.#lines = [];
  }

  close(): void {
    this.#flush();
    closeSync(this.#file);
  }
}

const FLAGS = {
  days: { type: 'string' },
  seed: { type: 'string', default: '1' },
  'to-failure': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  events: { type: 'string' },
  chart: { type: 'boolean', default: false },
  svg: { type: 'string' },
  snapshot: { type: 'string' },
} as const;

/** The options, or what is wrong with them. */
function readOptions(args: readonly string[]): Options | string {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: FLAGS, allowPositionals: true });
    if (positionals.length !== 1) return `SCENARIO: ${positionals.join(' ') || 'nothing'} (expected: one of ${shippedScenarios().join(', ')}, or a .yaml file)`; // prettier-ignore
    const scenario = loadScenario(positionals[0]!);
    const days = values.days === undefined ? scenario.days : Number(values.days);
    const seed = Number(values.seed);
    if (!(days > 0 && days < 1e6)) return `--days: ${values.days} (expected: a number above 0, below 1000000)`;
    if (!Number.isSafeInteger(seed) || seed < 0) return `--seed: ${values.seed} (expected: a whole number, 0 or more)`;
    const { json, chart, events, svg, snapshot } = values;
    for (const [flag, path] of Object.entries({ events, svg, snapshot })) if (path !== undefined && !isWritable(path)) return `--${flag}: ${path} (expected: a file in a directory that can be written)`; // prettier-ignore
    return { scenario, days, seed, toFailure: values['to-failure'], json, chart, events, svg, snapshot };
  } catch (error) {
    if (error instanceof ScenarioError || error instanceof RangeError || (error instanceof Error && 'code' in error)) return error.message;
    throw error;
  }
}

/** Asked before the days begin, which may take minutes. */
function isWritable(path: string): boolean {
  try {
    accessSync(dirname(path), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
