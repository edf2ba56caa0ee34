// Distributions as a scenario names them, and samplers for them. A sampler draws from one stream; it makes no garbage.
import { exp, ln } from './exact-math.ts';
import type { Random } from './random.ts';

export type Distribution =
  | { readonly kind: 'fixed'; readonly value: number }
  | { readonly kind: 'uniform'; readonly from: number; readonly to: number }
  | { readonly kind: 'logUniform'; readonly from: number; readonly to: number }
  | { readonly kind: 'lognormal'; readonly median: number; readonly sigma: number; readonly min: number; readonly max: number }
  | { readonly kind: 'exponential'; readonly mean: number; readonly min: number; readonly max: number } // min + exponential, at most max
  | { readonly kind: 'geometric'; readonly median: number; readonly max: number } // 1, 2, 3 …, at most max
  | { readonly kind: 'mixture'; readonly parts: readonly { readonly weight: number; readonly of: Distribution }[] };

export type Sampler = () => number;

export function createSampler(distribution: Distribution, random: Random): Sampler {
  switch (distribution.kind) {
    case 'fixed':
      return () => distribution.value;
    case 'uniform': {
      const { from, to } = distribution;
      return () => from + (to - from) * random.unit();
    }
    case 'logUniform': {
      const { from, to } = distribution;
      const span = ln(to / from);
      return () => from * exp(span * random.unit());
    }
    case 'lognormal': {
      const { median, sigma, min, max } = distribution;
      return () => Math.min(max, Math.max(min, random.lognormal(median, sigma)));
    }
    case 'exponential': {
      const { mean, min, max } = distribution;
      return () => Math.min(max, min + mean * random.exponential());
    }
    case 'geometric':
      return geometric(distribution.median, distribution.max, random);
    case 'mixture':
      return mixture(distribution.parts, random);
  }
}

const CELLS = 1 << 10; // of the guide table

/** P(more than k) = 2^(−k / median); one draw, a look where the thresholds of its first bits begin, then mostly no walk along them. */
function geometric(median: number, max: number, random: Random): Sampler {
  const thresholds = Float64Array.from({ length: max - 1 }, (_, i) => 4_294_967_296 * exp((-ln(2) * (i + 1)) / median));
  const walk = (bits: number, from: number): number => {
    let k = from;
    while (k < thresholds.length && bits < thresholds[k]!) k++;
    return k;
  };
  const starts = Int32Array.from({ length: CELLS }, (_, cell) => walk((cell + 1) * (4_294_967_296 / CELLS) - 1, 0));
  return () => {
    const bits = random.bits();
    return walk(bits, starts[bits >>> 22]!) + 1;
  };
}

function mixture(parts: readonly { readonly weight: number; readonly of: Distribution }[], random: Random): Sampler {
  const samplers = parts.map(({ of }) => createSampler(of, random));
  const total = parts.reduce((sum, { weight }) => sum + weight, 0);
  let sum = 0;
  const bounds = Float64Array.from(parts, ({ weight }) => (sum += weight) / total);
  return () => {
    const unit = random.unit();
    let part = 0;
    while (part < samplers.length - 1 && unit >= bounds[part]!) part++;
    return samplers[part]!();
  };
}
