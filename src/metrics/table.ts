// The table: every metric of ours, and the types that hold others to it. A name or a label that is not here does not compile.
import { ARENA_ROWS } from './arena-rows.ts';
import { DIRECT_MEMORY_ROWS } from './direct-memory-rows.ts';
import { FEED_ROWS } from './feed-rows.ts';
import { HTTP_ROWS } from './http-rows.ts';
import { PIPELINE_ROWS } from './pipeline-rows.ts';
import type { ProcessHistogram, ProcessMetrics } from './process-metrics.ts';
import type { Row, ValueIn } from './row.ts';
import { SIMULATION_ROWS } from './simulation-rows.ts';
import { THREAD_CACHE_ROWS } from './thread-cache-rows.ts';

export const METRICS = [
  ...DIRECT_MEMORY_ROWS,
  ...ARENA_ROWS,
  ...THREAD_CACHE_ROWS,
  ...PIPELINE_ROWS,
  ...HTTP_ROWS,
  ...SIMULATION_ROWS,
  ...FEED_ROWS,
] as const satisfies readonly Row[];

type OwnRow = (typeof METRICS)[number];
type RowOf<N extends string> = Extract<OwnRow, { name: N }>;
type OwnName = OwnRow['name'];
type HistogramName = Extract<OwnRow, { type: 'histogram' }>['name'] | ProcessHistogram;

/** Names of metrics, as in HELP and TYPE; those of the process included. */
export type MetricName = OwnName | keyof ProcessMetrics;
/** Names that a query can use: a histogram's three, the metric's own otherwise. */
export type SeriesName = Exclude<MetricName, HistogramName> | `${HistogramName}_${'bucket' | 'sum' | 'count'}`;

type MetricLabels<N extends string> = N extends OwnName
  ? keyof RowOf<N>['labels'] & string
  : N extends keyof ProcessMetrics
    ? ProcessMetrics[N][number]
    : never;
/** Labels of a metric or a series. */
export type LabelsOf<N extends MetricName | SeriesName> = N extends MetricName
  ? MetricLabels<N>
  : N extends `${infer H}_bucket`
    ? MetricLabels<H> | 'le'
    : N extends `${infer H}_${'sum' | 'count'}`
      ? MetricLabels<H>
      : never;

/** Values that a label of one of our metrics can have. */
export type ValuesOf<N extends OwnName, L extends keyof RowOf<N>['labels']> = RowOf<N>['labels'][L] extends infer D extends
  readonly string[] | 'index'
  ? ValueIn<D>
  : never;
