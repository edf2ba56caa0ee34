// Where headroom is heading: a straight line through the recent samples, by least squares.

export interface Trend {
  readonly bytesPerUnit: number; // of x: a simulated day, or a second
  readonly unitsLeft: number; // until headroom is gone on that line; Infinity where it does not fall
}

export const LEAST_SAMPLES = 20;
const NEGLIGIBLE_SHARE = 0.002; // of the limit over the whole stretch: called steady

/** `null`: too little is known. */
export function trendOf(x: ArrayLike<number>, headroom: ArrayLike<number>, limitBytes: number): Trend | null {
  const count = x.length;
  if (count < LEAST_SAMPLES || x[count - 1]! <= x[0]!) return null;
  let [sumX, sumY] = [0, 0];
  for (let i = 0; i < count; i++) {
    sumX += x[i]!;
    sumY += headroom[i]!;
  }
  const [meanX, meanY] = [sumX / count, sumY / count];
  let [products, squares] = [0, 0];
  for (let i = 0; i < count; i++) {
    products += (x[i]! - meanX) * (headroom[i]! - meanY);
    squares += (x[i]! - meanX) ** 2;
  }
  const slope = products / squares;
  const isSteady = Math.abs(slope) * (x[count - 1]! - x[0]!) < limitBytes * NEGLIGIBLE_SHARE;
  if (isSteady) return { bytesPerUnit: 0, unitsLeft: Infinity };
  return { bytesPerUnit: slope, unitsLeft: slope < 0 ? headroom[count - 1]! / -slope : Infinity };
}
