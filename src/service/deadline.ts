// A deadline that moves with every request. Its timer is not set anew each time: when it falls due, the deadline is looked at.
import type { Clock } from './clock.ts';

export class Deadline {
  readonly #clock: Clock;
  #atSeconds = Infinity;
  #onDue: () => void = () => undefined;
  #timerSeconds = Infinity; // when it falls due
  #cancelTimer: (() => void) | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Instead of what was set before. */
  set(seconds: number, onDue: () => void): void {
    this.#atSeconds = this.#clock.nowSeconds() + seconds;
    this.#onDue = onDue;
    if (this.#atSeconds < this.#timerSeconds) this.#wait(seconds);
  }

  clear(): void {
    this.#atSeconds = Infinity;
  }

  /** For good: no timer is left. */
  stop(): void {
    this.clear();
    this.#cancelTimer?.();
  }

  #wait(seconds: number): void {
    this.#cancelTimer?.();
    this.#timerSeconds = this.#clock.nowSeconds() + seconds;
    this.#cancelTimer = this.#clock.after(seconds, () => this.#look());
  }

  #look(): void {
    this.#timerSeconds = Infinity;
    this.#cancelTimer = null;
    const left = this.#atSeconds - this.#clock.nowSeconds();
    if (left === Infinity) return;
    if (left > EARLY_SECONDS) return this.#wait(left);
    this.clear();
    this.#onDue();
  }
}

const EARLY_SECONDS = 0.001; // by which a timer may fall due before its time
