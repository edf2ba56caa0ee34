// A histogram: counts of values by upper bound, and their sum. Observing is a search in a short array; nothing is allocated.
//
//   counts[i] = values in (bounds[i − 1], bounds[i]],   counts[bounds.length] = values above the last bound

export interface HistogramSample {
  readonly bounds: readonly number[]; // ascending, +Inf left out
  readonly counts: ArrayLike<number>; // not cumulative; one more than bounds
  readonly sum: number;
}

export class Histogram implements HistogramSample {
  readonly bounds: readonly number[];
  readonly counts: Float64Array;
  sum = 0;

  constructor(bounds: readonly number[]) {
    if (bounds.some((bound, i) => !(bound > (bounds[i - 1] ?? -Infinity)) || bound === Infinity))
      throw new RangeError(`bounds: ${bounds.join(', ')} (expected: finite and ascending)`);
    this.bounds = bounds;
    this.counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    const { bounds } = this;
    let [low, high] = [0, bounds.length]; // the first bound that is ≥ value lies in low … high
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (value <= bounds[middle]!) high = middle;
      else low = middle + 1;
    }
    this.counts[low]!++;
    this.sum += value;
  }

  /** The present numbers, which later observations leave alone. */
  sample(): HistogramSample {
    return { bounds: this.bounds, counts: this.counts.slice(), sum: this.sum };
  }
}

/** 2^from, 2^(from + 1) … 2^to. */
export function powersOfTwo(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => 2 ** (from + i));
}
