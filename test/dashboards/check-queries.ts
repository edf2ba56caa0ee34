// Asks a real Prometheus what Grafana would ask for a dashboard, and says what a viewer would miss.
import { type DashboardJson, type PanelJson, panelsOf, secondsOf, spanSeconds, type TargetJson } from './json.ts';
import type { PrometheusClient, Series } from './prometheus.ts';

export interface Window {
  readonly start: number; // seconds
  readonly end: number;
  readonly step: number;
  readonly rateSeconds: number; // what Grafana makes of $__rate_interval
}

const POINTS = 1000; // about a pixel each

/** What Grafana asks for when a dashboard is opened at the end of the window: the range that it opens on. */
export function openedOn(dashboard: DashboardJson, { end, step, rateSeconds }: Window): Window {
  return { start: end - spanSeconds(dashboard), end, step, rateSeconds };
}

/** With the least step that a target or an annotation asks for. */
export function withLeastStep(window: Window, leastStep: string | undefined): Window {
  if (leastStep === undefined) return window;
  const least = secondsOf(leastStep);
  const step = Math.max(1, Math.ceil((window.end - window.start) / POINTS / least)) * least;
  return { ...window, step, rateSeconds: Math.max(step + least, 4 * least) };
}

/** A panel may show the last minutes of any range. */
function windowOf({ timeFrom }: PanelJson, { interval }: TargetJson, window: Window): Window {
  const start = timeFrom === undefined ? window.start : window.end - secondsOf(timeFrom);
  return withLeastStep({ ...window, start }, interval);
}

/** Grafana's variables at their defaults: all jobs, instances and arenas. */
export function filledIn(promql: string, { start, end, step, rateSeconds }: Window): string {
  return promql
    .replaceAll('$__rate_interval', `${rateSeconds}s`)
    .replaceAll('$__interval', `${step}s`)
    .replaceAll('$__range_s', String(end - start))
    .replaceAll('$__range', `${end - start}s`)
    .replaceAll(/"\$(?:job|instance|arena)"/g, '".+"');
}

/** What is wrong with the panels of a dashboard, a sentence each. */
export async function panelProblems(prometheus: PrometheusClient, dashboard: DashboardJson, window: Window): Promise<string[]> {
  const problems: string[] = [];
  for (const panel of panelsOf(dashboard)) {
    const { title, targets = [] } = panel;
    const legends = new Set<string>();
    for (const target of targets) {
      const answer = await ask(prometheus, target, windowOf(panel, target, window)).catch((error: unknown) => String(error));
      const found = typeof answer === 'string' ? [answer] : seriesProblems(target, answer, legends);
      problems.push(...found.map((problem) => `${title} ${target.refId}: ${problem}`));
    }
  }
  return problems;
}

function ask(prometheus: PrometheusClient, { expr, instant }: TargetJson, window: Window): Promise<Series[]> {
  const query = filledIn(expr, window);
  return instant === true ? prometheus.instant(query, window.end) : prometheus.range(query, window.start, window.end, window.step);
}

const MAX_SERIES = 100; // more than that nobody reads

function seriesProblems({ expr, legendFormat }: TargetJson, series: readonly Series[], legends: Set<string>): string[] {
  const problems: string[] = [];
  if (series.length === 0) problems.push(`no data: ${expr}`);
  if (series.length > MAX_SERIES) problems.push(`${series.length} series (expected: ${MAX_SERIES} at most)`);
  for (const { metric, values } of series) {
    const legend = legendFormat.replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => metric[label] ?? `no label ${label}`);
    if (legend.includes('no label')) problems.push(`${legend} in ${JSON.stringify(metric)}`);
    if (legends.has(legend)) problems.push(`two series are called ${legend}`);
    legends.add(legend);
    const strange = values.find((value) => !Number.isFinite(value));
    if (strange !== undefined) problems.push(`${strange} in ${legend}`);
  }
  return problems;
}

/** Of each variable of a query: its values. */
export async function variableValues(
  prometheus: PrometheusClient,
  dashboard: DashboardJson,
  window: Window,
): Promise<Record<string, string[]>> {
  const values: Record<string, string[]> = {};
  for (const { name, type, query } of dashboard.templating.list) {
    if (type !== 'query') continue;
    const [, match, label] = /^label_values\((.+), (\w+)\)$/.exec(query) ?? [];
    if (match === undefined || label === undefined) throw new Error(`no label_values(…): ${query}`);
    values[name] = await prometheus.labelValues(label, filledIn(match, window), window.start, window.end);
  }
  return values;
}
