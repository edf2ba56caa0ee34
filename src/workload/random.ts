// Chance, seeded: xoshiro128** over 32-bit integers. Each stream is named, so that a new source of chance shifts no other.
// Source of the generator: Blackman and Vigna (2018); seeding by splitmix32.
import { exp, ln } from './exact-math.ts';

const TWO_32 = 4_294_967_296;

// The ziggurat: 128 layers of equal area under e^(−x²/2); layer i lies between EDGES[i + 1] and EDGES[i], the first holds the tail.
const LAYERS = 128;
const LAST_EDGE = 3.442619855899;
const LAYER_AREA = 9.91256303526217e-3;
const density = (x: number) => exp(-0.5 * x * x);
const EDGES = new Float64Array(LAYERS + 1); // EDGES[128] = 0
EDGES[0] = LAYER_AREA / density(LAST_EDGE);
EDGES[1] = LAST_EDGE;
for (let i = 2; i < LAYERS; i++) EDGES[i] = Math.sqrt(-2 * ln(LAYER_AREA / EDGES[i - 1]! + density(EDGES[i - 1]!)));

// The same under e^(−x).
const LAST_TIME = 6.898315116615642;
const TIME_AREA = 7.973229539553496e-3;
const TIMES = new Float64Array(LAYERS + 1); // TIMES[128] = 0
TIMES[0] = TIME_AREA / exp(-LAST_TIME);
TIMES[1] = LAST_TIME;
for (let i = 2; i < LAYERS; i++) TIMES[i] = -ln(TIME_AREA / TIMES[i - 1]! + exp(-TIMES[i - 1]!));

const BATCH = 256; // draws made at once, with the state in registers (benchmark: bench/simulation.ts, "random" row)

export class Random {
  private readonly state = new Int32Array(4);
  private readonly batch = new Uint32Array(BATCH);
  private used = BATCH;

  constructor(seed: number, stream: string) {
    let word = hash(stream, Math.imul(seed | 0, 0x9e3779b1) ^ Math.floor(seed / TWO_32));
    for (let i = 0; i < 4; i++) this.state[i] = mix((word = (word + 0x9e3779b9) | 0));
  }

  /** 32 random bits. */
  bits(): number {
    if (this.used === BATCH) this.refill();
    return this.batch[this.used++]!;
  }

  private refill(): void {
    const { state, batch } = this;
    let [s0, s1, s2, s3] = [state[0]!, state[1]!, state[2]!, state[3]!];
    for (let i = 0; i < BATCH; i++) {
      const times5 = Math.imul(s1, 5);
      batch[i] = Math.imul((times5 << 7) | (times5 >>> 25), 9);
      const shifted = s1 << 9;
      s2 ^= s0;
      s3 ^= s1;
      s1 ^= s2;
      s0 ^= s3;
      s2 ^= shifted;
      s3 = (s3 << 11) | (s3 >>> 21);
    }
    state.set([s0, s1, s2, s3]);
    this.used = 0;
  }

  /** In (0, 1), never 0 or 1. */
  unit(): number {
    return (this.bits() + 0.5) / TWO_32;
  }

  /** Exponential, mean 1, by its own ziggurat. */
  exponential(): number {
    let passed = 0;
    for (;;) {
      const bits = this.bits();
      const layer = bits & (LAYERS - 1);
      const x = ((bits >>> 7) / 0x2000000) * TIMES[layer]!;
      if (x < TIMES[layer + 1]!) return passed + x;
      if (layer === 0) {
        passed += LAST_TIME; // the tail is an exponential law again
        continue;
      }
      const low = exp(-TIMES[layer]!);
      if (low + this.unit() * (exp(-TIMES[layer + 1]!) - low) < exp(-x)) return passed + x;
    }
  }

  /** Standard normal. Nearly always one draw, one comparison and one product (the ziggurat of Marsaglia and Tsang). */
  normal(): number {
    for (;;) {
      const bits = this.bits();
      const layer = bits & (LAYERS - 1);
      const unit = (bits >>> 7) / 0x1000000 - 1; // in [−1, 1)
      const x = unit * EDGES[layer]!;
      if (Math.abs(x) < EDGES[layer + 1]!) return x;
      if (layer === 0) return unit < 0 ? -this.normalTail() : this.normalTail();
      const low = density(EDGES[layer]!);
      const high = density(EDGES[layer + 1]!);
      if (low + this.unit() * (high - low) < density(x)) return x;
    }
  }

  /** Beyond the last edge. */
  private normalTail(): number {
    for (;;) {
      const x = this.exponential() / LAST_EDGE;
      if (2 * this.exponential() > x * x) return LAST_EDGE + x;
    }
  }

  lognormal(median: number, sigma: number): number {
    return sigma === 0 ? median : median * exp(sigma * this.normal());
  }
}

/** FNV-1a over the name, from a start value. */
function hash(text: string, start: number): number {
  let word = 0x811c9dc5 ^ start;
  for (let i = 0; i < text.length; i++) word = Math.imul(word ^ text.charCodeAt(i), 0x01000193);
  return word;
}

/** Splitmix32's output function: every bit of the input reaches every bit of the output. */
function mix(word: number): number {
  word = Math.imul(word ^ (word >>> 16), 0x21f0aaad);
  word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
  return word ^ (word >>> 15);
}
