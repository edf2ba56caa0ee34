// When requests arrive: a Poisson process whose rate follows the hour of the day, the day of the week, and bursts.
//
//   an exponential amount of "hazard" is used up along the rate:  ∫ rate dt from the last arrival to the next = Exp(1)
//
// The week is 168 factors, one an hour, of mean 1: over whole weeks `perDay` holds exactly. Times are whole microseconds.
import type { Random } from './random.ts';

export const SECOND_MICROS = 1_000_000;
export const HOUR_MICROS = 3_600 * SECOND_MICROS;
export const DAY_MICROS = 24 * HOUR_MICROS;
const WEEK_HOURS = 168;

/** Times of raised traffic: `times` the rate, beginning `perDay` times a day, each lasting so long. */
export interface Bursts {
  readonly perDay: number;
  readonly seconds: number;
  readonly times: number;
}

/** 24 hours × 7 days as 168 factors of mean 1; day 0 is a Monday. */
export function weekShape(hours: readonly number[], days: readonly number[]): Float64Array {
  const shape = Float64Array.from({ length: WEEK_HOURS }, (_, i) => hours[i % 24]! * days[Math.floor(i / 24)]!);
  const mean = shape.reduce((sum, factor) => sum + factor, 0) / WEEK_HOURS;
  return shape.map((factor) => factor / mean);
}

export class Arrivals {
  private readonly perHour: number;
  private readonly shape: Float64Array;
  private readonly random: Random;
  private readonly bursts: Bursts | null;
  private hourMicrosPerArrival = 0; // in the hour that was looked at last; Infinity: nothing arrives then
  private hourEnd = 0; // of that hour
  private burstFrom = Infinity; // the burst under way or next
  private burstTo = Infinity;

  constructor(perDay: number, shape: Float64Array, random: Random, bursts: Bursts | null = null) {
    this.perHour = perDay / 24;
    this.shape = shape;
    this.random = random;
    this.bursts = bursts;
    if (bursts !== null) this.nextBurst(0);
  }

  /** The next arrival after `micros`; Infinity when the rate is 0 for a whole week. */
  next(micros: number): number {
    let hazard = this.random.exponential();
    let at = micros;
    for (let idleHours = 0; idleHours < WEEK_HOURS;) {
      if (at >= this.hourEnd || at < this.hourEnd - HOUR_MICROS) this.enterHour(at);
      let microsPerArrival = this.hourMicrosPerArrival;
      let end = this.hourEnd;
      if (this.bursts !== null) {
        if (at >= this.burstTo) this.nextBurst(at);
        if (at >= this.burstFrom) microsPerArrival /= this.bursts.times;
        end = Math.min(end, at < this.burstFrom ? this.burstFrom : this.burstTo);
      }
      const time = at + hazard * microsPerArrival;
      if (time <= end) return Math.max(micros + 1, Math.ceil(time));
      hazard -= (end - at) / microsPerArrival;
      at = end;
      idleHours = microsPerArrival === Infinity ? idleHours + 1 : 0;
    }
    return Infinity;
  }

  /** Keeps the rate of the hour: a remainder of large numbers for each arrival would cost more than the draw. */
  private enterHour(micros: number): void {
    const hour = Math.floor(micros / HOUR_MICROS);
    this.hourMicrosPerArrival = HOUR_MICROS / (this.perHour * this.shape[hour % WEEK_HOURS]!);
    this.hourEnd = (hour + 1) * HOUR_MICROS;
  }

  private nextBurst(micros: number): void {
    const { perDay, seconds } = this.bursts!;
    this.burstFrom = Math.ceil(micros + (this.random.exponential() * DAY_MICROS) / perDay);
    this.burstTo = this.burstFrom + Math.ceil(seconds * SECOND_MICROS);
  }
}
