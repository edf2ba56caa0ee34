// The tool behind docs/alert-quality.md, over a few days of a service with little memory: simulated, loaded into a real Prometheus,
// recorded, evaluated. And its arithmetic by itself.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Batch } from '../../scripts/alert-quality/batches.ts';
import { firingTimes, recordingPasses } from '../../scripts/alert-quality/evaluate.ts';
import { measure, type RunQuality } from '../../scripts/alert-quality/measure.ts';
import { episodesOf, leadOf, quantileOf } from '../../scripts/alert-quality/quality.ts';
import { report } from '../../scripts/alert-quality/report.ts';
import { ALERTS, LOW_HEADROOM_RATIO, RECORDINGS } from '../../src/dashboards/index.ts';
import { loadScenario, Simulation } from '../../src/simulation/index.ts';
import { needs } from '../programs.ts';

const promtool = needs('promtool');
const production = loadScenario('production');
const small = { ...production, settings: { ...production.settings, limit: 28 * 2 ** 24 } }; // no number of chunks is just 30 % of it
const BATCH: Batch = { name: 'small', scenario: 'small', seeds: [1, 3], days: 60, fails: true };

/** The first hour after which less than that share of the limit was free on average of the day, for six hours; and the first failure. */
function ownHeadroomLow(seed: number): { hour: number; failureHours: number } {
  const simulation = new Simulation({ scenario: small, seed });
  const ratios: number[] = [];
  const lows: boolean[] = [];
  for (let hour = 1; simulation.tally.firstFailure === null; hour++) {
    simulation.advance(hour * 3600);
    const { limitBytes, reservedBytes } = simulation.allocator.memory;
    ratios.push((limitBytes - reservedBytes) / limitBytes);
    const day = ratios.slice(-24);
    lows.push(day.reduce((sum, ratio) => sum + ratio, 0) / day.length < LOW_HEADROOM_RATIO);
  }
  const first = lows.findIndex((_, i) => i >= 6 && lows.slice(i - 6, i + 1).every(Boolean));
  return { hour: first + 1, failureHours: simulation.tally.firstFailure.simSeconds / 3600 };
}

describe.skipIf(!promtool.available)('a service with little memory', () => {
  const folder = mkdtempSync(join(tmpdir(), 'arenascope-quality-test-'));
  let runs: RunQuality[];
  beforeAll(async () => {
    runs = await measure(promtool.path, BATCH, small, join(folder, 'runs'), 2);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('is warned of low headroom when our own average of its hours says so', () => {
    for (const { seed, failureDay, leads } of runs) {
      const { hour, failureHours } = ownHeadroomLow(seed);
      expect(failureDay! * 24).toBeCloseTo(failureHours, 6);
      const leadHours = leads.get('DirectMemoryHeadroomLow')!.firstDays! * 24;
      expect(Math.abs(leadHours - (failureHours - hour))).toBeLessThan(2.5); // promtool evaluates a rule somewhere within the hour, one after the other
    }
  });

  test('is told of the failure, after it', () => {
    for (const { leads, hoursFiring } of runs) {
      expect(leads.get('DirectMemoryExhausted')!.firstDays).toBeNull();
      expect(hoursFiring.get('DirectMemoryExhausted')).toBeGreaterThan(0);
    }
  });

  test('a second measurement reads the runs of the first', async () => {
    const file = join(folder, 'runs', 'records.json');
    const before = readFileSync(file, 'utf8');
    expect(await measure(promtool.path, BATCH, { ...small, traffic: {} }, join(folder, 'runs'), 1)).toEqual(runs);
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  test('the report tells what was measured, and what was missed', () => {
    const text = report({ failing: runs, quiet: { small: runs } }, 'a machine', '2026-01-01');
    expect(text).toContain('over 2 seeds (1 … 3)');
    expect(text).toMatch(/\*\*missed\*\*: a warning for good at least 30 days before .+: 0 of 2/);
    expect(text).toMatch(/\*\*missed\*\*: no warning and no critical alert .+: [1-9]\d* hours/);
    for (const { seed } of runs) expect(text).toMatch(new RegExp(`^\\| ${seed} \\| `, 'm'));
    expect(text).toContain('| DirectMemoryHeadroomLow (warning) | 2 of 2 |');
  });
});

const at = (...hours: number[]) => hours.map((hour) => hour * 3600);
const series = (instance: string, ...hours: number[]) => ({ metric: { instance }, times: at(...hours) });

describe('an alert', () => {
  test('fires when it has been so at each evaluation for as long as it must', () => {
    expect(firingTimes([series('a', 1, 2, 3, 5, 6, 7, 8)], 2 * 3600)).toEqual(new Map([['a', at(3, 7, 8)]]));
  });

  test('that need not hold fires at once', () => {
    expect(firingTimes([series('a', 4)], 0)).toEqual(new Map([['a', at(4)]]));
  });

  test('of an instance fires when any of its series does', () => {
    expect(firingTimes([series('a', 5), series('b', 1), series('a', 2, 5)], 0)).toEqual(new Map([['a', at(2, 5)], ['b', at(1)]])); // prettier-ignore
  });
});

describe('notice', () => {
  const DAY = 24;
  test('is counted from the first firing, and from the one that lasts until the failure', () => {
    const times = at(DAY, DAY + 1, ...Array.from({ length: 2 * DAY }, (_, i) => 5 * DAY + i));
    expect(leadOf(times, (7 * DAY - 0.5) * 3600)).toEqual({ firstDays: 6 - 0.5 / 24, steadyDays: 2 - 0.5 / 24, tooEarly: 0 });
  });

  test('is not for good when the alert had stopped before the failure', () => {
    expect(leadOf(at(DAY), 3 * DAY * 3600)).toEqual({ firstDays: 2, steadyDays: null, tooEarly: 0 });
  });

  test('of more than two months that ended again was too early', () => {
    expect(leadOf(at(DAY, 2 * DAY, 70 * DAY), 71 * DAY * 3600)).toMatchObject({ tooEarly: 2 });
  });

  test('that came after the failure is none', () => {
    expect(leadOf(at(DAY), DAY * 3600 - 1)).toEqual({ firstDays: null, steadyDays: null, tooEarly: 0 });
  });
});

test('an episode is firing without a break', () => {
  expect(episodesOf(at(1, 2, 3, 7))).toEqual([{ start: 3600, end: 3 * 3600 }, { start: 7 * 3600, end: 7 * 3600 }]); // prettier-ignore
});

test('a quantile counts what never was as less than all', () => {
  const values = [3, null, 1, 2];
  expect([0, 0.25, 0.5, 1].map((share) => quantileOf(values, share))).toEqual([null, 1, 2, 3]);
});

test('a recording is backfilled after those that it reads, and each once', () => {
  const passes = recordingPasses();
  const names = passes.map((pass) => pass.map(({ record }) => record));
  expect(names.flat().sort()).toEqual(RECORDINGS.map(({ record }) => record).sort());
  passes.forEach((pass, i) => {
    const later = names.slice(i).flat();
    for (const { expr } of pass) expect(later.filter((record) => expr.includes(record))).toEqual([]);
  });
});

test('the published report has a line for each alert that direct memory decides, and was measured over 100 seeds', () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/alert-quality.md'), 'utf8');
  expect(text).toContain('over 100 seeds (1 … 100)');
  for (const [name, { severity }] of Object.entries(ALERTS))
    if (/Headroom|Predicted|Fit|Stranded|Retained/.test(name)) expect(text).toContain(`| ${name} (${severity}) |`);
});
