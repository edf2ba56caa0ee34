// Logarithm and exponential from +, −, ×, ÷ alone. ECMAScript fixes those four to the bit, but leaves Math.log and Math.exp to
// the engine; with these, a seed gives the same traffic on every machine. Errors stay below 1e-10, which is more than chance needs.

const LN2 = 0.6931471805599453;
const SQRT_HALF = 0.7071067811865476;

const POWERS = Float64Array.from({ length: 2 * 1020 + 1 }, (_, i) => 2 ** (i - 1020)); // 2^−1020 … 2^1020, exact
const number = new Float64Array(1);
const words = new Uint32Array(number.buffer);
number[0] = 1;
const HIGH = words[1] === 0x3ff00000 ? 1 : 0; // which word holds sign and exponent on this machine

/** Natural logarithm of a positive, normal number: x = 2^k m, ln m = 2 artanh((m − 1) / (m + 1)), m in [√½, √2). */
export function ln(x: number): number {
  number[0] = x;
  let exponent = (words[HIGH]! >>> 20) - 1022;
  let m = x * POWERS[1020 - exponent]!;
  if (m < SQRT_HALF) {
    m *= 2;
    exponent--;
  }
  const s = (m - 1) / (m + 1);
  const z = s * s;
  const series = 1 / 3 + z * (1 / 5 + z * (1 / 7 + z * (1 / 9 + z * (1 / 11))));
  return exponent * LN2 + 2 * (s + s * z * series);
}

/** e^x for |x| < 700: x = k ln 2 + r, |r| ≤ ½ ln 2, Taylor's series of e^r. */
export function exp(x: number): number {
  const k = Math.floor(x * (1 / LN2) + 0.5);
  const r = x - k * LN2;
  const tail = 1 / 120 + r * (1 / 720 + r * (1 / 5040 + r * (1 / 40_320 + r * (1 / 362_880))));
  return (1 + r * (1 + r * (1 / 2 + r * (1 / 6 + r * (1 / 24 + r * tail))))) * POWERS[k + 1020]!;
}
