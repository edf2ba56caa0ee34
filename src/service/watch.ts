// Watches a socket on which a request or its answer is under way: silent for too long, or too long on the way in all.
// Time during which we ourselves do not read (back-pressure) does not count against the client.
import type { Socket } from 'node:net';
import type { Clock } from './clock.ts';

const CHECKS_PER_TIMEOUT = 4; // so silence is noticed at most a quarter late

export interface Patience {
  readonly idleSeconds: number;
  readonly wholeSeconds: number; // Infinity: as long as it takes
}

export class Watch {
  readonly #clock: Clock;
  readonly #socket: Socket;
  readonly #onTooSlow: () => void;
  #patience: Patience = { idleSeconds: Infinity, wholeSeconds: Infinity };
  #startedSeconds = 0;
  #movedBytes = 0; // by the socket, when it was last seen to move
  #movedSeconds = 0; // when that was
  #isPaused = false;
  #cancelTimer: (() => void) | null = null;

  constructor(clock: Clock, socket: Socket, onTooSlow: () => void) {
    this.#clock = clock;
    this.#socket = socket;
    this.#onTooSlow = onTooSlow;
  }

  start(patience: Patience): void {
    this.stop();
    this.#patience = patience;
    this.#startedSeconds = this.#movedSeconds = this.#clock.nowSeconds();
    this.#wait();
  }

  stop(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
  }

  pause(): void {
    this.#isPaused = true;
  }

  /** What went before is forgiven. */
  resume(): void {
    this.#isPaused = false;
    this.#startedSeconds = this.#movedSeconds = this.#clock.nowSeconds();
  }

  #wait(): void {
    const { idleSeconds, wholeSeconds } = this.#patience;
    this.#cancelTimer = this.#clock.after(Math.min(idleSeconds, wholeSeconds) / CHECKS_PER_TIMEOUT, () => {
      if (this.#isTooSlow(this.#clock.nowSeconds())) this.#onTooSlow();
      else this.#wait();
    });
  }

  #isTooSlow(nowSeconds: number): boolean {
    const moved = this.#socket.bytesRead + this.#socket.bytesWritten;
    if (moved !== this.#movedBytes) [this.#movedBytes, this.#movedSeconds] = [moved, nowSeconds];
    if (this.#isPaused) return false;
    const { idleSeconds, wholeSeconds } = this.#patience;
    return nowSeconds - this.#movedSeconds >= idleSeconds || nowSeconds - this.#startedSeconds >= wholeSeconds;
  }
}
