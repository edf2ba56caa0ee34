// metrics: every series of the service in one table; one plain-data input per scrape feeds them all.
// Keeps true: counters never fall, label values come from closed sets, what is told in parts sums to the whole.
// Reads snapshots and counters of the rooms below; prom-client gives the process metrics.
//
//   service:  new PoolMeter(now) → allocator listener    new PipelineMeter()    new HttpMeter(now)    new Scraper()
//   scrape:   scraper.text({ allocator: snapshot(allocator), pool: …sample(), pipeline: …sample(…), http: …sample() })
export { metricsMarkdown } from './document.ts';
export { ABORT_OUTCOMES, type AbortOutcome, HttpMeter, type HttpSample } from './http-meter.ts';
export { Histogram, type HistogramSample } from './histogram.ts';
export type { MetricsInput } from './input.ts';
export { type LoopSample, PipelineMeter, type PipelineSample } from './pipeline-meter.ts';
export { PoolMeter, type PoolSample } from './pool-meter.ts';
export { PROCESS_METRICS } from './process-metrics.ts';
export type { Row } from './row.ts';
export { CONTENT_TYPE, Scraper } from './scraper.ts';
export { type LabelsOf, type MetricName, METRICS, type SeriesName, type ValuesOf } from './table.ts';
export { eachSample, openMetricsHead, renderLabels, renderNumber, renderText } from './text-format.ts';
