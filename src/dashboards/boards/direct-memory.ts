// Is it all right? Headroom, where it leads, who reserves, what failed.
import { type Board, type Panel, row } from '../board.ts';
import { aggregate, aggregateBy, increase, operate, predictLinear, quantile, rate, raw, show, sumBy } from '../promql.ts';
import { ANNOTATIONS, chosen, DEMO_JOB, targetVariables } from '../scope.ts';

const limit = chosen('direct_memory_limit_bytes');
const reserved = chosen('direct_memory_reserved_bytes');
const headroom = chosen('direct_memory_headroom_bytes');
const huge = chosen('direct_memory_huge_bytes');
const exhausted = chosen('direct_memory_exhausted_total');
const chunkBytes = chosen('netty_allocator_arena_chunk_bytes');
const perInstance = '{{job}} {{instance}}';

const MUCH_IS_BAD = ['green', [0.7, 'orange'], [0.9, 'red']] as const;
const LITTLE_IS_BAD = ['red', [0.1, 'orange'], [0.3, 'green']] as const;
const ANY_IS_BAD = ['green', [1, 'red']] as const;

const answers: readonly Panel[] = [
  {
    kind: 'stat', title: 'Headroom', unit: 'percentunit', width: 4, decimals: 1, thresholds: LITTLE_IS_BAD,
    description: 'Share of the limit that is not reserved, of the instance that has least. A new chunk or a huge allocation above it fails.',
    targets: [show(aggregate('min', operate(headroom, '/', limit)), 'least')],
  },
  {
    kind: 'stat', title: 'Headroom, bytes', unit: 'bytes', width: 4,
    description: 'Bytes that chunks and huge allocations may still reserve, of the instance that has least.',
    targets: [show(aggregate('min', headroom), 'least')],
  },
  {
    kind: 'stat', title: 'Chunks that still fit', unit: 'none', width: 4, decimals: 0, thresholds: ['red', [1, 'orange'], [4, 'green']],
    description: 'Headroom in chunks, rounded down, of the instance that has least. At 0 the next chunk fails.',
    targets: [show(aggregate('min', raw(`floor(sum by (job, instance) (${headroom.promql}) / max by (job, instance) (${chosen('netty_allocator_pooled_chunk_size_bytes').promql}))`)), 'least')],
  },
  {
    kind: 'stat', title: 'Reserved', unit: 'percentunit', width: 4, decimals: 1, thresholds: MUCH_IS_BAD,
    description: 'Share of the limit that chunks and huge allocations hold, of the instance that holds most.',
    targets: [show(aggregate('max', operate(reserved, '/', limit)), 'most')],
  },
  {
    kind: 'stat', title: 'Refused in this range', unit: 'none', width: 4, decimals: 0, thresholds: ANY_IS_BAD,
    description: 'Reservations that exceeded the limit within the chosen time range, over all instances.',
    targets: [show(aggregate('sum', increase(exhausted, '$__range')), 'refused')],
  },
  {
    kind: 'stat', title: 'Alerts firing', unit: 'none', width: 4, decimals: 0, thresholds: ANY_IS_BAD,
    description: 'Alerts of the chosen instances that fire now.',
    targets: [show(raw(`count(${chosen('ALERTS', { alertstate: 'firing' }).promql}) or vector(0)`), 'firing')],
  },
]; // prettier-ignore

const headroomPanels: readonly Panel[] = [
  {
    kind: 'steps', title: 'Headroom over time', unit: 'bytes', width: 12,
    description: 'Limit less reserved. A staircase that only falls is the slow growth that ends in out of memory; the troughs are huge allocations.',
    targets: [show(headroom, perInstance)],
  },
  {
    kind: 'lines', title: 'Headroom, and where it leads', unit: 'bytes', width: 12,
    description: 'The straight line through the chosen time range, as far ahead as the range is long: 0 means exhausted before that.',
    targets: [
      show(headroom, `${perInstance} now`),
      show(raw<'job' | 'instance'>(`clamp_min(${predictLinear(headroom, '$__range', '$__range_s').promql}, 0)`), `${perInstance} one range ahead`),
    ],
  },
]; // prettier-ignore

const reservedPanels: readonly Panel[] = [
  {
    kind: 'stacked', title: 'Reserved, by arena and huge', unit: 'bytes', width: 12,
    description: 'Chunks of each arena, and huge allocations, over all chosen instances. Chunks stay when the messages are gone; huge allocations do not.',
    targets: [show(sumBy(chunkBytes, 'arena'), 'arena {{arena}}'), show(aggregate('sum', huge), 'huge')],
  },
  {
    kind: 'stacked', title: 'Reserved, by chunk list', unit: 'bytes', width: 12,
    description: 'Bytes reserved by chunks, by the list they are in. What sits in q075 or q100 while nothing is live is stranded.',
    targets: [show(sumBy(chunkBytes, 'list'), '{{list}}')],
  },
  {
    kind: 'lines', title: 'Reserved against live', unit: 'bytes', width: 12,
    description: 'What is reserved, what live buffers really need, and the limit. The gap between the first two is retained for nothing.',
    targets: [
      show(aggregate('sum', limit), 'limit'),
      show(aggregate('sum', reserved), 'reserved'),
      show(aggregate('sum', chosen('netty_allocator_memory_pinned_bytes')), 'live'),
    ],
  },
  {
    kind: 'lines', title: 'Message sizes', unit: 'bytes', width: 12,
    description: 'Median, 99th percentile and largest message of the last interval, as the upper bound of its bucket. A message above the chunk size needs that much headroom in one piece.',
    targets: [
      show(quantile(0.5, rate(chosen('pipeline_message_size_bytes_bucket'))), 'median'),
      show(quantile(0.99, rate(chosen('pipeline_message_size_bytes_bucket'))), '99 %'),
      show(quantile(1, rate(chosen('pipeline_message_size_bytes_bucket'))), 'largest'),
    ],
  },
]; // prettier-ignore

const failurePanels: readonly Panel[] = [
  {
    kind: 'steps', title: 'Reservations refused, by cause', unit: 'ops', width: 12,
    description: 'huge: an allocation above the chunk size; chunk: an arena wanted a new chunk. Each is a request that failed.',
    targets: [show(sumBy(rate(exhausted), 'cause'), '{{cause}}')],
  },
  {
    kind: 'steps', title: 'Requests that ran out of memory', unit: 'ops', width: 12,
    description: 'Requests that met the limit while they were received, and answers with status 503.',
    targets: [
      show(aggregate('sum', rate(chosen('pipeline_failures_total'))), 'in the pipeline'),
      show(raw(`${aggregate('sum', rate(chosen('http_requests_total', { code: '503' }))).promql} or vector(0)`), '503 over HTTP'),
    ],
  },
  {
    kind: 'steps', title: 'Held by peers, and back-pressure', unit: 'none', width: 12,
    description: 'Messages that slow peers keep, and whether sockets are left unread because headroom is low.',
    targets: [
      show(aggregateBy('sum', chosen('pipeline_held_messages'), 'job', 'instance'), `${perInstance} messages held`),
      show(aggregateBy('max', chosen('pipeline_back_pressure_active'), 'job', 'instance'), `${perInstance} back-pressure`),
    ],
  },
]; // prettier-ignore

export const DIRECT_MEMORY: Board = {
  uid: 'arenascope-direct-memory',
  title: 'Direct memory',
  description: 'Is there enough direct memory, and for how long? From the answer to what holds it.',
  span: 'live',
  from: 'now-15m',
  refresh: '5s',
  variables: targetVariables('direct_memory_headroom_bytes', DEMO_JOB),
  annotations: ANNOTATIONS,
  rows: [
    row('Is it all right?', ...answers),
    row('Headroom', ...headroomPanels),
    row('Who reserves', ...reservedPanels),
    row('What failed', ...failurePanels),
  ],
};
