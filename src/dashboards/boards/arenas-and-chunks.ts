// Why the memory does not come back: chunks by list and by usage, who holds their bytes, caches, rates.
import { METRICS } from '../../metrics/index.ts';
import { type Board, type Panel, row } from '../board.ts';
import { aggregate, aggregateBy, operate, quantile, rate, raw, show, sumBy } from '../promql.ts';
import { ANNOTATIONS, ARENA_VARIABLE, chosen, DEMO_JOB, targetVariables } from '../scope.ts';

const ARENA = { arena: '$arena' } as const;
const chunks = chosen('netty_allocator_arena_chunks', ARENA);
const retained = chosen('netty_allocator_arena_retained_bytes', ARENA);
const stranded = chosen('netty_allocator_arena_stranded_chunks', ARENA);

/** The usage bands, lowest first: a target for each keeps them in order on the axis, where names would be sorted as text. */
const BANDS = METRICS.find((metric) => metric.name === 'netty_allocator_arena_chunks_by_usage')!.labels.band;

const chunkPanels: readonly Panel[] = [
  {
    kind: 'stacked', title: 'Chunks by list', unit: 'none', width: 12,
    description: 'Chunks in each list. qInit is where a chunk is born and never destroyed; a chunk leaves the allocator only from q000.',
    targets: [show(sumBy(chunks, 'list'), '{{list}}')],
  },
  {
    kind: 'stacked', title: 'Chunks by arena', unit: 'none', width: 12,
    description: 'Chunks of each arena. Beyond three an arena holds more than Netty planned for when it chose the number of arenas.',
    targets: [show(sumBy(chunks, 'arena'), 'arena {{arena}}')],
  },
  {
    kind: 'heatmap', title: 'Usage of chunks', unit: 'none', width: 24,
    description: 'How many chunks are how full, in per cent. A dark row at 1–10 that stays is memory pinned by a few kilobytes each; one at 0 is stranded.',
    targets: BANDS.map((band) => show(aggregate('sum', chosen('netty_allocator_arena_chunks_by_usage', { ...ARENA, band })), band)),
  },
  {
    kind: 'steps', title: 'Stranded chunks', unit: 'none', width: 12,
    description: "Chunks below their list's minimum usage, or empty in qInit: nothing may ever free them (netty#5089, fixed in 4.0.37 and 4.1.0.CR7).",
    targets: [show(sumBy(stranded, 'arena'), 'arena {{arena}}')],
  },
  {
    kind: 'lines', title: 'Chunks created and destroyed', unit: 'ops', width: 12,
    description: 'In balance the pool breathes; where only creation is seen it grows.',
    targets: [
      show(aggregate('sum', rate(chosen('netty_allocator_arena_chunks_created_total', ARENA))), 'created'),
      show(aggregate('sum', rate(chosen('netty_allocator_arena_chunks_destroyed_total', ARENA))), 'destroyed'),
    ],
  },
]; // prettier-ignore

const retentionPanels: readonly Panel[] = [
  {
    kind: 'stacked', title: 'Bytes of chunks, by who holds them', unit: 'bytes', width: 12,
    description: 'live buffers, thread caches, pages kept by subpages, and free. Free bytes are reserved all the same: only a wholly empty chunk can go back.',
    targets: [show(sumBy(retained, 'cause'), '{{cause}}')],
  },
  {
    kind: 'lines', title: 'Retained for each live byte', unit: 'short', width: 12, decimals: 1,
    description: 'Bytes of chunks over live bytes (at least 1 MiB, so that an idle service does not divide by nothing). Around 2 is healthy, 20 is not.',
    targets: [show(raw<'job' | 'instance'>(`sum by (job, instance) (${retained.promql}) / clamp_min(sum by (job, instance) (${chosen('netty_allocator_arena_retained_bytes', { ...ARENA, cause: 'live' }).promql}), 1048576)`), '{{job}} {{instance}}')],
  },
  {
    kind: 'steps', title: 'Largest free run', unit: 'bytes', width: 12,
    description: 'The longest free run in any chunk of the arena. A larger request that is not huge needs a new chunk, however much is free in sum.',
    targets: [show(aggregateBy('max', chosen('netty_allocator_arena_largest_free_run_bytes', ARENA), 'arena'), 'arena {{arena}}')],
  },
  {
    kind: 'lines', title: 'Free inside chunks', unit: 'percentunit', width: 12, max: 1,
    description: 'Share of the chunks that is free. Near 1 while chunks pile up is fragmentation by lifetime: a few small buffers hold each chunk.',
    targets: [show(operate(sumBy(chosen('netty_allocator_arena_free_bytes', ARENA), 'arena'), '/', raw<'arena'>(`(sum by (arena) (${chosen('netty_allocator_arena_chunk_bytes', ARENA).promql}) > 0)`)), 'arena {{arena}}')],
  },
]; // prettier-ignore

const cachePanels: readonly Panel[] = [
  {
    kind: 'stacked', title: 'Thread caches', unit: 'bytes', width: 12,
    description: "Bytes kept in event loops' thread caches, by kind of size class. Each entry pins the chunk it lies in.",
    targets: [show(sumBy(chosen('netty_allocator_thread_cache_bytes'), 'size_class'), '{{size_class}}')],
  },
  {
    kind: 'lines', title: 'Cache hits', unit: 'percentunit', width: 12, max: 1,
    description: 'Share of the asks that thread caches answered. Low with many misses: the caches cost memory and give little.',
    targets: [show(hitShare(), 'hits')],
  },
  {
    kind: 'lines', title: 'Trims', unit: 'ops', width: 12,
    description: 'Trims of thread caches: each 8192nd ask of one, and on demand. An event loop that is rarely asked keeps what it has.',
    targets: [show(aggregate('sum', rate(chosen('netty_allocator_thread_cache_trims_total'))), 'trims')],
  },
  {
    kind: 'steps', title: 'Entries cached, by event loop', unit: 'none', width: 12,
    description: 'Regions in the thread cache of each event loop. One far above the others serves the large messages.',
    targets: [show(sumBy(chosen('netty_allocator_thread_cache_entries'), 'event_loop'), 'loop {{event_loop}}')],
  },
]; // prettier-ignore

function hitShare() {
  const hits = aggregate('sum', rate(chosen('netty_allocator_thread_cache_hits_total'))).promql;
  const misses = aggregate('sum', rate(chosen('netty_allocator_thread_cache_misses_total'))).promql;
  return raw(`${hits} / (${hits} + ${misses} > 0)`);
}

const ratePanels: readonly Panel[] = [
  {
    kind: 'lines', title: 'Allocations that reached an arena', unit: 'ops', width: 12,
    description: 'By size class, cache hits left out. huge ones are unpooled: each needs its size in headroom.',
    targets: [show(sumBy(rate(chosen('netty_allocator_arena_allocations_total', ARENA)), 'size_class'), '{{size_class}}')],
  },
  {
    kind: 'lines', title: 'Regions given back', unit: 'ops', width: 12,
    description: 'By size class; what a thread cache kept is not in it.',
    targets: [show(sumBy(rate(chosen('netty_allocator_arena_deallocations_total', ARENA)), 'size_class'), '{{size_class}}')],
  },
  {
    kind: 'lines', title: 'Consolidations', unit: 'Bps', width: 12,
    description: 'Bytes copied because a message of more than 1024 parts was put into one buffer. The old parts and the new buffer are held at once.',
    targets: [show(aggregate('sum', rate(chosen('pipeline_copied_bytes_total'))), 'copied')],
  },
  {
    kind: 'lines', title: 'Requested sizes', unit: 'bytes', width: 12,
    description: 'Median and 99th percentile of what was asked for, as the upper bound of its bucket.',
    targets: [
      show(quantile(0.5, rate(chosen('netty_allocator_requested_size_bytes_bucket'))), 'median'),
      show(quantile(0.99, rate(chosen('netty_allocator_requested_size_bytes_bucket'))), '99 %'),
    ],
  },
]; // prettier-ignore

export const ARENAS_AND_CHUNKS: Board = {
  uid: 'arenascope-arenas',
  title: 'Arenas and chunks',
  description: 'Why reserved memory does not come back: chunks by list and usage, who holds their bytes, thread caches, rates.',
  span: 'live',
  from: 'now-15m',
  refresh: '5s',
  variables: [...targetVariables('netty_allocator_arena_chunks', DEMO_JOB), ARENA_VARIABLE],
  annotations: ANNOTATIONS,
  rows: [
    row('Chunks', ...chunkPanels),
    row('Who holds them', ...retentionPanels),
    row('Thread caches', ...cachePanels),
    row('Rates', ...ratePanels),
  ],
};
