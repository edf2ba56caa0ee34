// How large the next receive buffer should be, learnt per connection from what the last readable events brought.
// Source of the behaviour: Netty's AdaptiveRecvByteBufAllocator; what its versions do differently stands in profile.ts.
import type { PipelineProfile } from './profile.ts';

/** 16, 32 … 496, then 512, 1024, 2048 … 2^30. */
const SIZES = Int32Array.from([
  ...Array.from({ length: 31 }, (_, i) => 16 * (i + 1)),
  ...Array.from({ length: 22 }, (_, i) => 512 * 2 ** i),
]);
const STEP_UP = 4;
const STEP_DOWN = 1;

export interface ReceiveOptions {
  readonly minimum: number; // bytes
  readonly initial: number;
  readonly maximum: number;
  readonly maxReads: number; // reads for one readable event
}
export const NETTY_RECEIVE: ReceiveOptions = { minimum: 64, initial: 1024, maximum: 65_536, maxReads: 16 };

/** The range of table indices that a server's connections use. */
export interface PredictorRange {
  readonly lowest: number;
  readonly first: number;
  readonly highest: number;
}

export function predictorRange({ minimum, initial, maximum }: ReceiveOptions): PredictorRange {
  const lowest = SIZES.findIndex((size) => size >= minimum);
  const highest = SIZES.findLastIndex((size) => size <= maximum);
  if (lowest < 0 || highest < lowest) throw new RangeError(`receive: ${minimum} … ${maximum} (expected: 16 ≤ minimum ≤ maximum)`);
  return { lowest, first: Math.min(highest, indexOf(initial)), highest };
}

function indexOf(bytes: number): number {
  const i = SIZES.findIndex((size) => size >= bytes);
  return i < 0 ? SIZES.length - 1 : i;
}

export class Predictor {
  private readonly range: PredictorRange;
  private readonly smallSteps: number;
  private index: number;
  private steppingDown = false; // one small event so far; the next steps down
  bytes: number; // size of the next receive buffer

  constructor(range: PredictorRange, { smallSteps }: Pick<PipelineProfile, 'smallSteps'>) {
    this.range = range;
    this.smallSteps = smallSteps;
    this.index = range.first;
    this.bytes = SIZES[range.first]!;
  }

  /** A readable event ended having brought `total` bytes, or a read filled its buffer of that many. */
  record(total: number): void {
    if (total <= SIZES[Math.max(0, this.index - this.smallSteps)]!) {
      if (this.steppingDown) this.moveTo(Math.max(this.index - STEP_DOWN, this.range.lowest));
      else this.steppingDown = true;
    } else if (total >= this.bytes) this.moveTo(Math.min(this.index + STEP_UP, this.range.highest));
  }

  private moveTo(index: number): void {
    this.index = index;
    this.bytes = SIZES[index]!;
    this.steppingDown = false;
  }
}
