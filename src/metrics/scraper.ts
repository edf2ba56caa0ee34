// The text of /metrics: our table, and prom-client's metrics of the process from a registry of its own.
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { MetricsInput } from './input.ts';
import { MISNAMED_PROCESS_METRICS } from './process-metrics.ts';
import { METRICS } from './table.ts';
import { renderText } from './text-format.ts';

export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export class Scraper {
  readonly #process = new Registry();

  constructor() {
    collectDefaultMetrics({ register: this.#process });
    for (const name of MISNAMED_PROCESS_METRICS) this.#process.removeSingleMetric(name);
  }

  /** Ours is rendered at once, so `input` may be what the caller has taken in this turn. */
  async text(input: MetricsInput): Promise<string> {
    return renderText(METRICS, input) + (await this.#process.metrics());
  }
}
