import { describe, expect, test } from 'vitest';
import {
  aggregate, aggregateBy, aggregateWithout, floor, increase, offset, operate, overSubquery, overTime, predictLinear, quantile, rate, raw, selectWithin, show, sumBy,
} from './promql.ts'; // prettier-ignore

const every = selectWithin({});
const chosen = selectWithin({ job: '$job', instance: '$instance' });

describe('a selector', () => {
  test('carries its scope, then its own matchers', () => {
    expect(chosen('netty_allocator_arena_chunks', { list: 'q075' }).promql).toBe(
      'netty_allocator_arena_chunks{job=~"$job", instance=~"$instance", list="q075"}',
    );
  });

  test('has no braces without matchers', () => {
    expect(every('direct_memory_limit_bytes').promql).toBe('direct_memory_limit_bytes');
  });

  test('matches a dashboard variable as a regular expression', () => {
    expect(every('netty_allocator_arena_chunks', { arena: '$arena' }).promql).toBe('netty_allocator_arena_chunks{arena=~"$arena"}');
  });

  test('of a name or a label that does not exist does not compile', () => {
    // @ts-expect-error no such metric
    every('direct_memory_headroom');
    // @ts-expect-error a histogram has no series of its own name
    every('pipeline_message_size_bytes');
    // @ts-expect-error no such label
    every('direct_memory_limit_bytes', { arena: '0' });
    // @ts-expect-error `le` is of the buckets only
    every('pipeline_message_size_bytes_sum', { le: '1' });
    expect(every('pipeline_message_size_bytes_bucket', { le: '+Inf' }).promql).toBe('pipeline_message_size_bytes_bucket{le="+Inf"}');
  });
});

describe('labels that targets of a scope have besides', () => {
  const history = selectWithin<'setting'>({ job: 'history' });

  test('are for matchers and legends', () => {
    const noCaches = history('direct_memory_limit_bytes', { setting: 'no-caches' });
    expect(noCaches.promql).toBe('direct_memory_limit_bytes{job="history", setting="no-caches"}');
    expect(show(sumBy(noCaches, 'setting'), '{{setting}}').legend).toBe('{{setting}}');
  });

  test('do not compile when mistyped, or elsewhere', () => {
    // @ts-expect-error no such label
    history('direct_memory_limit_bytes', { settings: 'no-caches' });
    // @ts-expect-error what is live has none
    every('direct_memory_limit_bytes', { setting: 'no-caches' });
    // @ts-expect-error nor can its legend
    show(every('direct_memory_limit_bytes'), '{{setting}}');
    // @ts-expect-error it has been summed away
    show(sumBy(history('direct_memory_limit_bytes'), 'job'), '{{setting}}');
    expect(history('simulation_days').promql).toBe('simulation_days{job="history"}');
  });
});

describe('functions', () => {
  const exhausted = every('direct_memory_exhausted_total');

  test('rate and increase take Grafana’s rate interval unless told otherwise', () => {
    expect(rate(exhausted).promql).toBe('rate(direct_memory_exhausted_total[$__rate_interval])');
    expect(increase(exhausted, '1h').promql).toBe('increase(direct_memory_exhausted_total[1h])');
  });

  test('only a selector can have a range', () => {
    // @ts-expect-error the rate of a sum
    expect(rate(aggregate('sum', exhausted)).promql).toBe('rate(sum(direct_memory_exhausted_total)[$__rate_interval])');
  });

  test('aggregate, over time, ahead, quantile', () => {
    expect(aggregate('max', exhausted).promql).toBe('max(direct_memory_exhausted_total)');
    expect(sumBy(exhausted, 'cause', 'job').promql).toBe('sum by (cause, job) (direct_memory_exhausted_total)');
    expect(aggregateWithout('sum', exhausted, 'cause').promql).toBe('sum without (cause) (direct_memory_exhausted_total)');
    expect(overTime('min', every('direct_memory_headroom_bytes'), '1d').promql).toBe('min_over_time(direct_memory_headroom_bytes[1d])');
    expect(predictLinear(every('direct_memory_headroom_bytes'), '7d', 60).promql).toBe('predict_linear(direct_memory_headroom_bytes[7d], 60)'); // prettier-ignore
    expect(quantile(0.5, rate(every('http_request_duration_seconds_bucket')), 'method').promql).toBe(
      'histogram_quantile(0.5, sum by (le, method) (rate(http_request_duration_seconds_bucket[$__rate_interval]))) >= 0',
    );
  });

  test('of a query at each step, as it was, rounded down', () => {
    const day = every('simulation_days');
    expect(overSubquery('min', operate(offset(day, '1h'), 'and', operate(day, '>', 1)), '$__range', '1h').promql).toBe(
      'min_over_time((simulation_days offset 1h and (simulation_days > 1))[$__range:1h])',
    );
    expect(floor(day).promql).toBe('floor(simulation_days)');
  });

  test('operators bracket what is not a single term', () => {
    const [a, b] = [every('direct_memory_headroom_bytes'), every('direct_memory_limit_bytes')];
    expect(operate(operate(a, '/', b), '<', 0.25).promql).toBe('(direct_memory_headroom_bytes / direct_memory_limit_bytes) < 0.25');
  });

  test('what is aggregated by or set against each other must have the labels', () => {
    // @ts-expect-error it has no arena
    aggregateBy('sum', exhausted, 'arena');
    // @ts-expect-error nothing has the same labels on both sides
    operate(sumBy(exhausted, 'cause'), '/', sumBy(exhausted, 'instance'));
    expect(operate(sumBy(exhausted, 'cause'), '>', 0).promql).toContain('> 0');
  });
});

describe('a legend', () => {
  const byList = sumBy(every('netty_allocator_arena_chunks'), 'list');

  test('may use the labels that are left', () => {
    expect(show(byList, 'list {{list}}')).toEqual({ promql: byList.promql, legend: 'list {{list}}' });
    expect(show(aggregate('sum', byList), 'all').legend).toBe('all');
  });

  test('with a label that was aggregated away does not compile', () => {
    // @ts-expect-error no arena is left
    show(byList, '{{arena}}');
    // @ts-expect-error nothing is left
    show(aggregate('sum', byList), '{{list}}');
    // @ts-expect-error one of two is left
    show(byList, '{{list}} {{job}}');
    expect(show(raw<'job'>('up'), '{{job}}').promql).toBe('up');
  });
});
