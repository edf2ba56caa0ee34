// From the tables to the rule files that Prometheus loads, one for each clock.
import { stringify } from 'yaml';
import { type Alert, ALERTS } from './alerts.ts';
import { type Clock, DEMO_CLOCK, holdOf, REAL_CLOCK } from './clock.ts';
import { RECORDINGS } from './recordings.ts';

export const CLOCKS: readonly Clock[] = [REAL_CLOCK, DEMO_CLOCK];
export const ruleFile = (clock: Clock): string => `rules/${clock.name}.rules.yml`;

/** `DirectMemoryHeadroomLow` → `docs/runbooks/direct-memory-headroom-low.md`. */
export const runbookPath = (alert: string): string => `docs/runbooks/${alert.replaceAll(/\B([A-Z])/g, '-$1').toLowerCase()}.md`;

/** One group, which Prometheus evaluates from top to bottom: an alert reads what was recorded at the same moment. */
export function rulesYaml(clock: Clock): string {
  const recordings = RECORDINGS.map(({ record, query }) => ({ record, expr: query(clock).promql }));
  const alerts = Object.entries<Alert>(ALERTS).map(([name, alert]) => alertRule(name, alert, clock));
  const groups = [{ name: clock.name, rules: [...recordings, ...alerts] }];
  return `# Generated from src/dashboards/rules/ by \`npm run generate\`. ${clock.note}\n${stringify({ groups }, { lineWidth: 0 })}`;
}

function alertRule(name: string, { severity, holdDays, query, summary, description }: Alert, clock: Clock) {
  return {
    alert: name,
    expr: query(clock).promql,
    for: holdOf(clock, holdDays),
    labels: { severity },
    annotations: { summary, description, runbook_url: runbookPath(name) },
  };
}
