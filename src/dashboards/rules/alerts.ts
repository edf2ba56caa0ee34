// The alerts, in one table. Times are in days (clock.ts); headroom alerts follow KubePersistentVolumeFillingUp: a warning when it is low
// or a line through its past reaches zero, critical when it is nearly gone. docs/runbooks/ has a page for each; a test compares.
import { aggregateWithout, increase, operate, overTime, predictLinear, type Query, raw } from '../promql.ts';
import { aheadOf, type Clock, rangeOf } from './clock.ts';
import {
  CHUNK_BYTES, chunkSize, every, HEADROOM_CHUNKS, HEADROOM_RATIO_OF_DAY, LARGEST_MESSAGE, LEAST_HEADROOM_OF_DAY, LIVE_CHUNK_BYTES, STRANDED_BYTES,
} from './recordings.ts'; // prettier-ignore

export interface Alert {
  readonly severity: 'critical' | 'warning' | 'info';
  readonly holdDays: number; // how long it must be so
  readonly query: (clock: Clock) => Query;
  readonly summary: string; // one sentence
  readonly description: string; // with the numbers
}

const HOUR = 1 / 24;
const MINUTE = HOUR / 60;
const WHO = '{{ $labels.instance }} ({{ $labels.job }})';
const SHARE = '{{ $value | humanizePercentage }}';
const BYTES = '{{ $value | humanize1024 }}B';

const limit = every('direct_memory_limit_bytes');
const largestRun = aggregateWithout('max', every('netty_allocator_arena_largest_free_run_bytes'), 'arena');

export const LOW_HEADROOM_RATIO = 0.3;
export const NO_HEADROOM_RATIO = 0.1;
const PREDICTION = { pastDays: 14, aheadDays: 30, fromShare: 0.5 } as const;
const STRANDED_SHARE = 0.1;
const ROOMS_OF_MESSAGE = 2;
const RETAINED = { timesLive: 8, fromShare: 0.3 } as const;

export const ALERTS = {
  DirectMemoryHeadroomLow: {
    severity: 'warning',
    holdDays: 6 * HOUR,
    query: () => operate(HEADROOM_RATIO_OF_DAY.series, '<', LOW_HEADROOM_RATIO),
    summary: 'Direct memory has little headroom left.',
    description: `${WHO} had ${SHARE} of its direct-memory limit free on average of the last day (less than ${LOW_HEADROOM_RATIO * 100}%).`,
  },
  DirectMemoryHeadroomGone: {
    severity: 'critical',
    holdDays: HOUR,
    query: () => operate(HEADROOM_RATIO_OF_DAY.series, '<', NO_HEADROOM_RATIO),
    summary: 'Direct memory has almost no headroom left.',
    description: `${WHO} had ${SHARE} of its direct-memory limit free on average of the last day (less than ${NO_HEADROOM_RATIO * 100}%). Large messages fail.`,
  },
  DirectMemoryExhaustionPredicted: {
    severity: 'warning',
    holdDays: 0.5,
    query: (clock) =>
      operate(
        operate(predictLinear(CHUNK_BYTES.series, rangeOf(clock, PREDICTION.pastDays), aheadOf(clock, PREDICTION.aheadDays)), '>', limit),
        'and',
        operate(operate(CHUNK_BYTES.series, '/', limit), '>', PREDICTION.fromShare),
      ),
    summary: 'Chunks will exceed the direct-memory limit within a month.',
    description: `${WHO}: at the pace of the last ${PREDICTION.pastDays} days its chunks will want ${BYTES} in ${PREDICTION.aheadDays} days, which is more than the limit.`,
  },
  DirectMemoryNextChunkWillNotFit: {
    severity: 'critical',
    holdDays: 5 * MINUTE,
    query: () => operate(HEADROOM_CHUNKS.series, '<', 1),
    summary: 'The next chunk will not fit into direct memory.',
    description: `${WHO} has headroom for {{ $value }} more chunks: any arena that needs one fails its request.`,
  },
  DirectMemoryLargestMessageWillNotFit: {
    severity: 'critical',
    holdDays: 6 * HOUR,
    // Twice, since its parts and the copy that consolidation makes of them are there at once; and a chunk, since parts do not begin where a
    // chunk does. HeadroomGone alone leaves 6 of the 100 failures of docs/alert-quality.md without a critical alert; with just twice, one is left.
    query: () =>
      operate(
        operate(LARGEST_MESSAGE.series, '>', operate(operate(LEAST_HEADROOM_OF_DAY.series, '-', chunkSize), '/', ROOMS_OF_MESSAGE)),
        'and',
        operate(LARGEST_MESSAGE.series, '>', largestRun),
      ),
    summary: 'A message as large as a recent one may not fit into direct memory.',
    description: `${WHO} received messages of up to ${BYTES} in the last 30 days; at its lowest of the last day the headroom was less than twice that (its parts and their copy) and a chunk, and no free run is as long.`,
  },
  DirectMemoryExhausted: {
    severity: 'critical',
    holdDays: 0,
    query: (clock) => operate(increase(every('direct_memory_exhausted_total'), rangeOf(clock, HOUR)), '>', 0),
    summary: 'Direct memory ran out.',
    description: `${WHO}: {{ $value | humanize }} refused lately, cause {{ $labels.cause }}; each is a request that failed.`,
  },
  DirectMemoryChunksStranded: {
    severity: 'warning',
    holdDays: 1,
    query: () => operate(operate(STRANDED_BYTES.series, '/', limit), '>', STRANDED_SHARE),
    summary: 'Chunks are stranded: nothing will ever free them.',
    description: `${WHO} has ${SHARE} of its direct-memory limit in chunks below the minimum of their list (netty#5089; Netty 4.0.37 and 4.1.0.CR7 fix it).`,
  },
  DirectMemoryRetainedFarAboveLive: {
    severity: 'info',
    holdDays: 1,
    query: (clock) =>
      operate(
        operate(overTime('avg', CHUNK_BYTES.series, rangeOf(clock, 1)), '>', operate(overTime('avg', LIVE_CHUNK_BYTES.series, rangeOf(clock, 1)), '*', RETAINED.timesLive)),
        'and',
        operate(operate(CHUNK_BYTES.series, '/', limit), '>', RETAINED.fromShare),
      ),
    summary: 'Chunks hold far more memory than live buffers need.',
    description: `${WHO} keeps ${BYTES} in chunks on average of the last day, more than ${RETAINED.timesLive} times what live buffers needed.`,
  },
  DirectMemoryBackPressureStuck: {
    severity: 'warning',
    holdDays: 15 * MINUTE,
    query: (clock) => operate(overTime('min', every('pipeline_back_pressure_active'), rangeOf(clock, 15 * MINUTE)), '==', 1),
    summary: 'Back-pressure has not let go.',
    description: `${WHO} has left its sockets unread for 15 minutes because headroom is low: clients wait.`,
  },
  DirectMemoryFeedClientsDropped: {
    severity: 'warning',
    holdDays: 0,
    query: (clock) => operate(increase(every('feed_ended_total', { reason: 'too_slow' }), rangeOf(clock, HOUR)), '>', 0),
    summary: 'The event feed dropped clients that were too slow.',
    description: `${WHO}: {{ $value | humanize }} clients dropped lately, since they did not take their events; they can resume by sequence number.`,
  },
  DirectMemoryTargetDown: {
    severity: 'critical',
    holdDays: 2 * MINUTE,
    // Whatever told its limit within the last day is one of ours, under whichever job. A real day on both clocks: downtime is not simulated.
    query: () => raw(`${every('up').promql} == 0 and on (job, instance) ${overTime('last', limit, '1d').promql}`),
    summary: 'A service that told its direct memory cannot be scraped.',
    description: `${WHO} does not answer Prometheus: its direct memory is not watched.`,
  },
} as const satisfies Readonly<Record<string, Alert>>; // prettier-ignore

export type AlertName = keyof typeof ALERTS;
