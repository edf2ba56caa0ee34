// The one file that knows grafana-foundation-sdk: from a board to the JSON that Grafana provisions.
import * as common from '@grafana/grafana-foundation-sdk/common';
import {
  AnnotationQueryBuilder, DashboardBuilder, DashboardCursorSync, DashboardLinkBuilder, DashboardLinkType, DatasourceVariableBuilder,
  MappingType, QueryVariableBuilder, RowBuilder, ThresholdsConfigBuilder, ThresholdsMode, VariableRefresh, VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard'; // prettier-ignore
import { PanelBuilder as BarGaugeBuilder } from '@grafana/grafana-foundation-sdk/bargauge';
import { HeatmapColorMode, HeatmapColorOptionsBuilder, PanelBuilder as HeatmapBuilder } from '@grafana/grafana-foundation-sdk/heatmap';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TextBuilder, TextMode } from '@grafana/grafana-foundation-sdk/text';
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import type { Annotation, Board, Panel, PanelKind, Span, Thresholds, Variable } from './board.ts';
import type { Target } from './promql.ts';

const DATASOURCE: common.DataSourceRef = { type: 'prometheus', uid: '$datasource' };
const TAGS: Readonly<Record<Span, string>> = { live: 'arenascope', year: 'arenascope-year' }; // links between the dashboards go by them
const HEIGHTS: Readonly<Record<PanelKind, number>> = { lines: 8, stacked: 8, steps: 8, stat: 4, bars: 8, heatmap: 9 };

type PanelBuilder = TimeseriesBuilder | StatBuilder | BarGaugeBuilder | HeatmapBuilder;

/** The text of dashboards/*.json. */
export function boardJson(board: Board): string {
  const builder = new DashboardBuilder(board.title)
    .uid(board.uid)
    .description(board.description)
    .tags([TAGS[board.span]])
    .readonly()
    .timezone('browser')
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: board.from, to: 'now' })
    .refresh(board.refresh)
    .withVariable(new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'))
    .link(
      linkBuilder('live')
        .asDropdown(true)
        .includeVars(true)
        .keepTime(board.span === 'live'),
    )
    .link(linkBuilder('year').asDropdown(false).includeVars(false).keepTime(false)); // it has a job of its own
  for (const variable of board.variables) builder.withVariable(variableBuilder(variable));
  for (const annotation of board.annotations) builder.annotation(annotationBuilder(annotation));
  let id = 1;
  if (board.welcome !== undefined) builder.withPanel(textBuilder(board.welcome, id++));
  for (const { title, panels } of board.rows) {
    builder.withRow(new RowBuilder(title).id(id++));
    for (const panel of panels) builder.withPanel(panelBuilder(panel, id++));
  }
  return `${JSON.stringify(builder.build(), null, 2)}\n`;
}

function linkBuilder(span: Span): DashboardLinkBuilder {
  return new DashboardLinkBuilder(TAGS[span]).type(DashboardLinkType.Dashboards).tags([TAGS[span]]);
}

function textBuilder(markdown: string, id: number): TextBuilder {
  return new TextBuilder().id(id).mode(TextMode.Markdown).content(markdown).span(24).height(3).transparent(true);
}

function variableBuilder({ name, label, query, openOn }: Variable): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(DATASOURCE)
    .query(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.NaturalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.+')
    .current({ selected: true, text: [openOn ?? 'All'], value: [openOn ?? '$__all'] });
}

function annotationBuilder({ name, colour, promql, title, tags, stepSeconds }: Annotation): AnnotationQueryBuilder {
  const builder = new AnnotationQueryBuilder()
    .name(name)
    .datasource(DATASOURCE)
    .enable(true)
    .iconColor(colour)
    .expr(promql)
    .titleFormat(title)
    .tagKeys(tags);
  return stepSeconds === undefined ? builder : builder.step(`${stepSeconds}s`);
}

function panelBuilder(panel: Panel, id: number): PanelBuilder {
  const builder = kindBuilder(panel.kind)
    .id(id)
    .title(panel.title)
    .description(panel.description)
    .datasource(DATASOURCE)
    .unit(panel.unit)
    .span(panel.width)
    .height(panel.height ?? HEIGHTS[panel.kind])
    .targets(panel.targets.map((target, i) => targetBuilder(target, i, panel)));
  if (panel.decimals !== undefined) builder.decimals(panel.decimals);
  if (panel.isSigned !== true && isGraph(panel.kind)) builder.min(0);
  if (panel.max !== undefined) builder.max(panel.max);
  if (panel.noValue !== undefined) builder.noValue(panel.noValue);
  if (panel.last !== undefined) builder.timeFrom(panel.last);
  if (panel.texts !== undefined) builder.mappings([{ type: MappingType.ValueToText, options: textOptions(panel.texts) }]);
  if (panel.thresholds !== undefined) builder.thresholds(thresholdsBuilder(panel.thresholds));
  return builder;
}

const textOptions = (texts: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(texts).map(([value, text]) => [value, { text }]));

function targetBuilder({ promql, legend }: Target, index: number, { kind, isInstant, sampleSeconds }: Panel): DataqueryBuilder {
  const builder = new DataqueryBuilder()
    .refId(String.fromCharCode('A'.charCodeAt(0) + index))
    .datasource(DATASOURCE)
    .expr(promql)
    .legendFormat(legend)
    .format(PromQueryFormat.TimeSeries);
  // the least step, from which Grafana makes $__interval and a $__rate_interval of at least four samples
  if (sampleSeconds !== undefined) builder.interval(`${sampleSeconds}s`);
  return kind === 'bars' || isInstant === true ? builder.instant() : builder.range();
}

function thresholdsBuilder([below, ...steps]: Thresholds): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps([{ value: null, color: below }, ...steps.map(([value, color]) => ({ value, color }))]);
}

function kindBuilder(kind: PanelKind): PanelBuilder {
  switch (kind) {
    case 'lines':
      return timeseries().lineWidth(2).fillOpacity(0);
    case 'stacked':
      return timeseries()
        .lineWidth(1)
        .fillOpacity(60)
        .stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal).group('A'));
    case 'steps':
      return timeseries().lineWidth(2).fillOpacity(15).lineInterpolation(common.LineInterpolation.StepAfter);
    case 'stat':
      return new StatBuilder().reduceOptions(lastValue()).colorMode(common.BigValueColorMode.Value);
    case 'bars':
      return new BarGaugeBuilder().reduceOptions(lastValue()).orientation(common.VizOrientation.Horizontal);
    case 'heatmap':
      return new HeatmapBuilder().calculate(false).color(new HeatmapColorOptionsBuilder().mode(HeatmapColorMode.Scheme).scheme('Blues').steps(64)); // prettier-ignore
  }
}

const isGraph = (kind: PanelKind): boolean => kind === 'lines' || kind === 'stacked' || kind === 'steps';

function timeseries(): TimeseriesBuilder {
  return new TimeseriesBuilder()
    .legend(
      new common.VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(common.LegendDisplayMode.List)
        .placement(common.LegendPlacement.Bottom),
    ) // prettier-ignore
    .tooltip(new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.Descending));
}

function lastValue(): common.ReduceDataOptionsBuilder {
  return new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false);
}
