// The text format, character by character; and against prom-client, which writes it too.
import fc from 'fast-check';
import { Gauge, Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { createGoldenLoad } from '../../test/metrics/load.ts';
import { parseText } from '../../test/metrics/text.ts';
import type { SampleValue, MetricType, Row } from './row.ts';
import { eachSample, openMetricsHead, renderText } from './text-format.ts';

const input = createGoldenLoad().input();

type Emitted = readonly [labels: Readonly<Record<string, string | number>>, value: SampleValue<MetricType>];
const rowOf = (type: MetricType, emitted: readonly Emitted[], help = 'Help.'): Row => ({
  name: 'metric',
  type,
  help,
  unit: 'none',
  labels: {},
  stability: 'stable',
  collect: (_, emit: (...sample: Emitted) => void) => emitted.forEach((sample) => emit(...sample)),
});
const render = (...args: Parameters<typeof rowOf>) => renderText([rowOf(...args)], input);

test('a gauge: help, type, and a line for each label combination', () => {
  expect(render('gauge', [[{}, 1.5], [{ arena: 0, list: 'q025' }, 1e21]])).toBe(
    '# HELP metric Help.\n# TYPE metric gauge\nmetric 1.5\nmetric{arena="0",list="q025"} 1e+21\n',
  ); // prettier-ignore
});

test('a metric without samples still has its help and type', () => {
  expect(render('counter', [])).toBe('# HELP metric Help.\n# TYPE metric counter\n');
});

test('a histogram: cumulative buckets with +Inf, sum and count', () => {
  expect(render('histogram', [[{ method: 'PUT' }, { bounds: [0.5, 2], counts: [3, 0, 4], sum: 99.5 }]])).toBe(
    [
      '# HELP metric Help.',
      '# TYPE metric histogram',
      'metric_bucket{method="PUT",le="0.5"} 3',
      'metric_bucket{method="PUT",le="2"} 3',
      'metric_bucket{method="PUT",le="+Inf"} 7',
      'metric_sum{method="PUT"} 99.5',
      'metric_count{method="PUT"} 7',
      '',
    ].join('\n'),
  );
});

test('infinite numbers are written as Prometheus reads them', () => {
  expect(render('gauge', [[{}, Infinity], [{ a: 'b' }, -Infinity], [{ a: 'c' }, NaN]])).toContain('metric +Inf\nmetric{a="b"} -Inf\nmetric{a="c"} NaN\n'); // prettier-ignore
});

test('OpenMetrics names a counter without its ending, and escapes quotes in help too', () => {
  expect(openMetricsHead({ ...rowOf('counter', [], 'So "quoted".'), name: 'failures_total' })).toBe('# TYPE failures counter\n# HELP failures So \\"quoted\\".\n'); // prettier-ignore
  expect(openMetricsHead(rowOf('gauge', []))).toBe('# TYPE metric gauge\n# HELP metric Help.\n');
});

test('samples can be told one by one, without a label', () => {
  const told: string[] = [];
  const row = rowOf('histogram', [
    [
      { arena: 0, method: 'PUT' },
      { bounds: [1], counts: [2, 3], sum: 9 },
    ],
  ]);
  eachSample(row, input, (name, pairs, value) => told.push(`${name} ${pairs} ${value}`), new Set(['arena']));
  expect(told).toEqual([
    'metric_bucket method="PUT",le="1" 2',
    'metric_bucket method="PUT",le="+Inf" 5',
    'metric_sum method="PUT" 9',
    'metric_count method="PUT" 5',
  ]);
});

test('backslashes, quotes and line feeds are escaped in labels; in help the quote is not', () => {
  expect(render('gauge', [[{ a: 'a\\b"c\nd' }, 1]], 'A \\ "quoted"\nhelp.')).toBe(
    '# HELP metric A \\\\ "quoted"\\nhelp.\n# TYPE metric gauge\nmetric{a="a\\\\b\\"c\\nd"} 1\n',
  );
});

test('any labels and values are written as prom-client writes them, and read back as they were', async () => {
  const samples = fc.uniqueArray(fc.tuple(fc.string({ unit: fc.constantFrom('a', '\\', '"', '\n', 'n', 'é', ',', '}') }), fc.double()), {
    selector: ([label]) => label,
    maxLength: 6,
  });
  await fc.assert(
    fc.asyncProperty(samples, fc.string(), async (pairs, help) => {
      const finite = pairs.filter(([, value]) => Number.isFinite(value));
      const text = render('gauge', finite.map(([a, value]) => [{ a }, value]), `Help ${help}`); // prettier-ignore
      const registry = new Registry();
      const gauge = new Gauge({ name: 'metric', help: `Help ${help}`, labelNames: ['a'], registers: [registry] });
      for (const [a, value] of finite) gauge.set({ a }, value);
      expect(text.trimEnd()).toBe((await registry.metrics()).trimEnd());
      expect(parseText(text).samples.map(({ labels, value }) => [labels.a, value])).toEqual(finite.map(([a, value]) => [a, value + 0]));
    }),
  );
});
