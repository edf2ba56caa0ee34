// A row of the metrics table: everything that is known of one metric, and how its samples are read from one scrape's input.
// Labels are declared with the values they can take, so that a closed set is a fact that types and tests can hold.
import type { HistogramSample } from './histogram.ts';
import type { MetricsInput } from './input.ts';

export type MetricType = 'gauge' | 'counter' | 'histogram';
export type Unit = 'bytes' | 'seconds' | 'ratio' | 'none';
/** Values of a label: one of a list, or a small whole number (of an arena, of an event loop). */
export type Domain = readonly string[] | 'index';
export type Labels = Readonly<Record<string, Domain>>;
export type ValueIn<D extends Domain> = D extends readonly (infer V)[] ? V : number;
export type LabelValues<L extends Labels> = { readonly [Name in keyof L]: ValueIn<L[Name]> };
export type SampleValue<T extends MetricType> = T extends 'histogram' ? HistogramSample : number;
export type Emit<T extends MetricType, L extends Labels> = (labels: LabelValues<L>, value: SampleValue<T>) => void;

export interface Row<N extends string = string, T extends MetricType = MetricType, L extends Labels = Labels> {
  readonly name: N;
  readonly type: T;
  readonly help: string; // one sentence or two; the text of HELP and of docs/metrics.md
  readonly unit: Unit;
  readonly labels: L;
  /** `stable`: neither renamed nor relabelled within a major version. */
  readonly stability: 'stable' | 'experimental';
  /** Each label combination once; every value of a closed set, zeros included. */
  collect(input: MetricsInput, emit: Emit<T, L>): void;
}

/** A row whose name, type and labels are kept as literal types. */
export function row<const N extends string, const T extends MetricType, const L extends Labels>(entry: Row<N, T, L>): Row<N, T, L> {
  return entry;
}
