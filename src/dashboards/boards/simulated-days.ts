// Simulated days: a year of them at first glance (the-year.ts), and those of the running service, where a day takes seconds: how far they
// are, how the pool grows with them, when memory ran out. Growth is per simulated day, by the series that counts them.
import { type Board, type Panel, row } from '../board.ts';
import { aggregate, aggregateBy, derivative, increase, type Query, rate, raw, show, sumBy } from '../promql.ts';
import { chosen, DEMO_JOB, outOfMemory, targetVariables, theYear } from '../scope.ts';
import { COMPARISON_PANELS, SAMPLE_SECONDS, YEAR_PANELS } from './the-year.ts';

const perInstance = '{{job}} {{instance}}';
const day = chosen('simulation_days');
const byInstance = ({ promql }: Query) => aggregateBy('sum', raw<'job' | 'instance'>(promql), 'job', 'instance').promql;

/** Of a gauge of the allocator, per simulated day, over the chosen time range. */
const perSimulatedDay = (slope: Query): Query<'job' | 'instance'> =>
  raw(`${byInstance(slope)} / (${byInstance(derivative(day, '$__range'))} > 0)`);

const now: readonly Panel[] = [
  {
    kind: 'stat', title: 'Simulated day', unit: 'none', width: 6, decimals: 1,
    description: 'Days since the scenario began; a reset begins anew.',
    targets: [show(day, perInstance)],
  },
  {
    kind: 'stat', title: 'Speed', unit: 'short', width: 6,
    description: 'Simulated seconds in a second; 8640 is a day in ten seconds, 0 is paused. Less than asked for means that the processor is busy.',
    targets: [show(chosen('simulation_speed_ratio'), perInstance)],
  },
  {
    kind: 'stat', title: 'Growth per simulated day', unit: 'bytes', width: 6,
    description: 'Slope of the bytes of chunks over the chosen time range, for each simulated day.',
    targets: [show(perSimulatedDay(derivative(chosen('netty_allocator_arena_chunk_bytes'), '$__range')), perInstance)],
  },
  {
    kind: 'stat', title: 'Requests without memory', unit: 'none', width: 6, decimals: 0, thresholds: ['green', [1, 'red']],
    description: 'Simulated requests that found no direct memory within the chosen time range.',
    targets: [show(aggregate('sum', increase(chosen('simulation_failures_total'), '$__range')), 'failed')],
  },
]; // prettier-ignore

const growth: readonly Panel[] = [
  {
    kind: 'lines', title: 'Days passing', unit: 'd', width: 12,
    description: 'The simulated day. Flat is paused, a fall to 0 is a reset.',
    targets: [show(day, perInstance)],
  },
  {
    kind: 'lines', title: 'Reserved and stranded', unit: 'bytes', width: 12,
    description: 'The slow growth: what chunks reserve, how much of it is stranded, and the limit that ends it.',
    targets: [
      show(aggregate('sum', chosen('direct_memory_limit_bytes')), 'limit'),
      show(aggregate('sum', chosen('direct_memory_reserved_bytes')), 'reserved'),
      show(raw(`sum(sum by (job, instance) (${chosen('netty_allocator_arena_stranded_chunks').promql}) * max by (job, instance) (${chosen('netty_allocator_pooled_chunk_size_bytes').promql}))`), 'stranded'),
    ],
  },
  {
    kind: 'lines', title: 'What grows, per simulated day', unit: 'bytes', width: 12, isSigned: true,
    description: 'Slope over the chosen time range, by who holds the bytes, over all chosen instances.',
    targets: [show(retainedPerDay(), '{{cause}}')],
  },
  {
    kind: 'lines', title: 'Simulated requests', unit: 'reqps', width: 12,
    description: 'By outcome, per second of the clock on the wall: completed, failed for want of memory, refused by back-pressure.',
    targets: [show(sumBy(rate(chosen('simulation_requests_total')), 'outcome'), '{{outcome}}')],
  },
  {
    kind: 'steps', title: 'Failures, by cause', unit: 'ops', width: 12,
    description: 'huge: an allocation above the chunk size; chunk: a new chunk was wanted. The story tells of 95 % huge.',
    targets: [show(sumBy(rate(chosen('simulation_failures_total')), 'cause'), '{{cause}}')],
  },
  {
    kind: 'lines', title: 'Speed over time', unit: 'short', width: 12,
    description: 'Simulated seconds in a second, as reached.',
    targets: [show(chosen('simulation_speed_ratio'), perInstance)],
  },
]; // prettier-ignore

function retainedPerDay(): Query<'cause'> {
  const slope = sumBy(derivative(chosen('netty_allocator_arena_retained_bytes'), '$__range'), 'cause').promql;
  return raw(`${slope} / on () group_left () (${aggregate('max', derivative(day, '$__range')).promql} > 0)`);
}

/** The service's clock runs 8640 times as fast as that of the year above: whatever range is chosen, the last minutes are shown. */
const live = (panel: Panel): Panel => ({ ...panel, last: '15m' });

const WELCOME = `A simulated service under mixed traffic and a slow peer, over hundreds of days that end now: memory grows slowly until a request finds none.
Below that, the same traffic under other settings; at the bottom the service that runs now, whose days take ten seconds each. More of it:
[Direct memory](/d/arenascope-direct-memory), [Arenas and chunks](/d/arenascope-arenas), [Buffer pools](/d/arenascope-buffer-pools),
[Service and feed](/d/arenascope-service). Of Netty services of your own: [Micrometer's series](/d/arenascope-netty-fleet).`;

/** Grafana's home in the demo. */
export const SIMULATED_DAYS: Board = {
  uid: 'arenascope-simulated-days',
  title: 'Simulated days',
  description:
    'Hundreds of days of slow growth up to the failure, what other settings make of them, and the simulated days of the running service.',
  span: 'year',
  from: 'now-400d',
  refresh: '30s',
  variables: targetVariables('simulation_speed_ratio', DEMO_JOB),
  annotations: [outOfMemory(theYear, SAMPLE_SECONDS)],
  welcome: WELCOME,
  rows: [
    row('The year', ...YEAR_PANELS),
    row('Settings compared: the same traffic, who survives', ...COMPARISON_PANELS),
    row('Live: the running service, its last 15 minutes', ...[...now, ...growth].map(live)),
  ],
};
