// A simulated year as `arenascope history` wrote it: hundreds of days of slow growth up to the failure, and what other settings would have
// made of the same traffic. Its days are days of the clock, its samples an hour apart.
import { METRICS } from '../../metrics/index.ts';
import type { Panel } from '../board.ts';
import {
  aggregate, aggregateBy, derivative, floor, increase, offset, operate, overSubquery, overTime, type Query, type Select, show, sumBy,
} from '../promql.ts'; // prettier-ignore
import { everySetting, theYear } from '../scope.ts';

export const SAMPLE_SECONDS = 3600;
const DAY_SECONDS = 86_400;
const EACH_STEP = '$__interval'; // an hour at least: the worst of each, not what happened to be at its end
const SURVIVED = 0; // instead of a day; the first is 1, as the command counts

const BANDS = METRICS.find((metric) => metric.name === 'netty_allocator_arena_chunks_by_usage')!.labels.band;

/** What every panel of hourly samples needs. */
const hourly = (panel: Panel): Panel => ({ ...panel, sampleSeconds: SAMPLE_SECONDS });

/**
 * The day on which a request first found no memory, by setting; SURVIVED where none did. The first hour that saw failures ends within that
 * day or with it, so its beginning is asked for the day.
 */
function firstFailure(select: Select<'setting'>): Query<'setting'> {
  const day = aggregateBy('max', offset(select('simulation_days'), '1h'), 'setting');
  const failed = operate(sumBy(increase(select('simulation_failures_total')), 'setting'), '>', 0);
  const first = operate(floor(overSubquery('min', operate(day, 'and', failed), '$__range', '1h')), '+', 1);
  const ran = aggregateBy('max', overTime('last', select('simulation_days'), '$__range'), 'setting');
  return operate(first, 'or', operate(ran, '*', SURVIVED));
}
const DAY_OR_NONE = { thresholds: ['green', [SURVIVED + 1, 'red']], texts: { [SURVIVED]: 'none' } } as const;

const headroomShare = (select: Select<'setting'>): Query<'setting' | 'job' | 'instance'> =>
  operate(overTime('min', select('direct_memory_headroom_bytes'), EACH_STEP), '/', select('direct_memory_limit_bytes'));

const answers: readonly Panel[] = [
  {
    kind: 'stat', title: 'First failure, on day', unit: 'none', width: 6, decimals: 0, isInstant: true, ...DAY_OR_NONE,
    description: 'The simulated day on which a request first found no direct memory, within the chosen time range. Until then nothing fails, and only the memory tells.',
    targets: [show(firstFailure(theYear), 'day')],
  },
  {
    kind: 'stat', title: 'Failures in this range', unit: 'none', width: 6, decimals: 0, isInstant: true, thresholds: ['green', [1, 'red']],
    description: 'Simulated requests that found no direct memory within the chosen time range.',
    targets: [show(aggregate('sum', increase(theYear('simulation_failures_total'), '$__range')), 'failed')],
  },
  {
    kind: 'stat', title: 'Growth per day', unit: 'bytes', width: 6, isInstant: true,
    description: 'Slope of the bytes of chunks through the whole time range. A few megabytes a day go unnoticed for months.',
    targets: [show(operate(aggregate('sum', derivative(theYear('netty_allocator_arena_chunk_bytes'), '$__range')), '*', DAY_SECONDS), 'a day')],
  },
  {
    kind: 'stat', title: 'Least headroom', unit: 'bytes', width: 6, isInstant: true,
    description: 'The least headroom at any full hour of the chosen time range. A huge allocation above it fails, and so does a new chunk.',
    targets: [show(aggregate('min', overTime('min', theYear('direct_memory_headroom_bytes'), '$__range')), 'least')],
  },
]; // prettier-ignore

const growth: readonly Panel[] = [
  {
    kind: 'lines', title: 'Headroom over the year', unit: 'bytes', width: 12,
    description: 'Limit less reserved, the least of each interval. It falls in steps for hundreds of days; the troughs are large messages.',
    targets: [show(aggregate('min', overTime('min', theYear('direct_memory_headroom_bytes'), EACH_STEP)), 'headroom')],
  },
  {
    kind: 'lines', title: 'Reserved over the year', unit: 'bytes', width: 12,
    description: 'The limit, the most that chunks and huge allocations reserved in each interval, and what live buffers needed of it.',
    targets: [
      show(aggregate('max', theYear('direct_memory_limit_bytes')), 'limit'),
      show(aggregate('max', overTime('max', theYear('direct_memory_reserved_bytes'), EACH_STEP)), 'reserved'),
      show(aggregate('sum', theYear('netty_allocator_arena_retained_bytes', { cause: 'live' })), 'live in chunks'),
    ],
  },
  {
    kind: 'stacked', title: 'Chunks by list, over the year', unit: 'none', width: 12,
    description: 'Chunks in each list. Those that stay in q075 and q100 while nothing is live are stranded; those in q000 are pinned by a few kilobytes.',
    targets: [show(sumBy(theYear('netty_allocator_arena_chunks'), 'list'), '{{list}}')],
  },
  {
    kind: 'stacked', title: 'Bytes of chunks, by who holds them, over the year', unit: 'bytes', width: 12,
    description: 'live buffers, thread caches, pages kept by subpages, and free. Nearly all is free inside chunks, and yet cannot go back.',
    targets: [show(sumBy(theYear('netty_allocator_arena_retained_bytes'), 'cause'), '{{cause}}')],
  },
  {
    kind: 'heatmap', title: 'Usage of chunks over the year', unit: 'none', width: 24,
    description: 'How many chunks are how full, in per cent. The row at 1–10 darkens over the months: chunks that are all but empty and stay.',
    targets: BANDS.map((band) => show(aggregate('sum', theYear('netty_allocator_arena_chunks_by_usage', { band })), band)),
  },
  {
    kind: 'lines', title: 'What grows, per day', unit: 'bytes', width: 12, isSigned: true,
    description: 'Slope through the 30 days before, by who holds the bytes. Above 0 for months is the slow growth; at 0 the pool has found its level.',
    targets: [show(operate(sumBy(derivative(theYear('netty_allocator_arena_retained_bytes'), '30d'), 'cause'), '*', DAY_SECONDS), '{{cause}}')],
  },
  {
    kind: 'steps', title: 'Stranded chunks over the year', unit: 'none', width: 12,
    description: "Chunks below their list's minimum usage, or empty in qInit: nothing may ever free them (netty#5089, fixed in 4.0.37 and 4.1.0.CR7).",
    targets: [show(aggregate('sum', theYear('netty_allocator_arena_stranded_chunks')), 'stranded')],
  },
  {
    kind: 'lines', title: 'Huge allocations over the year', unit: 'bytes', width: 12,
    description: 'Bytes of huge allocations, the most at a full hour of each interval. They are rare and short, and need what the chunks have left.',
    targets: [show(aggregate('max', overTime('max', theYear('direct_memory_huge_bytes'), EACH_STEP)), 'huge')],
  },
  {
    kind: 'steps', title: 'Reservations refused over the year, by cause', unit: 'none', width: 12, decimals: 0,
    description: 'Within each interval. huge: an allocation above the chunk size; chunk: a new chunk was wanted. The story tells of 95 % huge.',
    targets: [show(sumBy(increase(theYear('direct_memory_exhausted_total')), 'cause'), '{{cause}}')],
  },
]; // prettier-ignore

const comparison: readonly Panel[] = [
  {
    kind: 'stat', title: 'First failure on day, by setting', unit: 'none', width: 24, decimals: 0, isInstant: true,
    ...DAY_OR_NONE,
    description: 'The same traffic under each setting: the day on which a request first found no direct memory, or none.',
    targets: [show(firstFailure(everySetting), '{{setting}}')],
  },
  {
    kind: 'lines', title: 'Headroom, by setting', unit: 'percentunit', width: 24, height: 12, max: 1,
    description: 'Share of the limit that is not reserved, the least of each interval. Who levels off survives; who reaches the ground does not.',
    targets: [show(aggregateBy('min', headroomShare(everySetting), 'setting'), '{{setting}}')],
  },
  {
    kind: 'bars', title: 'Failed requests, by setting', unit: 'none', width: 12, decimals: 0, thresholds: ['green', [1, 'red']],
    description: 'Simulated requests that found no direct memory within the chosen time range.',
    targets: [show(sumBy(increase(everySetting('simulation_failures_total'), '$__range'), 'setting'), '{{setting}}')],
  },
  {
    kind: 'bars', title: 'Refused requests, by setting', unit: 'none', width: 12, decimals: 0, thresholds: ['green', [1, 'orange']],
    description: 'Simulated requests that back-pressure turned away within the chosen time range: the price of surviving.',
    targets: [show(sumBy(increase(everySetting('simulation_requests_total', { outcome: 'refused' }), '$__range'), 'setting'), '{{setting}}')],
  },
]; // prettier-ignore

export const YEAR_PANELS = [...answers, ...growth].map(hourly);
export const COMPARISON_PANELS = comparison.map(hourly);
