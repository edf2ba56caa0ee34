// The dashboards as Grafana gets them: the JSON files, read as untrusted data, and their queries with Grafana's variables filled in.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BOARDS } from '../../src/dashboards/index.ts';

export interface DashboardJson {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly editable: boolean;
  readonly tags: readonly string[];
  readonly links: readonly { readonly type: string; readonly tags: readonly string[]; readonly includeVars: boolean; readonly keepTime: boolean }[]; // prettier-ignore
  readonly time: { readonly from: string; readonly to: string };
  readonly templating: { readonly list: readonly VariableJson[] };
  readonly annotations: { readonly list?: readonly AnnotationJson[] };
  readonly panels: readonly PanelJson[];
}
export interface AnnotationJson {
  readonly name: string;
  readonly expr: string;
  readonly tagKeys: string;
  readonly step?: string;
  readonly datasource: { readonly uid: string };
}
export interface VariableJson {
  readonly name: string;
  readonly type: string;
  readonly label?: string;
  readonly query: string;
  readonly multi: boolean;
  readonly allValue?: string;
  readonly current?: { readonly value: readonly string[] };
  readonly refresh?: number;
  readonly datasource?: { readonly uid: string };
}
export interface PanelJson {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly datasource?: { readonly uid: string };
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } };
  readonly targets?: readonly TargetJson[];
  readonly timeFrom?: string; // the last `15m`, whatever range is chosen
  readonly options?: { readonly content?: string }; // of a text
}
export interface TargetJson {
  readonly refId: string;
  readonly expr: string;
  readonly legendFormat: string;
  readonly instant?: boolean;
  readonly range?: boolean;
  readonly interval?: string; // the least step
  readonly datasource: { readonly uid: string };
}

const root = join(import.meta.dirname, '../..');
export const textOf = (name: string): string => readFileSync(join(root, 'dashboards', `${name}.json`), 'utf8');

/** Name of the file, and what is in it. */
export const DASHBOARDS: readonly (readonly [name: string, dashboard: DashboardJson])[] = Object.keys(BOARDS).map(
  (name) => [name, JSON.parse(textOf(name)) as DashboardJson] as const,
);

/** Panels that query; rows and texts do not. */
export const panelsOf = ({ panels }: DashboardJson): PanelJson[] => panels.filter(({ type }) => type !== 'row' && type !== 'text');

/** `15m`, `400d`, `3600s` in seconds. */
export function secondsOf(duration: string): number {
  const [, count, unit] = /^(\d+)([smhd])$/.exec(duration) ?? [];
  if (count === undefined) throw new Error(`duration: ${duration} (expected: such as 15m)`);
  return Number(count) * { s: 1, m: 60, h: 3600, d: 86_400 }[unit as 's' | 'm' | 'h' | 'd'];
}

/** The time range that a dashboard opens on. */
export const spanSeconds = ({ time }: DashboardJson): number => secondsOf(time.from.replace('now-', ''));
