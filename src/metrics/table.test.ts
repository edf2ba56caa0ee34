// Every row of the table is sound by itself, and keeps the labels it declares.
import { describe, expect, expectTypeOf, test } from 'vitest';
import { createGoldenLoad } from '../../test/metrics/load.ts';
import type { Row } from './row.ts';
import { type LabelsOf, type MetricName, METRICS, type SeriesName, type ValuesOf } from './table.ts';

const ROWS: readonly Row[] = METRICS;
const PREFIXES = ['direct_memory_', 'netty_allocator_', 'pipeline_', 'http_', 'simulation_', 'feed_'];
/** Endings that name another unit, a type, or a label; a metric's name has none. */
const BAD_PARTS = /_(ms|millis|milliseconds|kb|kib|mb|mib|percent|gauge|counter|histogram|by_arena|per_arena)(_|$)/;
const INDEX_LABELS = ['arena', 'event_loop'];

test('names are unique', () => {
  expect(new Set(ROWS.map(({ name }) => name)).size).toBe(ROWS.length);
});

describe.each(ROWS.map((row) => [row.name, row] as const))('%s', (name, row) => {
  test('is named soundly: a known prefix, a base unit, _total on counters and only there', () => {
    expect(PREFIXES.some((prefix) => name.startsWith(prefix))).toBe(true);
    expect(name).toMatch(/^[a-z][a-z0-9_]*[a-z0-9]$/);
    expect(name).not.toMatch(BAD_PARTS);
    expect(name.endsWith('_total')).toBe(row.type === 'counter');
    const unit = /_(bytes|seconds|ratio)$/.exec(name.replace(/_total$/, ''))?.[1] ?? 'none';
    expect(unit).toBe(row.unit);
    expect(name).not.toMatch(/_(bucket|sum|count)$/);
  });

  test('has a help of whole sentences', () => {
    expect(row.help).toMatch(/^[A-Z0-9].{10,}[.)]$/);
    expect(row.help).not.toMatch(/\n/);
  });

  test('has labels of small closed sets, none of which names a chunk', () => {
    for (const [label, domain] of Object.entries(row.labels)) {
      expect(label).toMatch(/^[a-z][a-z_]*$/);
      expect(domain === 'index').toBe(INDEX_LABELS.includes(label));
      if (domain === 'index') continue;
      expect(domain.length).toBeLessThan(70); // HTTP's codes are the most
      expect(new Set(domain).size).toBe(domain.length);
    }
  });

  test('emits its labels in their order, values of their sets, each combination once, finite numbers', () => {
    const seen = new Set<string>();
    row.collect(createGoldenLoad().input(), (labels, value) => {
      expect(Object.keys(labels)).toEqual(Object.keys(row.labels));
      for (const [label, domain] of Object.entries(row.labels)) {
        if (domain === 'index') expect([0, 1, 2]).toContain(labels[label]);
        else expect(domain).toContain(labels[label]);
      }
      const key = JSON.stringify(labels);
      expect(seen).not.toContain(key);
      seen.add(key);
      expect(typeof value === 'number').toBe(row.type !== 'histogram');
      for (const number of typeof value === 'number' ? [value] : [...Array.from(value.counts), value.sum]) {
        expect(number).toBeGreaterThanOrEqual(0);
        expect(number).toBeLessThan(Infinity);
      }
    });
    expect(seen.size).toBeGreaterThan(0);
  });
});

test('a name, a label or a value that is not in the table does not compile', () => {
  expectTypeOf<'direct_memory_headroom_bytes'>().toExtend<MetricName>();
  expectTypeOf<'direct_memory_headrom_bytes'>().not.toExtend<MetricName>();
  expectTypeOf<'process_resident_memory_bytes'>().toExtend<MetricName>();
  expectTypeOf<LabelsOf<'netty_allocator_arena_chunks'>>().toEqualTypeOf<'arena' | 'list'>();
  expectTypeOf<LabelsOf<'direct_memory_limit_bytes'>>().toEqualTypeOf<never>();
  expectTypeOf<LabelsOf<'nodejs_active_resources'>>().toEqualTypeOf<'type'>();
  expectTypeOf<ValuesOf<'direct_memory_exhausted_total', 'cause'>>().toEqualTypeOf<'chunk' | 'huge'>();
  expectTypeOf<ValuesOf<'netty_allocator_arena_chunks', 'arena'>>().toEqualTypeOf<number>();
});

test('a histogram is queried by its three series, not by its own name', () => {
  expectTypeOf<'http_request_duration_seconds'>().toExtend<MetricName>();
  expectTypeOf<'http_request_duration_seconds'>().not.toExtend<SeriesName>();
  expectTypeOf<'http_request_duration_seconds_bucket'>().toExtend<SeriesName>();
  expectTypeOf<'http_connections_bucket'>().not.toExtend<SeriesName>();
  expectTypeOf<LabelsOf<'http_request_duration_seconds_bucket'>>().toEqualTypeOf<'method' | 'le'>();
  expectTypeOf<LabelsOf<'http_request_duration_seconds_sum'>>().toEqualTypeOf<'method'>();
  expectTypeOf<LabelsOf<'nodejs_gc_duration_seconds_bucket'>>().toEqualTypeOf<'kind' | 'le'>();
  expectTypeOf<'nodejs_gc_duration_seconds'>().not.toExtend<SeriesName>();
  expectTypeOf<LabelsOf<'pipeline_message_size_bytes_bucket'>>().toEqualTypeOf<'le'>();
});
