// The charts over simulated days (over wall time without a simulation): headroom, chunks per arena, retained by cause, usage.
// All share the x axis and the failures' markers; a picture of each is spoken by its caption.
import uPlot from 'uplot';
import { byId, element, setText } from './dom.ts';
import { failureMarkers } from './failure-markers.ts';
import { formatBytes, formatClock, formatCount, plural } from './format.ts';
import { heatMap } from './heat-map.ts';
import type { HistoryStore } from './history-store.ts';
import { channels, type Palette } from './palette.ts';

const HEIGHT = 200;
const FONT = '11px system-ui, sans-serif';
const SYNC = 'arenascope';
const BYTE_STEPS = Array.from({ length: 31 }, (_, i) => 2 ** (i + 10)); // so that ticks are round in MiB
const COUNT_STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];
const SHORT_SECONDS = 600; // stretches shorter than this are labelled to the second

type Columns = NonNullable<HistoryStore['columns']>;
type Data = (number | null)[][];

interface ChartKind {
  readonly title: string;
  readonly series: (palette: Palette, columns: Columns, history: HistoryStore) => uPlot.Series[];
  readonly data: (history: HistoryStore, columns: Columns) => Data;
  readonly options?: (palette: Palette, history: HistoryStore) => Partial<uPlot.Options>;
  readonly format: (value: number) => string;
  readonly splits?: readonly number[]; // where the axis is labelled
  readonly ends: (columns: Columns, history: HistoryStore) => string; // the last values, in words
}

const CAUSES = [
  ['live', 'liveBytes', 1],
  ['thread cache', 'cachedBytes', 2],
  ['kept subpage', 'subpageBytes', 3],
  ['free in chunks', 'freeBytes', 0],
] as const;

const area = (colour: string, opacity: number): string => `rgba(${channels(colour).join(', ')}, ${opacity})`;
const last = (column: readonly number[] | undefined): number => column?.at(-1) ?? 0;

const KINDS: readonly ChartKind[] = [
  {
    title: 'Headroom',
    series: ({ accent }) => [{ label: 'headroom', stroke: accent, width: 2, fill: area(accent, 0.12) }],
    data: (history) => [history.headroomBytes],
    options: (_, { limitBytes }) => ({ scales: { x: { time: false }, y: { range: [0, limitBytes] } } }),
    format: formatBytes,
    ends: (_, history) => formatBytes(last(history.headroomBytes)),
  },
  {
    title: 'Chunks per arena',
    series: ({ series }, { chunksByArena }) =>
      chunksByArena.map((_, arena) => ({
        label: `arena ${arena}`,
        stroke: series[arena % series.length]!,
        width: 2,
        dash: arena < series.length ? [] : [6, 4],
        paths: uPlot.paths.stepped!({ align: 1 }),
      })),
    data: (_, { chunksByArena }) => chunksByArena,
    options: () => ({ scales: { x: { time: false }, y: { range: (_, __, max) => [0, Math.max(2, max + 1)] } } }),
    format: formatCount,
    ends: ({ chunksByArena }) => chunksByArena.map((column, arena) => `arena ${arena}: ${last(column)}`).join(', '),
  },
  {
    title: 'Retained in chunks, by cause',
    series: ({ holders }) =>
      [...CAUSES].reverse().map(([label, , holder]) => ({ label, stroke: holders[holder], width: 1, fill: area(holders[holder], 0.85), value: (u, _, index, at) => stackedValue(u, index, at) })), // prettier-ignore
    data: (_, columns) => stacked(CAUSES.map(([, name]) => columns[name])).reverse(),
    options: () => ({ scales: { x: { time: false }, y: { range: (_, __, max) => [0, max * 1.05 || 1] } } }),
    format: formatBytes,
    ends: (columns) => CAUSES.map(([label, name]) => `${label} ${formatBytes(last(columns[name]))}`).join(', '),
  },
  {
    title: 'Chunks by usage',
    series: (_, __, history) => [
      {
        label: 'chunks',
        stroke: 'transparent',
        points: { show: false },
        value: (plot, _, __, at) => (history.columns === null ? '–' : usageText(history.columns, shownIndex(plot, at))),
      },
    ],
    data: (history) => [history.x.map(() => null)],
    options: (palette, history) => ({ plugins: [heatMap(palette, history)], scales: { x: { time: false }, y: { range: [0, 12] } } }),
    splits: [0.5, 3, 6, 9, 11.5],
    format: (band) => (band < 1 ? 'empty' : band > 11 ? 'full' : `${(band - 1) * 10} %`),
    ends: (columns) => usageText(columns, columns.wallSeconds.length - 1),
  },
];

/** `3 empty, 12 in use, 1 full`. */
function usageText({ chunksByBand }: Columns, at: number): string {
  const used = chunksByBand.slice(1, -1).reduce((sum, column) => sum + (column[at] ?? 0), 0);
  return `${chunksByBand[0]?.[at] ?? 0} empty, ${used} in use, ${chunksByBand.at(-1)?.[at] ?? 0} full`;
}

/** Each area stands on the ones before it. */
function stacked(columns: readonly (readonly number[])[]): number[][] {
  const sums: number[] = columns[0]?.map(() => 0) ?? [];
  return columns.map((column) => column.map((value, i) => (sums[i]! += value)));
}

/** What an area adds to the one below it, which is the next series. */
function stackedValue(plot: uPlot, index: number, at: number | null): string {
  const shown = shownIndex(plot, at);
  const below = index + 1 < plot.data.length ? (plot.data[index + 1]![shown] ?? 0) : 0;
  return formatBytes((plot.data[index]![shown] ?? 0) - below);
}

/** What the legend tells of: the sample pointed at, else the newest. Where nothing is pointed at, uPlot says null or undefined. */
const shownIndex = (plot: uPlot, at: number | null | undefined): number => at ?? plot.data[0].length - 1;

const shownText = (plot: uPlot, index: number, at: number | null, format: (value: number) => string): string => {
  const value = plot.data[index]?.[shownIndex(plot, at)];
  return typeof value === 'number' ? format(value) : '–';
};

interface Chart {
  readonly kind: ChartKind;
  readonly box: HTMLElement;
  readonly spoken: HTMLElement;
  plot: uPlot | null;
}

export class Charts {
  readonly #history: HistoryStore;
  readonly #charts: readonly Chart[];
  #palette: Palette;
  #shape = ''; // of the data the plots were made for

  constructor(history: HistoryStore, palette: Palette) {
    this.#history = history;
    this.#palette = palette;
    this.#charts = KINDS.map((kind, i) => {
      const heading = element('h3', { id: `chart-${i}` }, kind.title);
      const box = element('div', { class: 'plot' });
      const spoken = element('figcaption', { class: 'unseen' });
      byId('chart-grid', HTMLElement).append(
        element('figure', { class: 'card chart', 'aria-labelledby': heading.id }, heading, box, spoken),
      );
      new ResizeObserver(() => this.#resize()).observe(box);
      return { kind, box, spoken, plot: null };
    });
  }

  setPalette(palette: Palette): void {
    this.#palette = palette;
    this.#shape = '';
    this.show();
  }

  show(): void {
    const { columns, unit, length } = this.#history;
    if (columns === null || length < 2) return;
    const shape = `${unit} ${columns.chunksByArena.length} ${columns.limitBytes}`;
    if (shape !== this.#shape) this.#make(columns);
    this.#shape = shape;
    for (const { kind, plot, spoken } of this.#charts) {
      plot?.setData([this.#history.x, ...kind.data(this.#history, columns)] as uPlot.AlignedData);
      setText(spoken, `Now: ${kind.ends(columns, this.#history)}`);
    }
    const failures = last(columns.exhaustedChunk) + last(columns.exhaustedHuge);
    const axis = unit === 'day' ? 'In simulated days, from the beginning of the run.' : 'By the clock, since the service started.';
    setText(byId('charts-note', HTMLElement), failures === 0 ? axis : `${axis} Triangles mark ${plural(failures, 'refused reservation')}.`);
  }

  #make(columns: Columns): void {
    for (const chart of this.#charts) {
      chart.plot?.destroy();
      chart.plot = new uPlot(this.#options(chart, columns), [[]], chart.box);
    }
  }

  #options({ kind, box }: Chart, columns: Columns): uPlot.Options {
    const { plugins = [], ...own } = kind.options?.(this.#palette, this.#history) ?? {};
    const { quiet, line } = this.#palette;
    const axis: uPlot.Axis = { stroke: quiet, font: FONT, grid: { stroke: line, width: 1 }, ticks: { show: false } };
    const isDay = this.#history.unit === 'day';
    const clock = (seconds: number, stretch: number) => formatClock(seconds * 1000).slice(0, stretch < SHORT_SECONDS ? 8 : 5);
    const xText = (value: number) => (isDay ? `day ${value.toFixed(1)}` : formatClock(value * 1000));
    return {
      width: box.clientWidth,
      height: HEIGHT,
      cursor: { sync: { key: SYNC }, drag: { x: true, y: false } },
      scales: { x: { time: false } },
      axes: [
        { ...axis, size: 32, space: 72, values: (_, ticks) => ticks.map((tick) => (isDay ? String(tick) : clock(tick, ticks.at(-1)! - ticks[0]!))), ...(isDay && { incrs: [0.25, ...COUNT_STEPS] }) },
        { ...axis, size: 64, space: 32, values: (_, ticks) => ticks.map(kind.format), ...(kind.splits ? { splits: [...kind.splits] } : { incrs: kind.format === formatBytes ? BYTE_STEPS : COUNT_STEPS }) },
      ],
      series: [
        { label: isDay ? 'day' : 'time', value: (plot, _, index, at) => shownText(plot, index, at, xText) },
        ...kind.series(this.#palette, columns, this.#history).map((series) => ({ points: { show: false }, value: (plot: uPlot, _: number, index: number, at: number | null) => shownText(plot, index, at, kind.format), ...series })),
      ],
      ...own,
      plugins: [...plugins, failureMarkers(this.#palette, this.#history)],
    }; // prettier-ignore
  }

  #resize(): void {
    for (const { plot, box } of this.#charts)
      if (plot !== null && box.clientWidth !== plot.width) plot.setSize({ width: box.clientWidth, height: HEIGHT });
  }
}
