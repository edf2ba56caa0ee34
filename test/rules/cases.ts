// For each alert a life that must fire it and one, as near as can be, that must not. Days and bytes; the same for both clocks.
import type { AlertName } from '../../src/dashboards/index.ts';

export const GIB = 2 ** 30;
export const CHUNK = 2 ** 24;

/** From one value to another in a straight line, through the given days; the next piece goes on from there. */
export type Piece = readonly [days: number, from: number, to: number];

export interface Case {
  readonly series: Readonly<Record<string, readonly Piece[]>>; // without job and instance
  readonly atDay: number;
  readonly says?: string; // the alert's description after instance and job, numbers and all
  readonly labels?: Readonly<Record<string, string>>; // of the alert, besides alertname, severity, job, instance
}

interface Pair {
  readonly fires: Case;
  readonly quiet: Case;
}

const LIMIT = { direct_memory_limit_bytes: [[60, 2 * GIB, 2 * GIB]] } as const;
const CHUNK_SIZE = { 'netty_allocator_pooled_chunk_size_bytes{id="a",allocator_type="b"}': [[60, CHUNK, CHUNK]] } as const;
const headroom = (...pieces: readonly Piece[]) => ({ direct_memory_headroom_bytes: pieces });
const chunks = (...pieces: readonly Piece[]) => ({ 'netty_allocator_arena_chunk_bytes{arena="0",list="q000"}': pieces });
const live = (bytes: number) => ({ 'netty_allocator_arena_retained_bytes{arena="0",cause="live"}': [[60, bytes, bytes]] as const });
const largestRun = (bytes: number) => ({ 'netty_allocator_arena_largest_free_run_bytes{arena="0"}': [[60, bytes, bytes]] as const });
/** Messages of up to 64 MiB arrive every day. */
const MESSAGES = {
  'pipeline_message_size_bytes_bucket{le="33554432"}': [[60, 0, 60_000]],
  'pipeline_message_size_bytes_bucket{le="67108864"}': [[60, 0, 60_060]],
  'pipeline_message_size_bytes_bucket{le="+Inf"}': [[60, 0, 60_060]],
} as const;

export const CASES: Readonly<Record<AlertName, Pair>> = {
  DirectMemoryHeadroomLow: {
    fires: { series: { ...LIMIT, ...headroom([3, 0.29 * 2 * GIB, 0.29 * 2 * GIB]) }, atDay: 2,
      says: ' had 29% of its direct-memory limit free on average of the last day (less than 30%).',
    },
    // a huge allocation takes all for an hour: the day's average hardly notices
    quiet: { series: { ...LIMIT, ...headroom([2, 0.34 * 2 * GIB, 0.34 * 2 * GIB], [0.05, 0, 0], [2, 0.34 * 2 * GIB, 0.34 * 2 * GIB]) }, atDay: 2.5 },
  },
  DirectMemoryHeadroomGone: {
    fires: { series: { ...LIMIT, ...headroom([3, 0.09 * 2 * GIB, 0.09 * 2 * GIB]) }, atDay: 2,
      says: ' had 9% of its direct-memory limit free on average of the last day (less than 10%). Large messages fail.',
    },
    quiet: { series: { ...LIMIT, ...headroom([3, 0.11 * 2 * GIB, 0.11 * 2 * GIB]) }, atDay: 2 },
  },
  DirectMemoryExhaustionPredicted: {
    fires: { series: { ...LIMIT, ...chunks([20, 0.7 * GIB, 1.4 * GIB]) }, atDay: 20,
      says: ': at the pace of the last 14 days its chunks will want 2.45GiB in 30 days, which is more than the limit.',
    },
    // as steep, but only a quarter of the limit is used: a young service fills its pool
    quiet: { series: { ...LIMIT, ...chunks([20, 0, 0.7 * GIB]) }, atDay: 15 },
  },
  DirectMemoryNextChunkWillNotFit: {
    fires: { series: { ...CHUNK_SIZE, ...headroom([3, CHUNK - 1, CHUNK - 1]) }, atDay: 2,
      says: ' has headroom for 0 more chunks: any arena that needs one fails its request.',
    },
    quiet: { series: { ...CHUNK_SIZE, ...headroom([3, CHUNK, CHUNK]) }, atDay: 2 },
  },
  DirectMemoryLargestMessageWillNotFit: {
    fires: { series: { ...MESSAGES, ...CHUNK_SIZE, ...headroom([60, 9 * CHUNK - 2, 9 * CHUNK - 2]), ...largestRun(CHUNK) }, atDay: 40,
      says: ' received messages of up to 64MiB in the last 30 days; at its lowest of the last day the headroom was less than twice that (its parts and their copy) and a chunk, and no free run is as long.',
    },
    quiet: { series: { ...MESSAGES, ...CHUNK_SIZE, ...headroom([60, 9 * CHUNK, 9 * CHUNK]), ...largestRun(CHUNK) }, atDay: 40 },
  },
  DirectMemoryExhausted: {
    fires: { series: { 'direct_memory_exhausted_total{cause="huge"}': [[2, 0, 0], [2, 1, 1]] }, atDay: 2.01, labels: { cause: 'huge' },
      says: ': 1 refused lately, cause huge; each is a request that failed.',
    },
    // it happened once, long ago
    quiet: { series: { 'direct_memory_exhausted_total{cause="huge"}': [[2, 0, 0], [10, 1, 1]] }, atDay: 9 },
  },
  DirectMemoryChunksStranded: {
    fires: { series: { ...LIMIT, ...CHUNK_SIZE, 'netty_allocator_arena_stranded_chunks{arena="0"}': [[5, 13, 13]] }, atDay: 3,
      says: ' has 10.16% of its direct-memory limit in chunks below the minimum of their list (netty#5089; Netty 4.0.37 and 4.1.0.CR7 fix it).',
    },
    quiet: { series: { ...LIMIT, ...CHUNK_SIZE, 'netty_allocator_arena_stranded_chunks{arena="0"}': [[5, 12, 12]] }, atDay: 3 },
  },
  DirectMemoryRetainedFarAboveLive: {
    fires: { series: { ...LIMIT, ...chunks([60, GIB, GIB]), ...live(GIB / 9) }, atDay: 4,
      says: ' keeps 1GiB in chunks on average of the last day, more than 8 times what live buffers needed.',
    },
    quiet: { series: { ...LIMIT, ...chunks([60, GIB, GIB]), ...live(GIB / 7) }, atDay: 4 },
  },
  DirectMemoryBackPressureStuck: {
    fires: { series: { pipeline_back_pressure_active: [[4, 1, 1]] }, atDay: 3,
      says: ' has left its sockets unread for 15 minutes because headroom is low: clients wait.',
    },
    quiet: { series: { pipeline_back_pressure_active: [[2.9, 1, 1], [0.1, 0, 0], [2, 1, 1]] }, atDay: 3.005 },
  },
  DirectMemoryFeedClientsDropped: {
    fires: { series: { 'feed_ended_total{reason="too_slow"}': [[2, 0, 0], [2, 1, 1]] }, atDay: 2.01, labels: { reason: 'too_slow' },
      says: ': 1 clients dropped lately, since they did not take their events; they can resume by sequence number.',
    },
    // clients that went by themselves
    quiet: { series: { 'feed_ended_total{reason="client"}': [[2, 0, 0], [2, 1, 1]] }, atDay: 2.01 },
  },
  DirectMemoryTargetDown: {
    fires: { series: { ...LIMIT, up: [[0.5, 1, 1], [2, 0, 0]] }, atDay: 1.2,
      says: ' does not answer Prometheus: its direct memory is not watched.',
    },
    // something else is down, which never told a limit
    quiet: { series: { up: [[0.5, 1, 1], [2, 0, 0]] }, atDay: 1.2 },
  },
}; // prettier-ignore
