// The Prometheus text format, version 0.0.4, written straight from the table. prom-client takes seven times as long for the same lines
// (bench/scrape.ts), and takes no histogram that was counted elsewhere; a test holds the two to the same text.
import type { HistogramSample } from './histogram.ts';
import type { MetricsInput } from './input.ts';
import type { Row } from './row.ts';

/** Told of a sample: its series' name, its labels as text, its value. */
export type TellSample = (name: string, pairs: string, value: number) => void;

/** All samples of these rows, each metric with its HELP and TYPE. */
export function renderText(rows: readonly Row[], input: MetricsInput): string {
  let text = '';
  for (const row of rows) {
    text += `# HELP ${row.name} ${escapeHelp(row.help)}\n# TYPE ${row.name} ${row.type}\n`;
    eachSample(row, input, (name, pairs, value) => (text += renderSample(name, pairs, value)));
  }
  return text;
}

/** The head of a metric in OpenMetrics, which names a counter without its `_total`. */
export function openMetricsHead({ name, type, help }: Row): string {
  const family = type === 'counter' ? name.replace(/_total$/, '') : name;
  return `# TYPE ${family} ${type}\n# HELP ${family} ${escapeHelp(help).replaceAll('"', '\\"')}\n`;
}

const ALL_LABELS: ReadonlySet<string> = new Set();

/** Every sample of a row; a histogram as its buckets, sum and count. Labels in `without` are not told, so that samples of one name may recur. */
export function eachSample(row: Row, input: MetricsInput, tell: TellSample, without = ALL_LABELS): void {
  const { name } = row;
  row.collect(input, (labels, value) => {
    const pairs = renderLabels(labels, without);
    if (typeof value === 'number') tell(name, pairs, value);
    else eachOfHistogram(name, pairs, value, tell);
  });
}

/** Buckets are cumulative in the format. */
function eachOfHistogram(name: string, pairs: string, { bounds, counts, sum }: HistogramSample, tell: TellSample): void {
  const before = pairs === '' ? '' : `${pairs},`;
  let count = 0;
  for (let i = 0; i <= bounds.length; i++) {
    count += counts[i]!;
    tell(`${name}_bucket`, `${before}le="${renderNumber(bounds[i] ?? Infinity)}"`, count);
  }
  tell(`${name}_sum`, pairs, sum);
  tell(`${name}_count`, pairs, count);
}

function renderSample(name: string, pairs: string, value: number): string {
  return pairs === '' ? `${name} ${renderNumber(value)}\n` : `${name}{${pairs}} ${renderNumber(value)}\n`;
}

export function renderLabels(labels: Readonly<Record<string, string | number>>, without = ALL_LABELS): string {
  let pairs = '';
  for (const name in labels) {
    if (without.has(name)) continue;
    const value = labels[name]!;
    pairs += `${pairs === '' ? '' : ','}${name}="${typeof value === 'number' ? value : escapeLabel(value)}"`;
  }
  return pairs;
}

export function renderNumber(value: number): string {
  return value === Infinity ? '+Inf' : value === -Infinity ? '-Inf' : String(value);
}

const escapeHelp = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
const escapeLabel = (text: string) => (/[\\\n"]/.test(text) ? escapeHelp(text).replaceAll('"', '\\"') : text);
