// The samples of one block of time: a column for each series, a place in it for each sample time. OpenMetrics wants all samples of a
// metric together, and those of a series in order of time, while the simulation yields them hour by hour; so they are turned here.
//
//            time 0  time 1  …            row ─▶ series ─▶ Float64Array
//   series A   1.0     1.5   …            NaN: the series had no sample then
//   series B   0       0     …
import { eachSample, type MetricsInput, openMetricsHead, renderNumber, type Row } from '../metrics/index.ts';
import { type Detail, foldValues } from './selection.ts';

export class Columns {
  readonly #rows: readonly Row[];
  readonly #detail: Detail;
  readonly #capacity: number; // sample times
  readonly #seconds: number[] = []; // sample times so far
  readonly #series: readonly Map<string, Float64Array>[]; // by row, then by name and labels

  constructor(rows: readonly Row[], detail: Detail, capacity: number) {
    this.#rows = rows;
    this.#detail = detail;
    this.#capacity = capacity;
    this.#series = rows.map(() => new Map<string, Float64Array>());
  }

  get times(): number {
    return this.#seconds.length;
  }

  /** All samples of that time, which is later than those before. */
  add(seconds: number, input: MetricsInput): void {
    const place = this.#seconds.push(seconds) - 1;
    this.#rows.forEach((row, i) => {
      const series = this.#series[i]!;
      const tell = (name: string, pairs: string, value: number) => {
        const column = this.#columnOf(series, `${name}{${pairs}`);
        const before = column[place]!;
        column[place] = Number.isNaN(before) ? value : foldValues(row, before, value);
      };
      eachSample(row, input, tell, this.#detail.folded(row));
    });
  }

  #columnOf(series: Map<string, Float64Array>, key: string): Float64Array {
    let column = series.get(key);
    if (column === undefined) series.set(key, (column = new Float64Array(this.#capacity).fill(NaN)));
    return column;
  }

  /** The text in pieces, without the end mark. `target` are labels that every sample gets first. Returns the samples told. */
  write(target: string, tell: (text: string) => void): number {
    let samples = 0;
    this.#rows.forEach((row, i) => {
      tell(openMetricsHead(row));
      for (const [key, column] of this.#series[i]!) {
        const head = withTarget(key, target);
        let text = '';
        for (let place = 0; place < this.times; place++) {
          if (Number.isNaN(column[place]!)) continue;
          text += `${head} ${renderNumber(column[place]!)} ${this.#seconds[place]}\n`;
          samples++;
        }
        tell(text);
      }
    });
    return samples;
  }
}

/** `name{pairs` → `name{target,pairs}`. */
function withTarget(key: string, target: string): string {
  const brace = key.indexOf('{');
  const pairs = key.slice(brace + 1);
  return `${key.slice(0, brace)}{${target}${pairs === '' ? '' : `,${pairs}`}}`;
}
