// docs/metrics.md, from the table.
import { PROCESS_METRICS } from './process-metrics.ts';
import type { Domain, Row } from './row.ts';
import { METRICS } from './table.ts';

const TITLE = `# Metrics

<!-- Written by scripts/generate.ts from the table in src/metrics/; a test compares. -->

What \`GET /metrics\` tells, in the Prometheus text format. All samples of a scrape are of one moment. Every value of a label comes from
the closed set given here (\`arena\` and \`event_loop\` count from 0), so the number of series is bounded; values that are 0 are there too,
except for most pairs of HTTP method and code before they are seen. Counters start at 0 with the process.

Names that Micrometer's Netty binder uses are kept where they are sound. Its real series, when Prometheus scrapes it, lack the ending
\`_bytes\`; its \`netty_allocator_pooled_cache_size\`, a count that claims to be bytes, is left out.

\`promtool check metrics\` has nothing to say, but for one name beside simulated days: \`simulation_days\`. In seconds it is
\`simulation_time_seconds\`.
`;

export function metricsMarkdown(): string {
  const rows = METRICS.map(markdownRow).join('\n');
  const processNames = Object.entries(PROCESS_METRICS).map(([name, labels]) => `- \`${name}\`${labels.length > 0 ? ` {${labels.join(', ')}}` : ''}`); // prettier-ignore
  return `${TITLE}
| name | type | unit | labels | stability | meaning |
|---|---|---|---|---|---|
${rows}

## The process

From prom-client, as Node services commonly have them. Some exist on Linux only.

${processNames.join('\n')}
`;
}

function markdownRow({ name, type, unit, labels, stability, help }: Row): string {
  const cells = [`\`${name}\``, type, unit === 'none' ? '' : unit, Object.entries(labels).map(markdownLabel).join('<br>'), stability, help];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

const SHOWN_VALUES = 16; // longer sets are named by their ends

function markdownLabel([name, domain]: [string, Domain]): string {
  if (domain === 'index') return `\`${name}\`: 0 …`;
  const values = domain.length > SHOWN_VALUES ? [domain[0], '…', ...domain.slice(-2)] : domain;
  return `\`${name}\`: ${values.join(', ')}`;
}
