// PromQL, typed against the metrics table: a name or a label that is not there does not compile, nor does a legend that names a
// label which the query has aggregated away. Text goes out, nothing is parsed.
import type { LabelsOf, SeriesName } from '../metrics/index.ts';

/**
 * Series that others export, or Prometheus itself: Micrometer, and two more names for the same JVM pools (client_java, OpenTelemetry).
 * Micrometer's Netty binder gives its memory gauges no base unit, so its scrapes lack our ending `_bytes`.
 */
interface Foreign {
  up: never;
  ALERTS: 'alertname' | 'alertstate' | 'severity';
  jvm_buffer_count_buffers: 'id';
  jvm_buffer_memory_used_bytes: 'id';
  jvm_buffer_total_capacity_bytes: 'id';
  jvm_buffer_pool_used_buffers: 'pool';
  jvm_buffer_pool_used_bytes: 'pool';
  jvm_buffer_pool_capacity_bytes: 'pool';
  netty_allocator_memory_used: 'id' | 'allocator_type' | 'memory_type';
  netty_allocator_memory_pinned: 'id' | 'allocator_type' | 'memory_type';
  netty_allocator_pooled_chunk_size: 'id' | 'allocator_type';
}

export type ForeignName = keyof Foreign;
export type AnyName = SeriesName | ForeignName;
/** Labels that Prometheus adds to every target. */
export type TargetLabel = 'job' | 'instance';
export type AnyLabelsOf<N extends AnyName> =
  TargetLabel | (N extends SeriesName ? LabelsOf<N> : never) | (N extends ForeignName ? Foreign[N] : never);

declare const LABELS: unique symbol;
/** A query whose result has the labels L. */
export interface Query<out L extends string = string> {
  readonly promql: string;
  readonly [LABELS]?: L;
}
/** A series by its name and matchers: what a range in brackets may follow. */
export interface Selector<out L extends string = string> extends Query<L> {
  readonly isSelector: true;
}

/** `{ list: 'q075' }` matches what is equal, `{ arena: '$arena' }` (a dashboard's variable) what the regular expression matches. */
export type Matchers<N extends AnyName, Added extends string = never> = { readonly [L in AnyLabelsOf<N> | Added]?: string };
export type SelectorOf<N extends AnyName, Added extends string = never> = Selector<AnyLabelsOf<N> | Added>;
export type Select<Added extends string = never> = <N extends AnyName>(name: N, matchers?: Matchers<N, Added>) => SelectorOf<N, Added>;

/** A maker of selectors that all carry the same matchers: a dashboard's variables, or nothing. `Added`: labels that its targets have. */
export function selectWithin<Added extends string = never>(scope: Readonly<Record<string, string>>): Select<Added> {
  return (name, matchers = {}) => {
    const pairs = Object.entries<string | undefined>({ ...scope, ...matchers });
    const texts = pairs.flatMap(([label, value]) => (value === undefined ? [] : [matcherText(label, value)]));
    return { isSelector: true, promql: texts.length === 0 ? name : `${name}{${texts.join(', ')}}` };
  };
}

function matcherText(label: string, value: string): string {
  return value.startsWith('$') ? `${label}=~"${value}"` : `${label}="${value}"`;
}

/** Text that the typed makers do not reach. Its labels are stated, not derived: a test runs every query. */
export const raw = <L extends string = never>(promql: string): Query<L> => ({ promql });

const RATE_WINDOW = '$__rate_interval';

export const rate = <L extends string>({ promql }: Selector<L>, window = RATE_WINDOW): Query<L> => raw(`rate(${promql}[${window}])`);
export const increase = <L extends string>({ promql }: Selector<L>, window = RATE_WINDOW): Query<L> =>
  raw(`increase(${promql}[${window}])`);
export const overTime = <L extends string>(how: 'avg' | 'min' | 'max' | 'last', { promql }: Selector<L>, window: string): Query<L> =>
  raw(`${how}_over_time(${promql}[${window}])`);
/** Over the results of a query at each `step` within the window. */
export const overSubquery = <L extends string>(how: 'min' | 'max', { promql }: Query<L>, window: string, step: string): Query<L> =>
  raw(`${how}_over_time((${promql})[${window}:${step}])`);
/** The slope of a straight line through the window, in units a second. */
export const derivative = <L extends string>({ promql }: Selector<L>, window: string): Query<L> => raw(`deriv(${promql}[${window}])`);
/** Where a straight line through the window leads, `seconds` ahead. */
export const predictLinear = <L extends string>({ promql }: Selector<L>, window: string, seconds: number | string): Query<L> =>
  raw(`predict_linear(${promql}[${window}], ${seconds})`);

/** The series as it was so long ago. */
export const offset = <L extends string>({ promql }: Selector<L>, by: string): Query<L> => raw(`${promql} offset ${by}`);
export const floor = <L extends string>({ promql }: Query<L>): Query<L> => raw(`floor(${promql})`);

type Aggregation = 'sum' | 'min' | 'max' | 'count' | 'avg';
export const aggregate = (how: Aggregation, { promql }: Query): Query<never> => raw(`${how}(${promql})`);
export const aggregateBy = <L extends string, const B extends L>(how: Aggregation, { promql }: Query<L>, ...by: readonly B[]): Query<B> =>
  raw(`${how} by (${by.join(', ')}) (${promql})`);
export const sumBy = <L extends string, const B extends L>(query: Query<L>, ...by: readonly B[]): Query<B> =>
  aggregateBy('sum', query, ...by);
/** Sums away the labels named and keeps all others, those that we do not know of included. */
export const aggregateWithout = <L extends string, const W extends L>(
  how: Aggregation,
  { promql }: Query<L>,
  ...without: readonly W[]
): Query<Exclude<L, W>> => raw(`${how} without (${without.join(', ')}) (${promql})`);
/** The comparison drops NaN, which a quantile of nothing is: a gap is the truth. */
export const quantile = <L extends string, const B extends L>(share: number, buckets: Query<L | 'le'>, ...by: readonly B[]): Query<B> =>
  raw(`histogram_quantile(${share}, sum by (${['le', ...by].join(', ')}) (${buckets.promql})) >= 0`);

type Operator = '+' | '-' | '*' | '/' | '<' | '>' | '==' | 'or' | 'and' | 'unless';
/** Both sides have the same labels, as one-to-one matching wants it; a number fits any. */
export const operate = <L extends string>(left: Query<L> | number, operator: Operator, right: Query<NoInfer<L>> | number): Query<L> =>
  raw(`${operandText(left)} ${operator} ${operandText(right)}`);

const operandText = (operand: Query | number): string =>
  typeof operand === 'number'
    ? String(operand)
    : / (?:[-+*/<>]|==|or|and|unless) /.test(operand.promql)
      ? `(${operand.promql})`
      : operand.promql;

/** Labels in a legend such as `{{job}} {{list}}`. */
type LegendLabels<S extends string> = S extends `${string}{{${infer L}}}${infer Rest}` ? L | LegendLabels<Rest> : never;

/** A query as a panel shows it. */
export interface Target {
  readonly promql: string;
  readonly legend: string;
}
/** A target whose legend uses only labels that its query has. */
export const show = <L extends string, const S extends string>(
  { promql }: Query<L>,
  legend: [LegendLabels<S>] extends [L] ? S : `no such label: ${Exclude<LegendLabels<S>, L>}`,
): Target => ({ promql, legend });
