// Real and simulated requests, side by side: totals and rates, from the counters of /metrics.
import { byId, element } from './dom.ts';
import { formatCount, formatRate } from './format.ts';
import { hasMetric, sumOf } from './metrics-reader.ts';

interface Counts {
  readonly answered: number;
  readonly exhausted: number; // no memory
  readonly other: number; // any other end
}

export class RequestTable {
  readonly #body = byId('requests', HTMLTableElement).tBodies[0]!;
  #before: { readonly at: number; readonly real: Counts; readonly simulated: Counts | null } | null = null;

  show(metrics: string, now: number): void {
    const real = realCounts(metrics);
    const simulated = simulatedCounts(metrics);
    const seconds = this.#before === null ? 0 : (now - this.#before.at) / 1000;
    const rate = (counts: Counts | null, before: Counts | null | undefined): string =>
      counts === null ? '–' : seconds === 0 || !before ? '…' : formatRate(Math.max(0, total(counts) - total(before)) / seconds);
    const count = (counts: Counts | null, pick: (counts: Counts) => number): string => (counts === null ? '–' : formatCount(pick(counts)));
    this.#rows([
      ['Rate', rate(real, this.#before?.real), rate(simulated, this.#before?.simulated)],
      ['Answered', count(real, (c) => c.answered), count(simulated, (c) => c.answered)],
      ['No memory', count(real, (c) => c.exhausted), count(simulated, (c) => c.exhausted)],
      ['Other', count(real, (c) => c.other), count(simulated, (c) => c.other)],
    ]);
    this.#before = { at: now, real, simulated };
  }

  #rows(rows: readonly (readonly [string, string, string])[]): void {
    this.#body.replaceChildren(...rows.map(([name, ...cells]) => element('tr', {}, element('th', { scope: 'row' }, name), ...cells.map((text) => element('td', {}, text))))); // prettier-ignore
  }
}

const total = ({ answered, exhausted, other }: Counts): number => answered + exhausted + other;

/** Bodies that were sent here; not the questions and orders of this page. */
function realCounts(metrics: string): Counts {
  const sum = (...labels: string[]) => sumOf(metrics, 'http_bodies_total', ...labels);
  const [answered, exhausted] = [sum('outcome="answered"'), sum('outcome="exhausted"')];
  return { answered, exhausted, other: sum() - answered - exhausted };
}

function simulatedCounts(metrics: string): Counts | null {
  if (!hasMetric(metrics, 'simulation_requests_total')) return null;
  const sum = (...labels: string[]) => sumOf(metrics, 'simulation_requests_total', ...labels);
  const [answered, exhausted] = [sum('outcome="completed"'), sum('outcome="failed"')];
  return { answered, exhausted, other: sum() - answered - exhausted };
}
