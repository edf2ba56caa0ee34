// The rules over a history, by a real Prometheus: recording rules are backfilled by promtool, in passes, since one that reads another
// needs its samples; then each alert's expression is asked for at every hour, and its `for` applied as Prometheus does it.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type AlertName, ALERTS, HISTORY_CLOCK, holdSecondsOf, RECORDINGS } from '../../src/dashboards/index.ts';
import { createBlocks, dataOf, LocalPrometheus, type TimedSeries } from '../../test/dashboards/prometheus.ts';
import { BLOCK_SECONDS } from '../../src/history/index.ts';

export const STEP_SECONDS = 3600; // between evaluations
const LOOKBACK = '--query.lookback-delta=61m';
const BLOCK_FLAG = `--max-block-duration=${BLOCK_SECONDS}s`;
const MOST_POINTS = 10_000; // of one range query; Prometheus allows 11,000

/** Times at which an alert fired, in ascending order, by alert and instance. */
export type Firings = Readonly<Record<AlertName, ReadonlyMap<string, readonly number[]>>>;

export interface Span {
  readonly start: number;
  readonly end: number; // of the latest run
}

/** `folder` holds files of a history. */
export async function evaluate(promtool: string, folder: string, span: Span): Promise<Firings> {
  const scratch = mkdtempSync(join(tmpdir(), 'arenascope-alerts-'));
  try {
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.om')))
      createBlocks(promtool, ['--quiet', BLOCK_FLAG, 'openmetrics', join(folder, file), dataOf(scratch)]);
    for (const pass of recordingPasses()) await backfill(promtool, scratch, pass, span);
    return await within(promtool, scratch, (prometheus) => allFirings(prometheus, span));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

interface RecordingRule {
  readonly record: string;
  readonly expr: string;
}

/** Each pass reads only what the passes before have recorded. */
export function recordingPasses(): RecordingRule[][] {
  let left = RECORDINGS.map(({ record, query }): RecordingRule => ({ record, expr: query(HISTORY_CLOCK).promql }));
  const passes: RecordingRule[][] = [];
  while (left.length > 0) {
    const pass = left.filter(({ expr }) => !left.some(({ record }) => expr.includes(record)));
    if (pass.length === 0) throw new Error(`recordings: ${left.map(({ record }) => record).join(', ')} (expected: no cycle)`);
    passes.push(pass);
    left = left.filter((rule) => !pass.includes(rule));
  }
  return passes;
}

async function backfill(promtool: string, scratch: string, rules: readonly RecordingRule[], { start, end }: Span): Promise<void> {
  const file = join(scratch, 'rules.yml');
  writeFileSync(file, stringify({ groups: [{ name: 'pass', interval: `${STEP_SECONDS}s`, rules }] }));
  await within(promtool, scratch, ({ url }) => {
    createBlocks(promtool, ['--quiet', BLOCK_FLAG, 'rules', `--url=${url}`, `--start=${start}`, `--end=${end}`, `--output-dir=${dataOf(scratch)}`, file]); // prettier-ignore
    return Promise.resolve();
  });
}

/** A Prometheus for as long as `use` takes. It reads the blocks that are there when it starts. */
async function within<T>(promtool: string, scratch: string, use: (prometheus: LocalPrometheus) => Promise<T>): Promise<T> {
  const prometheus = await LocalPrometheus.open(promtool, scratch, LOOKBACK);
  try {
    return await use(prometheus);
  } finally {
    await prometheus.close();
  }
}

async function allFirings(prometheus: LocalPrometheus, span: Span): Promise<Firings> {
  const firings: Partial<Record<AlertName, ReadonlyMap<string, readonly number[]>>> = {};
  for (const name of Object.keys(ALERTS) as AlertName[]) {
    const { query, holdDays } = ALERTS[name];
    const series = await rangeInPieces(prometheus, query(HISTORY_CLOCK).promql, span);
    firings[name] = firingTimes(series, holdSecondsOf(HISTORY_CLOCK, holdDays));
  }
  return firings as Firings;
}

/** A longer range than Prometheus gives at once. */
async function rangeInPieces(prometheus: LocalPrometheus, promql: string, { start, end }: Span): Promise<TimedSeries[]> {
  const whole = new Map<string, TimedSeries & { times: number[] }>();
  for (let from = start; from <= end; from += MOST_POINTS * STEP_SECONDS) {
    const to = Math.min(end, from + (MOST_POINTS - 1) * STEP_SECONDS);
    for (const { metric, times } of await prometheus.timedRange(promql, from, to, STEP_SECONDS)) {
      const key = JSON.stringify(metric);
      const known = whole.get(key);
      if (known === undefined) whole.set(key, { metric, times: [...times] });
      else known.times.push(...times);
    }
  }
  return [...whole.values()];
}

/** When an alert fires: it must have been so at each evaluation since that long. Series of one instance count as one alert. */
export function firingTimes(series: readonly TimedSeries[], holdSeconds: number): Map<string, number[]> {
  const byInstance = new Map<string, Set<number>>();
  for (const { metric, times } of series) {
    const { instance = '' } = metric;
    const firing = byInstance.get(instance) ?? new Set();
    byInstance.set(instance, firing);
    let since = NaN;
    let before = NaN;
    for (const time of times) {
      if (time - before !== STEP_SECONDS) since = time;
      if (time - since >= holdSeconds) firing.add(time);
      before = time;
    }
  }
  return new Map([...byInstance].map(([instance, firing]) => [instance, [...firing].sort((a, b) => a - b)]));
}
