// What the series say of an allocator under load: parts sum to the whole, counters never fall, whatever happens.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { METRICS, renderText, type Row } from '../../src/metrics/index.ts';
import { createGoldenLoad, Load } from './load.ts';
import { keyOf, parseText, type Sample, select, total } from './text.ts';

const ROWS: readonly Row[] = METRICS;
/** Rows without a sample for what has not been seen: there are 8 × 64 pairs of method and code, and one version of Netty at a time. */
const AS_SEEN = ['http_requests_total', 'http_request_duration_seconds', 'netty_allocator_info'];

const scrape = (load: Load): Sample[] => parseText(renderText(METRICS, load.input())).samples;

/** From a tiny body to one that is consolidated twice and becomes huge. */
const bytes = fc.oneof(
  fc.nat(600),
  fc.integer({ min: 600, max: 70_000 }),
  fc.integer({ min: 70_000, max: 3_000_000 }),
  fc.integer({ min: 8_500_000, max: 30_000_000 }),
);
const loop = fc.nat(3);
const operation = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ what: fc.constant('receive' as const), loop, bytes, segment: fc.integer({ min: 1400, max: 100_000 }) }),
  },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('answer' as const) }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('take' as const), loop, bytes }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('give back' as const) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('trim' as const), loop }) },
);
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

function apply(load: Load, step: Operation): void {
  load.seconds += 1;
  switch (step.what) {
    case 'receive':
      return load.receive(step.loop, step.bytes, step.segment);
    case 'answer':
      return load.answer();
    case 'take':
      return load.take(step.loop, step.bytes);
    case 'give back':
      return load.giveBack();
    case 'trim':
      return load.trim(step.loop);
  }
}

function expectSums(samples: readonly Sample[]): void {
  const all = (name: string, labels?: Record<string, string>) => total(samples, name, labels);
  const arena = (name: string, labels?: Record<string, string>) => all(`netty_allocator_arena_${name}`, labels);
  const huge = all('direct_memory_huge_bytes');
  const reserved = all('direct_memory_reserved_bytes');
  expect(arena('retained_bytes')).toBe(reserved - huge);
  expect(arena('chunk_bytes')).toBe(reserved - huge);
  expect(arena('used_bytes') + arena('free_bytes')).toBe(reserved - huge);
  expect(arena('retained_bytes', { cause: 'free' })).toBe(arena('free_bytes'));
  expect(arena('retained_bytes', { cause: 'thread_cache' })).toBe(all('netty_allocator_thread_cache_bytes'));
  expect(arena('retained_bytes', { cause: 'live' }) + huge).toBe(all('netty_allocator_memory_pinned_bytes'));
  expect(arena('huge_bytes')).toBe(huge);
  expect(reserved + all('direct_memory_headroom_bytes')).toBe(all('direct_memory_limit_bytes'));
  for (const index of ['0', '1']) {
    const chunks = arena('chunks', { arena: index });
    expect(arena('chunks_by_usage', { arena: index })).toBe(chunks);
    expect(arena('chunks_created_total', { arena: index }) - arena('chunks_destroyed_total', { arena: index })).toBe(chunks);
    expect(arena('stranded_chunks', { arena: index })).toBeLessThanOrEqual(chunks);
    expect(arena('largest_free_run_bytes', { arena: index })).toBeLessThanOrEqual(arena('free_bytes', { arena: index }));
  }
  const hugeAlive = arena('allocations_total', { size_class: 'huge' }) - arena('deallocations_total', { size_class: 'huge' });
  expect(hugeAlive + arena('chunks')).toBe(all('direct_memory_buffers'));
}

function expectHistograms(samples: readonly Sample[]): void {
  for (const { name, labels, value } of samples.filter((sample) => sample.name.endsWith('_count'))) {
    const counts = select(samples, name.replace(/_count$/, '_bucket'), labels).map((bucket) => bucket.value);
    expect(counts, name).toEqual(counts.toSorted((a, b) => a - b));
    expect(counts.at(-1), name).toBe(value);
  }
}

describe.each(['4.1.0.CR3', '4.1.48.Final'] as const)('under random traffic that runs out of memory, as in Netty %s', (version) => {
  test('parts sum to the whole', () => {
    let exhausted = 0; // over all runs, else they would prove less than they say
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60, size: 'max' }), (steps) => {
        const load = new Load(version);
        for (const step of steps) apply(load, step);
        const samples = scrape(load);
        expectSums(samples);
        expectHistograms(samples);
        exhausted += total(samples, 'direct_memory_exhausted_total');
      }),
      { numRuns: 60 },
    );
    expect(exhausted).toBeGreaterThan(30); // 100 … 260 by the runs of a seed
  });

  test('counters never fall, and no series goes away', () => {
    const types = parseText(renderText(METRICS, new Load().input())).types;
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 40, size: 'max' }), (steps) => {
        const load = new Load(version);
        const before = new Map<string, number>();
        for (const step of steps) {
          apply(load, step);
          const now = new Map(scrape(load).map((sample) => [keyOf(sample), sample]));
          for (const [key, value] of before) {
            const sample = now.get(key);
            expect(sample, key).toBeDefined();
            if (types.get(sample!.metric) !== 'gauge') expect(sample!.value, key).toBeGreaterThanOrEqual(value);
          }
          for (const [key, { value }] of now) before.set(key, value);
        }
      }),
      { numRuns: 25 },
    );
  });
});

describe('the golden load', () => {
  const samples = scrape(createGoldenLoad());

  test('shows every outcome that these tests are about', () => {
    for (const cause of ['chunk', 'huge']) expect(total(samples, 'direct_memory_exhausted_total', { cause }), cause).toBeGreaterThan(0);
    for (const cause of ['live', 'thread_cache', 'subpage', 'free'])
      expect(total(samples, 'netty_allocator_arena_retained_bytes', { cause }), cause).toBeGreaterThan(0);
    for (const name of [
      'direct_memory_huge_bytes',
      'netty_allocator_arena_stranded_chunks',
      'netty_allocator_arena_chunks_destroyed_total',
      'netty_allocator_chunk_lifetime_seconds_sum',
      'netty_allocator_thread_cache_trims_total',
      'pipeline_failures_total',
      'pipeline_consolidations_total',
      'pipeline_held_messages',
      'pipeline_back_pressure_activations_total',
    ])
      expect(total(samples, name), name).toBeGreaterThan(0);
  });

  test('has a sample for every combination of the closed sets, zeros included', () => {
    for (const { name, type, labels } of ROWS) {
      if (AS_SEEN.includes(name)) continue;
      const sizes = Object.entries(labels).map(([label, domain]) => (domain === 'index' ? (label === 'arena' ? 2 : 3) : domain.length));
      const expected = sizes.reduce((product, size) => product * size, 1);
      expect(select(samples, type === 'histogram' ? `${name}_count` : name).length, name).toBe(expected);
    }
    expect(select(samples, 'netty_allocator_arena_chunks', { arena: '0', list: 'q100' }).map(({ value }) => value)).toEqual([0]);
  });
});
