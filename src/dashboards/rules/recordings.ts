// Recording rules: what several alerts rest on, named level:metric:operation. Sums keep every label that they do not know.
import { aggregateWithout, increase, operate, overTime, type Query, raw, type Selector, selectWithin } from '../promql.ts';
import { type Clock, rangeOf } from './clock.ts';

export const every = selectWithin({});

type Target = 'job' | 'instance';
export interface Recording {
  readonly record: string;
  readonly query: (clock: Clock) => Query<Target>;
  readonly series: Selector<Target>; // the recorded series, as other rules read it
}

function recording(record: string, query: (clock: Clock) => Query<Target>): Recording {
  return { record, query, series: { isSelector: true, promql: record } };
}

const headroom = every('direct_memory_headroom_bytes');
export const chunkSize = aggregateWithout('max', every('netty_allocator_pooled_chunk_size_bytes'), 'id', 'allocator_type');

/** Share of the limit that is not reserved. */
export const HEADROOM_RATIO = recording('instance:direct_memory_headroom:ratio', () =>
  operate(headroom, '/', every('direct_memory_limit_bytes')),
);
/** The same over a day: huge allocations come and go, chunks stay. */
export const HEADROOM_RATIO_OF_DAY = recording('instance:direct_memory_headroom_ratio:avg1d', (clock) =>
  overTime('avg', HEADROOM_RATIO.series, rangeOf(clock, 1)),
);
export const LEAST_HEADROOM_OF_DAY = recording('instance:direct_memory_headroom_bytes:min1d', (clock) =>
  overTime('min', headroom, rangeOf(clock, 1)),
);
/** Chunks that still fit. */
export const HEADROOM_CHUNKS = recording('instance:direct_memory_headroom_chunks:floor', () =>
  raw(`floor(${operate(headroom, '/', chunkSize).promql})`),
);
export const CHUNK_BYTES = recording('instance:netty_allocator_chunk_bytes:sum', () =>
  aggregateWithout('sum', every('netty_allocator_arena_chunk_bytes'), 'arena', 'list'),
);
/** Bytes of chunks that live buffers need. */
export const LIVE_CHUNK_BYTES = recording('instance:netty_allocator_live_chunk_bytes:sum', () =>
  aggregateWithout('sum', every('netty_allocator_arena_retained_bytes', { cause: 'live' }), 'arena', 'cause'),
);
export const STRANDED_BYTES = recording('instance:netty_allocator_stranded_bytes:sum', () =>
  operate(aggregateWithout('sum', every('netty_allocator_arena_stranded_chunks'), 'arena'), '*', chunkSize),
);
/** The largest message of 30 days, as the upper bound of its bucket (a power of two). */
export const LARGEST_MESSAGE = recording('instance:pipeline_message_size_bytes:max30d', (clock) =>
  raw(`histogram_quantile(1, ${increase(every('pipeline_message_size_bytes_bucket'), rangeOf(clock, 30)).promql}) > 0`),
);

/** In the order of evaluation: one that reads another comes after it. */
export const RECORDINGS: readonly Recording[] = [
  HEADROOM_RATIO, HEADROOM_RATIO_OF_DAY, LEAST_HEADROOM_OF_DAY, HEADROOM_CHUNKS, CHUNK_BYTES, LIVE_CHUNK_BYTES, STRANDED_BYTES, LARGEST_MESSAGE,
]; // prettier-ignore
