// Looks for input for a moment instead of going to sleep, as SO_BUSY_POLL does: the rest of a body is on its way, whoever has just been
// answered often asks again at once, and to be woken takes longer than to look (bench/http.ts, from nothing to 40 us: 100 KB bodies
// 607 -> 871 MB/s, on a kept connection 958 -> 1584; 20 MB bodies 1599 -> 1860).
// In real time, whatever the clock: the system is polled, not the clock.
import { availableParallelism } from 'node:os';

export class BusyPoll {
  readonly #milliseconds: number;
  #until = 0; // performance.now()
  #isPolling = false;

  /** So long after the last `start`; 0: not at all. With a single processor the client needs it more than we do. */
  constructor(seconds: number, processors = availableParallelism()) {
    this.#milliseconds = processors > 1 ? seconds * 1000 : 0;
  }

  /** For tests. */
  get isPolling(): boolean {
    return this.#isPolling;
  }

  start(): void {
    if (this.#milliseconds === 0) return;
    this.#until = performance.now() + this.#milliseconds;
    if (!this.#isPolling) this.#turn();
  }

  /** While something is due at once, the event loop asks the system for input and does not wait for it. */
  readonly #turn = (): void => {
    this.#isPolling = performance.now() < this.#until;
    if (this.#isPolling) setImmediate(this.#turn);
  };
}
