// The Prometheus text format, version 0.0.4, written straight from the table. prom-client takes seven times as long for the same lines
// (bench/scrape.ts), and takes no histogram that was counted elsewhere; a test holds the two to the same text.
import type { HistogramSample } from './histogram.ts';
import type { MetricsInput } from './input.ts';
import type { Row } from './row.ts';

/** All samples of these rows, each metric with its HELP and TYPE. */
export function renderText(rows: readonly Row[], input: MetricsInput): string {
  let text = '';
  for (const row of rows) {
    const { name } = row;
    text += `# HELP ${name} ${escapeHelp(row.help)}\n# TYPE ${name} ${row.type}\n`;
    row.collect(input, (labels, value) => {
      const pairs = renderLabels(labels);
      text += typeof value === 'number' ? renderSample(name, pairs, value) : renderHistogram(name, pairs, value);
    });
  }
  return text;
}

/** Buckets are cumulative in the format. */
function renderHistogram(name: string, pairs: string, { bounds, counts, sum }: HistogramSample): string {
  const before = pairs === '' ? '' : `${pairs},`;
  let text = '';
  let count = 0;
  for (let i = 0; i <= bounds.length; i++) {
    count += counts[i]!;
    text += renderSample(`${name}_bucket`, `${before}le="${renderNumber(bounds[i] ?? Infinity)}"`, count);
  }
  return text + renderSample(`${name}_sum`, pairs, sum) + renderSample(`${name}_count`, pairs, count);
}

function renderSample(name: string, pairs: string, value: number): string {
  return pairs === '' ? `${name} ${renderNumber(value)}\n` : `${name}{${pairs}} ${renderNumber(value)}\n`;
}

function renderLabels(labels: Readonly<Record<string, string | number>>): string {
  let pairs = '';
  for (const name in labels) {
    const value = labels[name]!;
    pairs += `${pairs === '' ? '' : ','}${name}="${typeof value === 'number' ? value : escapeLabel(value)}"`;
  }
  return pairs;
}

function renderNumber(value: number): string {
  return value === Infinity ? '+Inf' : value === -Infinity ? '-Inf' : String(value);
}

const escapeHelp = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
const escapeLabel = (text: string) => (/[\\\n"]/.test(text) ? escapeHelp(text).replaceAll('"', '\\"') : text);
