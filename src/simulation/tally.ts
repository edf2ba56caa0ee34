// What is counted while a simulation runs: outcomes, failures, peaks, means over the hours, and a sample of each day.
import type { ExhaustionCause, PooledAllocator } from '../allocator/index.ts';
import { type Gauges, readGauges } from './gauges.ts';
import type { DaySample, Failure } from './result.ts';
import { countsByOutcome, OUTCOMES } from './source.ts';

export class Tally {
  readonly requests = new Float64Array(OUTCOMES.length); // ended, by outcome
  readonly failures: Record<ExhaustionCause, number> = { chunk: 0, huge: 0 };
  firstFailure: Failure | null = null;
  peakReservedBytes = 0;
  heldBytes = 0; // bodies received and not answered
  peakHeldBytes = 0;
  readonly days: DaySample[] = [];
  private readonly keepsDays: boolean;
  private hours = 0;
  private retainedSum = 0; // bytes, over the hours
  private strandedSum = 0;
  private dayPeakHeld = 0;
  private requestsBefore = new Float64Array(OUTCOMES.length); // the day
  private failuresBefore: Record<ExhaustionCause, number> = { chunk: 0, huge: 0 };

  constructor(keepsDays: boolean) {
    this.keepsDays = keepsDays;
  }

  /** Bytes of a body were received; they are held until its request ends. */
  noteReceived(bytes: number): void {
    this.heldBytes += bytes;
    if (this.heldBytes > this.dayPeakHeld) this.dayPeakHeld = this.heldBytes;
  }

  noteFailure(failure: Failure): void {
    this.failures[failure.cause]++;
    this.firstFailure ??= failure;
  }

  endHour(allocator: PooledAllocator): Gauges {
    const gauges = readGauges(allocator);
    this.hours++;
    this.retainedSum += gauges.reservedBytes - gauges.hugeBytes - gauges.liveBytes;
    this.strandedSum += gauges.strandedBytes;
    return gauges;
  }

  endDay(day: number, gauges: Gauges, { memory }: PooledAllocator): DaySample {
    this.foldPeaks(memory.peakBytes);
    const sample: DaySample = {
      day,
      ...gauges,
      requests: countsByOutcome(this.requests.map((count, i) => count - this.requestsBefore[i]!)),
      failures: { chunk: this.failures.chunk - this.failuresBefore.chunk, huge: this.failures.huge - this.failuresBefore.huge },
      peakReservedBytes: memory.peakBytes,
      peakHeldBytes: this.dayPeakHeld,
    };
    if (this.keepsDays) this.days.push(sample);
    this.requestsBefore = this.requests.slice();
    this.failuresBefore = { ...this.failures };
    memory.peakBytes = memory.reservedBytes;
    this.dayPeakHeld = this.heldBytes;
    return sample;
  }

  /** The day's peaks so far count for the whole, too. */
  foldPeaks(reservedBytes: number): void {
    this.peakReservedBytes = Math.max(this.peakReservedBytes, reservedBytes);
    this.peakHeldBytes = Math.max(this.peakHeldBytes, this.dayPeakHeld);
  }

  get meanRetainedBytes(): number {
    return this.hours === 0 ? 0 : this.retainedSum / this.hours;
  }

  get meanStrandedBytes(): number {
    return this.hours === 0 ? 0 : this.strandedSum / this.hours;
  }
}
