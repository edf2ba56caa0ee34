// Direct memory for real Netty services: only what Micrometer exports, so that it works on a fleet that has never heard of us.
import { type Board, type Panel, row } from '../board.ts';
import { aggregate, aggregateBy, type ForeignName, type Matchers, predictLinear, raw, type SelectorOf, show } from '../promql.ts';
import { chosen, targetVariables } from '../scope.ts';
import { DIRECT_BYTES_USED } from './buffer-pools.ts';

/** With and without `_bytes`: the binder gives no base unit, collectors in between may, and our own service does. */
function inEitherUnit<N extends ForeignName>(name: N, matchers: Matchers<N>): SelectorOf<N> {
  const { promql } = chosen(name, matchers);
  return { isSelector: true, promql: promql.replace(`${name}{`, `{__name__=~"${name}(_bytes)?", `) };
}

const POOLED = { allocator_type: 'PooledByteBufAllocator', memory_type: 'direct' } as const;
const used = inEitherUnit('netty_allocator_memory_used', POOLED);
const pinned = inEitherUnit('netty_allocator_memory_pinned', POOLED);
const perInstance = '{{job}} {{instance}}';
const byInstance = ['job', 'instance'] as const;

/** Chunks over live bytes, of an instance: 1 MiB at least below the line, so that an idle service does not divide by nothing. */
const overhead = raw<'job' | 'instance'>(
  `${aggregateBy('sum', used, ...byInstance).promql} / clamp_min(${aggregateBy('sum', pinned, ...byInstance).promql}, 1048576)`,
);
const chunks = raw<'job' | 'instance'>(
  `${aggregateBy('sum', used, ...byInstance).promql} / max by (job, instance) (${inEitherUnit('netty_allocator_pooled_chunk_size', { allocator_type: 'PooledByteBufAllocator' }).promql} > 0)`,
);

const answers: readonly Panel[] = [
  {
    kind: 'stat', title: 'Pooled direct memory, most', unit: 'bytes', width: 6,
    description: 'Memory used by the pooled allocator of the instance that has most. Compare it with -XX:MaxDirectMemorySize (or io.netty.maxDirectMemory): Micrometer does not export the limit.',
    targets: [show(aggregate('max', aggregateBy('sum', used, ...byInstance)), 'most')],
  },
  {
    kind: 'stat', title: 'Reserved for each live byte, worst', unit: 'short', width: 6, decimals: 1, thresholds: ['green', [8, 'orange'], [20, 'red']],
    description: 'Pooled memory over pinned memory (live buffers, at least 1 MiB), of the worst instance. Around 2 is healthy; 20 and rising is the slow growth.',
    targets: [show(aggregate('max', overhead), 'worst')],
  },
  {
    kind: 'stat', title: 'Chunks in each arena, most', unit: 'short', width: 6, decimals: 1, thresholds: ['green', [3, 'orange'], [6, 'red']],
    description: 'Chunks over arenas, of the instance that has most. Netty plans for three in each arena at half of the limit: six is the end.',
    targets: [show(aggregate('max', raw(`${chunks.promql} / max by (job, instance) (${chosen('netty_allocator_pooled_arenas', POOLED).promql} > 0)`)), 'most')],
  },
  {
    kind: 'stat', title: 'Instances', unit: 'none', width: 6, decimals: 0,
    description: 'Instances that export the pooled direct allocator. Those without need NettyAllocatorMetrics(PooledByteBufAllocator.DEFAULT) bound to their registry.',
    targets: [show(raw(`count(${aggregateBy('sum', used, ...byInstance).promql})`), 'instances')],
  },
]; // prettier-ignore

const detail: readonly Panel[] = [
  {
    kind: 'steps', title: 'Pooled direct memory', unit: 'bytes', width: 12,
    description: 'Chunks of the pooled allocator. A staircase that only rises ends at the limit.',
    targets: [show(aggregateBy('sum', used, ...byInstance), perInstance)],
  },
  {
    kind: 'lines', title: 'Pinned by live buffers', unit: 'bytes', width: 12,
    description: 'What live buffers need. The rest of the pooled memory is retained for nothing.',
    targets: [show(aggregateBy('sum', pinned, ...byInstance), perInstance)],
  },
  {
    kind: 'lines', title: 'Pooled memory, and where it leads', unit: 'bytes', width: 12,
    description: 'The straight line through the chosen time range, as far ahead as the range is long.',
    targets: [
      show(aggregateBy('sum', used, ...byInstance), `${perInstance} now`),
      show(aggregateBy('sum', predictLinear(used, '$__range', '$__range_s'), ...byInstance), `${perInstance} one range ahead`),
    ],
  },
  {
    kind: 'lines', title: 'Reserved for each live byte', unit: 'short', width: 12, decimals: 1,
    description: 'Pooled over pinned memory.',
    targets: [show(overhead, perInstance)],
  },
  {
    kind: 'steps', title: 'Thread caches', unit: 'none', width: 12,
    description: 'Threads that have a cache. More than event loops: other threads allocate too, and each keeps regions that pin chunks.',
    targets: [show(aggregateBy('sum', chosen('netty_allocator_pooled_threadlocal_caches'), ...byInstance), perInstance)],
  },
  {
    kind: 'steps', title: "Direct buffers, as the JVM counts", unit: 'bytes', width: 12,
    description: "What the JVM accounts for as direct (of arenascope: what is reserved). Netty's no-cleaner memory (4.1.1 and later) is not in it, so it may be far below the pooled memory.",
    targets: [show(DIRECT_BYTES_USED, perInstance)],
  },
]; // prettier-ignore

export const NETTY_FLEET: Board = {
  uid: 'arenascope-netty-fleet',
  title: 'Direct memory of Netty services (Micrometer)',
  description: 'For real services: netty_allocator_* of Micrometer 1.11 and later, and jvm_buffer_*.',
  span: 'live',
  from: 'now-7d',
  refresh: '1m',
  variables: targetVariables('netty_allocator_pooled_arenas'),
  annotations: [],
  rows: [row('Is it all right?', ...answers), row('Detail', ...detail)],
};
