// A dashboard as data: rows of panels, each with its targets. grafana.ts turns it into Grafana's JSON; tests read both.
import type { Target } from './promql.ts';

/** Grafana's names of units, of those that dashboard-linter knows. */
export type Unit = 'bytes' | 'Bps' | 's' | 'none' | 'short' | 'percentunit' | 'ops' | 'reqps' | 'd' | 'bool' | 'dateTimeAsIso';
export type PanelKind = 'lines' | 'stacked' | 'steps' | 'stat' | 'bars' | 'heatmap';

/** Colours by value; the first applies below the first bound. */
export type Thresholds = readonly [colour: string, ...steps: (readonly [from: number, colour: string])[]];

export interface Panel {
  readonly kind: PanelKind;
  readonly title: string;
  readonly description: string; // what it shows, and what is wrong when it looks otherwise
  readonly unit: Unit;
  readonly width: 4 | 6 | 8 | 12 | 24; // of Grafana's 24 columns
  readonly height?: number; // in Grafana's rows of 30 pixels
  readonly targets: readonly Target[];
  readonly thresholds?: Thresholds;
  readonly decimals?: number;
  readonly max?: number;
  readonly noValue?: string; // text of a stat without a sample
  readonly isSigned?: boolean; // values below 0 are shown, too
  readonly isInstant?: boolean; // asked once, at the end of the time range; bars always are
  readonly sampleSeconds?: number; // samples are so far apart, where not as far as Prometheus scrapes
  readonly last?: string; // shows the last `15m`, whatever time range is chosen
  readonly texts?: Readonly<Record<string, string>>; // shown instead of a value
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

export interface Variable {
  readonly name: string;
  readonly label: string;
  readonly query: string; // label_values(…)
  readonly openOn?: string | undefined; // the value that a dashboard opens on; all where there is none
}

export interface Annotation {
  readonly name: string;
  readonly colour: string;
  readonly promql: string; // an event wherever it has a value
  readonly title: string;
  readonly tags: string; // labels that become tags
  readonly stepSeconds?: number | undefined; // events that are no further apart are one; a minute where not given
}

/** What a dashboard looks at. A link carries the time range on to dashboards of the same kind only: a minute of a year shows nothing. */
export type Span = 'live' | 'year';

export interface Board {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly span: Span;
  readonly from: string; // `now-30m`
  readonly refresh: string;
  readonly variables: readonly Variable[];
  readonly annotations: readonly Annotation[];
  readonly welcome?: string; // Markdown above the first row
  readonly rows: readonly Row[];
}

/** What all panels of a row share is given once. */
export const row = (title: string, ...panels: readonly Panel[]): Row => ({ title, panels });
