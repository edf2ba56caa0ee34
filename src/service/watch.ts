// Watches sockets on which a request or its answer is under way: silent for too long, or too long on the way in all.
// Time during which we ourselves do not read (back-pressure) does not count against the client.
import type { Socket } from 'node:net';
import type { Clock } from './clock.ts';

export interface Patience {
  readonly idleSeconds: number;
  readonly wholeSeconds: number; // Infinity: as long as it takes
  readonly isAnswer: boolean; // what comes meanwhile, of the next request, is no movement
}

/** All watches that are under way, looked at together from time to time. */
export class Watches {
  readonly clock: Clock;
  readonly #everySeconds: number;
  readonly #underWay = new Set<Watch>();
  #cancelTimer: (() => void) | null = null;

  /** Whoever is too slow is noticed at most so much late. */
  constructor(clock: Clock, everySeconds: number) {
    this.clock = clock;
    this.#everySeconds = everySeconds;
  }

  add(watch: Watch): void {
    this.#underWay.add(watch);
    if (this.#cancelTimer === null) this.#wait();
  }

  delete(watch: Watch): void {
    this.#underWay.delete(watch);
  }

  /** For good: no timer is left. */
  stop(): void {
    this.#underWay.clear();
    this.#cancelTimer?.();
  }

  #wait(): void {
    this.#cancelTimer = this.clock.after(this.#everySeconds, () => {
      this.#cancelTimer = null;
      for (const watch of [...this.#underWay]) watch.look();
      if (this.#underWay.size > 0) this.#wait();
    });
  }
}

export class Watch {
  readonly #watches: Watches;
  readonly #socket: Socket;
  readonly #isOursToMove: () => boolean;
  readonly #onTooSlow: () => void;
  #patience: Patience = { idleSeconds: Infinity, wholeSeconds: Infinity, isAnswer: false };
  #startedSeconds = 0;
  #movedBytes = 0; // by the socket, when it was last seen to move
  #movedSeconds = 0; // when that was
  #isPaused = false;

  /** `isOursToMove`: the client can do nothing now. */
  constructor(watches: Watches, socket: Socket, isOursToMove: () => boolean, onTooSlow: () => void) {
    this.#watches = watches;
    this.#socket = socket;
    this.#isOursToMove = isOursToMove;
    this.#onTooSlow = onTooSlow;
  }

  start(patience: Patience): void {
    this.#patience = patience;
    this.#isPaused = false;
    this.#startedSeconds = this.#movedSeconds = this.#watches.clock.nowSeconds();
    this.#watches.add(this);
  }

  stop(): void {
    this.#watches.delete(this);
  }

  pause(): void {
    this.#isPaused = true;
  }

  /** What went before is forgiven. */
  resume(): void {
    this.#isPaused = false;
    this.#startedSeconds = this.#movedSeconds = this.#watches.clock.nowSeconds();
  }

  look(): void {
    if (this.#isOursToMove()) this.#startedSeconds = this.#movedSeconds = this.#watches.clock.nowSeconds();
    if (!this.#isTooSlow(this.#watches.clock.nowSeconds())) return;
    this.stop();
    this.#onTooSlow();
  }

  #isTooSlow(nowSeconds: number): boolean {
    const { bytesRead, bytesWritten, writableLength } = this.#socket;
    const moved = (this.#patience.isAnswer ? 0 : bytesRead) + bytesWritten - writableLength;
    if (moved !== this.#movedBytes) [this.#movedBytes, this.#movedSeconds] = [moved, nowSeconds];
    if (this.#isPaused) return false;
    const { idleSeconds, wholeSeconds } = this.#patience;
    return nowSeconds - this.#movedSeconds >= idleSeconds || nowSeconds - this.#startedSeconds >= wholeSeconds;
  }
}
