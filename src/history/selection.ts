// What a history has of the metrics table: which rows, and which labels are summed away. Hourly samples of 400 days are 9,600 a series;
// with every row and label of 21 arenas and 32 event loops that would be 15 million.
import { type MetricName, METRICS, type Row } from '../metrics/index.ts';

export interface Detail {
  readonly has: (row: Row) => boolean;
  /** Labels whose values become one series: a sum, or the highest for a row of HIGHEST. */
  readonly folded: (row: Row) => ReadonlySet<string>;
}

/** Told by other rows, or of no use in an hour's grain. */
const LEFT_OUT = new Set<string>([
  'netty_allocator_arena_used_bytes', // chunk bytes less free
  'netty_allocator_arena_huge_bytes', // direct_memory_huge_bytes by arena
  'netty_allocator_arena_thread_caches', // never changes
  'netty_allocator_arena_allocations_total',
  'netty_allocator_arena_deallocations_total',
  'simulation_speed_ratio', // of the clock on the wall
] satisfies MetricName[]);

/** What the rules read, and the day. */
const READ_BY_RULES = new Set<string>([
  'direct_memory_limit_bytes',
  'direct_memory_headroom_bytes',
  'direct_memory_exhausted_total',
  'netty_allocator_pooled_chunk_size_bytes',
  'netty_allocator_arena_chunk_bytes',
  'netty_allocator_arena_retained_bytes',
  'netty_allocator_arena_stranded_chunks',
  'netty_allocator_arena_largest_free_run_bytes',
  'pipeline_message_size_bytes',
  'pipeline_back_pressure_active',
  'simulation_days',
] satisfies MetricName[]);

const HIGHEST = new Set<string>(['netty_allocator_arena_largest_free_run_bytes'] satisfies MetricName[]);
const MESSAGE_SIZES: MetricName = 'pipeline_message_size_bytes';
/** Its lists are those of `netty_allocator_arena_chunks`, times the size of a chunk. */
const CHUNK_BYTES: MetricName = 'netty_allocator_arena_chunk_bytes';

const isOfPool = ({ name }: Row) => !/^(http|feed)_/.test(name) && !LEFT_OUT.has(name);
const isOfArenas = ({ labels }: Row) => 'arena' in labels || 'event_loop' in labels;
const foldedLoops: ReadonlySet<string> = new Set(['event_loop']);
const foldedLoopsAndLists: ReadonlySet<string> = new Set(['event_loop', 'list']);
const foldedArenas: ReadonlySet<string> = new Set(['event_loop', 'arena', 'list']);

export const DETAILS = {
  /** The run that dashboards show: by arena. */
  arenas: {
    has: (row) => isOfPool(row) && (row.type !== 'histogram' || row.name === MESSAGE_SIZES),
    folded: ({ name }) => (name === CHUNK_BYTES ? foldedLoopsAndLists : foldedLoops),
  },
  /** A run to compare with: the account of direct memory and the days. */
  account: { has: (row) => isOfPool(row) && row.type !== 'histogram' && !isOfArenas(row), folded: () => foldedArenas },
  /** What alert rules need, and they sum arenas themselves. */
  rules: { has: ({ name }) => READ_BY_RULES.has(name), folded: () => foldedArenas },
} as const satisfies Readonly<Record<string, Detail>>;
export type DetailName = keyof typeof DETAILS;

export function rowsOf(detail: DetailName): readonly Row[] {
  return METRICS.filter((row) => DETAILS[detail].has(row));
}

/** Two samples of one series, which differed in a folded label. */
export function foldValues({ name }: Row, one: number, other: number): number {
  return HIGHEST.has(name) ? Math.max(one, other) : one + other;
}
