import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadScenario } from '../simulation/index.ts';
import { BLOCK_SECONDS, planHistory, type PlanOptions } from './plan.ts';
import { recordRun } from './record.ts';

const root = mkdtempSync(join(tmpdir(), 'arenascope-history-'));
afterAll(() => rmSync(root, { recursive: true }));
const BOUNDARY = 305 * BLOCK_SECONDS; // 2020-09-23T18:00:00Z

function planned(change: Partial<PlanOptions> = {}) {
  const folder = mkdtempSync(join(root, 'run-'));
  const options = { scenario: loadScenario('story-serial'), seed: 1, days: 1, endSeconds: BOUNDARY, stepHours: 1, settings: [], folder };
  return { folder, plan: planHistory({ ...options, ...change })[0]! };
}

const timesOf = (text: string, series: string): number[] =>
  text.split('\n').filter((line) => line.startsWith(series)).map((line) => Number(line.split(' ').at(-1))); // prettier-ignore

describe('a run over the boundary of two blocks', () => {
  const { folder, plan } = planned({ endSeconds: BOUNDARY + 5 * 3600 });
  const record = recordRun(plan);
  const files = readdirSync(folder).sort();
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8'));

  test('is two files, named after their first hour, and nothing else', () => {
    expect(files).toEqual(['as-it-was-2020-09-23T00.om', 'as-it-was-2020-09-23T18.om']);
  });

  test('a sample lies at each full hour, on its side of the boundary', () => {
    const times = texts.map((text) => timesOf(text, 'direct_memory_limit_bytes{'));
    expect(times[0]).toEqual(Array.from({ length: 18 }, (_, i) => BOUNDARY + (i - 18) * 3600));
    expect(times[1]).toEqual(Array.from({ length: 6 }, (_, i) => BOUNDARY + i * 3600));
  });

  test('each file is a whole text: head and end, labels on every sample', () => {
    for (const text of texts) {
      expect(text).toMatch(/^# TYPE direct_memory_limit_bytes gauge\n/);
      expect(text.endsWith('\n# EOF\n')).toBe(true);
      const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
      expect(samples.filter((line) => !/^\w+\{job="history",instance="story-serial",setting="as-it-was"[,}]/.test(line))).toEqual([]);
    }
  });

  test('the record counts what was written', () => {
    const lines = texts.join('').split('\n').filter((line) => line !== '' && !line.startsWith('#')); // prettier-ignore
    expect(record).toMatchObject({ files: 2, samples: lines.length, bytes: texts.join('').length, hours: 24 });
  });

  test('the run goes on after its failure, and the counters tell it', () => {
    expect(record.firstFailure?.cause).toBe('huge');
    const refused = /direct_memory_exhausted_total\{[^}]*cause="huge"\} (\d+) /g;
    const counts = [...texts.join('').matchAll(refused)].map(([, count]) => Number(count));
    expect(counts).toHaveLength(24);
    expect(counts.at(-1)).toBeGreaterThan(0);
  });
});

test('a wider step leaves samples out, but not the last', () => {
  const { folder, plan } = planned({ stepHours: 7 });
  recordRun(plan);
  const text = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8')).join(''); // prettier-ignore
  expect(timesOf(text, 'direct_memory_limit_bytes{')).toEqual([-21, -14, -7, 0].map((hours) => BOUNDARY + hours * 3600));
});

test('a run that is to end with its failure does so', () => {
  const { plan } = planned({ days: 3 });
  const { firstFailure, hours } = recordRun({ ...plan, hoursAfterFailure: 2 });
  expect(hours).toBe(Math.ceil(firstFailure!.simSeconds / 3600 + 2));
});
