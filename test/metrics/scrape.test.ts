// The text that Prometheus gets: the golden one byte for byte, and the real one under load to promtool's satisfaction.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CONTENT_TYPE, type MetricName, metricsMarkdown, METRICS, PROCESS_METRICS, Scraper } from '../../src/metrics/index.ts';
import { needs } from '../programs.ts';
import { GOLDEN_FILE, goldenText } from './golden.ts';
import { createGoldenLoad } from './load.ts';
import { parseText } from './text.ts';

const promtool = needs('promtool');
const check = (text: string) => {
  const { status, stdout, stderr } = spawnSync(promtool.path, ['check', 'metrics'], { input: text, encoding: 'utf8' });
  return { status, said: stdout + stderr };
};

test('one deterministic load renders as the golden file (npm run golden writes it anew)', () => {
  expect(goldenText()).toBe(readFileSync(GOLDEN_FILE, 'utf8'));
});

test('docs/metrics.md is what the table says', () => {
  expect(readFileSync(join(import.meta.dirname, '../../docs/metrics.md'), 'utf8')).toBe(metricsMarkdown());
});

describe('a scrape', async () => {
  const text = await new Scraper().text(createGoldenLoad().input());
  const { samples, types, helps } = parseText(text);

  test('says which version of the format it is', () => {
    expect(CONTENT_TYPE).toBe('text/plain; version=0.0.4; charset=utf-8');
  });

  test('has exactly the metrics of the table, and of the process those listed', () => {
    const here = (name: string) => process.platform === 'linux' || types.has(name) || !/virtual|heap_bytes|fds/.test(name);
    const expected = [...METRICS.map(({ name }) => name), ...Object.keys(PROCESS_METRICS).filter(here)];
    expect([...types.keys()].sort()).toEqual(expected.sort());
    expect([...helps.keys()].sort()).toEqual(expected.sort());
  });

  test('has one histogram of the process, as the types say', () => {
    const histograms = [...types].filter(([name, type]) => name in PROCESS_METRICS && type === 'histogram').map(([name]) => name);
    expect(histograms).toEqual(['nodejs_gc_duration_seconds' satisfies MetricName]);
  });

  test('gives the process metrics the labels listed', () => {
    const labels = PROCESS_METRICS as Readonly<Record<string, readonly string[]>>;
    const ofProcess = samples.filter(({ metric }) => metric in labels);
    expect(ofProcess.length).toBeGreaterThan(20);
    for (const sample of ofProcess)
      expect(labels[sample.metric], sample.name).toEqual(
        expect.arrayContaining(Object.keys(sample.labels).filter((label) => label !== 'le')),
      );
  });

  test('has each series once', () => {
    const keys = text.split('\n').flatMap((line) => (line === '' || line.startsWith('#') ? [] : [line.slice(0, line.lastIndexOf(' '))]));
    expect(keys.length).toBeGreaterThan(300);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('ends with a line feed, as the format asks', () => {
    expect(text.endsWith('\n')).toBe(true);
  });

  test.skipIf(!promtool.available)('gives promtool nothing to say', async () => {
    expect(check(await new Scraper().text({ ...createGoldenLoad().input(), simulation: null }))).toEqual({ status: 0, said: '' });
  });

  test.skipIf(!promtool.available)(
    'gives it one thing to say beside simulated days: what they are counted in, which is what they are',
    () => {
      expect(check(text).said).toBe('simulation_days use base unit "seconds" instead of "days"\n');
      expect(types.has('simulation_time_seconds')).toBe(true); // the same in the base unit
    },
  );

  test.skipIf(!promtool.available)('would give promtool something to say if a name were wrong', () => {
    expect(check(text.replaceAll('http_connections', 'http_connections_total')).said).toContain('http_connections_total');
  });
});
