// The one file that knows grafana-foundation-sdk: from a board to the JSON that Grafana provisions.
import * as common from '@grafana/grafana-foundation-sdk/common';
import {
  AnnotationQueryBuilder, DashboardBuilder, DashboardCursorSync, DashboardLinkBuilder, DashboardLinkType, DatasourceVariableBuilder,
  QueryVariableBuilder, RowBuilder, ThresholdsConfigBuilder, ThresholdsMode, VariableRefresh, VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard'; // prettier-ignore
import { PanelBuilder as BarGaugeBuilder } from '@grafana/grafana-foundation-sdk/bargauge';
import { HeatmapColorMode, HeatmapColorOptionsBuilder, PanelBuilder as HeatmapBuilder } from '@grafana/grafana-foundation-sdk/heatmap';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import type { Annotation, Board, Panel, PanelKind, Thresholds, Variable } from './board.ts';
import type { Target } from './promql.ts';

const DATASOURCE: common.DataSourceRef = { type: 'prometheus', uid: '$datasource' };
const TAG = 'arenascope'; // links between the dashboards go by it
const HEIGHTS: Readonly<Record<PanelKind, number>> = { lines: 8, stacked: 8, steps: 8, stat: 4, bars: 8, heatmap: 9 };

type PanelBuilder = TimeseriesBuilder | StatBuilder | BarGaugeBuilder | HeatmapBuilder;

/** The text of dashboards/*.json. */
export function boardJson(board: Board): string {
  const builder = new DashboardBuilder(board.title)
    .uid(board.uid)
    .description(board.description)
    .tags([TAG])
    .readonly()
    .timezone('browser')
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: board.from, to: 'now' })
    .refresh(board.refresh)
    .withVariable(new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'))
    .link(new DashboardLinkBuilder('arenascope').type(DashboardLinkType.Dashboards).tags([TAG]).asDropdown(true).includeVars(true).keepTime(true)); // prettier-ignore
  for (const variable of board.variables) builder.withVariable(variableBuilder(variable));
  for (const annotation of board.annotations) builder.annotation(annotationBuilder(annotation));
  let id = 1;
  for (const { title, panels } of board.rows) {
    builder.withRow(new RowBuilder(title).id(id++));
    for (const panel of panels) builder.withPanel(panelBuilder(panel, id++));
  }
  return `${JSON.stringify(builder.build(), null, 2)}\n`;
}

function variableBuilder({ name, label, query }: Variable): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(DATASOURCE)
    .query(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.NaturalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.+')
    .current({ selected: true, text: ['All'], value: ['$__all'] });
}

function annotationBuilder({ name, colour, promql, title, tags }: Annotation): AnnotationQueryBuilder {
  return new AnnotationQueryBuilder()
    .name(name)
    .datasource(DATASOURCE)
    .enable(true)
    .iconColor(colour)
    .expr(promql)
    .titleFormat(title)
    .tagKeys(tags);
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
    .targets(panel.targets.map((target, i) => targetBuilder(target, i, panel.kind)));
  if (panel.decimals !== undefined) builder.decimals(panel.decimals);
  if (panel.max !== undefined) builder.max(panel.max);
  if (panel.noValue !== undefined) builder.noValue(panel.noValue);
  if (panel.thresholds !== undefined) builder.thresholds(thresholdsBuilder(panel.thresholds));
  return builder;
}

function targetBuilder({ promql, legend }: Target, index: number, kind: PanelKind): DataqueryBuilder {
  const builder = new DataqueryBuilder()
    .refId(String.fromCharCode('A'.charCodeAt(0) + index))
    .datasource(DATASOURCE)
    .expr(promql)
    .legendFormat(legend)
    .format(PromQueryFormat.TimeSeries);
  return kind === 'bars' ? builder.instant() : builder.range();
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

function timeseries(): TimeseriesBuilder {
  return new TimeseriesBuilder()
    .min(0)
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
