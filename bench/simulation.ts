// Simulated requests per second, and how a simulation's time grows. `node bench/simulation.ts [--year]`
// Goals: ≥ 5,000,000 small requests per second through the pipeline without peer and events; one year of `production`
// (31.5 M requests) in < 15 s on one core; memory flat. The main thread's own time is measured, so that other work on the machine
// disturbs little; --year runs the whole year, otherwise 60 days stand for it.
import { EventQueue } from '../src/simulation/event-queue.ts';
import { loadScenario, makePipeline, Simulation } from '../src/simulation/index.ts';
import { Random, type Scenario } from '../src/workload/index.ts';
import { heading, median, spread, table } from './table.ts';

const ROUNDS = 5;
const DAY = 86_400;
const production = loadScenario('production');

let consumed = 0;

/** Seconds of the main thread that `work` takes. */
function userSeconds(work: () => void): number {
  const before = process.threadCpuUsage().user;
  work();
  return (process.threadCpuUsage().user - before) / 1e6;
}

/** Nanoseconds for one of `count`, in each round after a warm-up. */
function rounds(count: number, work: () => void): number[] {
  work();
  return Array.from({ length: ROUNDS }, () => (userSeconds(work) * 1e9) / count);
}

function pipelineRow(label: string, connections: number, bodyBytes: number): string[] {
  const count = 1_000_000;
  const pipeline = makePipeline(production.settings, { handler: { onMessage: (_, message) => void pipeline.answer(message) } });
  const open = Array.from({ length: connections }, () => pipeline.open());
  const times = rounds(count, () => {
    for (let i = 0; i < count; i++) {
      const connection = open[i % connections]!;
      pipeline.begin(connection, 150, bodyBytes);
      consumed += pipeline.read(connection, 150 + bodyBytes, null);
    }
  });
  return [label, median(times).toFixed(0), spread(times), (1e3 / median(times)).toFixed(1)];
}

function partRow(label: string, work: (i: number) => number): string[] {
  const count = 5_000_000;
  const times = rounds(count, () => {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += work(i);
    consumed += sum;
  });
  return [label, median(times).toFixed(1), spread(times), (1e3 / median(times)).toFixed(0)];
}

function queueStep(): (i: number) => number {
  const queue = new EventQueue();
  for (let i = 0; i < 8; i++) queue.push(1e6 + i, i);
  let time = 0;
  return () => {
    queue.push((time += 1e-3), 1);
    return queue.pop();
  };
}

interface Growth {
  readonly label: string;
  readonly scenario: Scenario;
  readonly days: number;
}

function growthRow({ label, scenario, days }: Growth): string[] {
  const simulation = new Simulation({ scenario, seed: 1, keepsDays: false });
  simulation.advance(2 * DAY); // warm
  globalThis.gc?.();
  const heapBefore = process.memoryUsage().heapUsed;
  const seconds = userSeconds(() => simulation.advance((2 + days) * DAY));
  globalThis.gc?.();
  const heapGrowth = (process.memoryUsage().heapUsed - heapBefore) / 2 ** 20;
  const { state, requests, firstFailure } = simulation.result();
  const perRequest = (seconds * 1e9 * (days + 2)) / days / requests.completed;
  return [label, String(days), seconds.toFixed(1), ((seconds * 365) / days).toFixed(1), perRequest.toFixed(0), String(state.chunks), firstFailure === null ? '–' : 'yes', heapGrowth.toFixed(1)]; // prettier-ignore
}

const change = (settings: Partial<Scenario['settings']>): Scenario => ({
  ...production,
  settings: { ...production.settings, ...settings },
});
const isWhole = process.argv.includes('--year');
const GROWTH: readonly Growth[] = [
  { label: 'production', scenario: production, days: 15 },
  { label: 'production', scenario: production, days: 60 },
  ...(isWhole ? [{ label: 'production, a whole year', scenario: production, days: 365 }] : []),
  { label: 'one arena', scenario: change({ arenas: 1 }), days: 30 },
  { label: '64 arenas, 64 event loops', scenario: change({ arenas: 64, eventLoops: 64, limit: 2 ** 33 }), days: 30 },
  { label: 'chunks of 4 MiB', scenario: change({ maxOrder: 9 }), days: 30 },
  { label: 'chunks of 1 MiB', scenario: change({ maxOrder: 7 }), days: 30 },
  { label: 'no small requests', scenario: { ...production, traffic: { ...production.traffic, small: { ...production.traffic.small!, perDay: 1 } } }, days: 60 },
]; // prettier-ignore

console.log(heading('Simulation'));
const chance = new Random(1, 'bench');
console.log(table([['one step', 'ns', 'min / median / max', 'M/s'],
  pipelineRow('request of 1 KB, one connection', 1, 874),
  pipelineRow('request of 1 KB, 64 connections', 64, 874),
  pipelineRow('request of 8 KB, 64 connections', 64, 8000),
  partRow('queue: push and pop in front of 8 others', queueStep()),
  partRow('random: 32 bits', () => chance.bits()),
  partRow('random: a lognormal number', () => chance.lognormal(1, 1)),
])); // prettier-ignore
console.log(`\n${table([['scenario', 'days', 's', 's / year', 'ns / request', 'chunks', 'failed', 'heap growth MiB'], ...GROWTH.map(growthRow)])}`); // prettier-ignore
if (consumed === 0) console.log('nothing was done');
