// Simulated time: whole microseconds since the start, and what is due later. An event is a kind and a number, packed:
//
//   code  | number (28 bits) | kind (3 bits) |     number: of a source, a client, or a message
import { EventQueue } from './event-queue.ts';

export const ARRIVAL = 0; // of a session, at a source
export const DELIVERY = 1; // of bytes, to a client's connection
export const ANSWER = 2; // of the peer, to a message
export const CONSUMED = 3; // a slice, by a reader that takes them one by one
export const STALL = 4; // of the peer begins
export const HOUR = 5; // is over
export const GIVE_UP = 6; // a client that back-pressure has kept waiting
const KIND_BITS = 3;

export const MAX_CHAINED = 64; // steps of one client without a look at the queue and the owner's clock

export class Timeline {
  micros = 0;
  until = 0; // how far the owner lets time go now
  readonly queue = new EventQueue();
  private readonly clock: { clock: number }; // the allocator's, in seconds

  constructor(clock: { clock: number }) {
    this.clock = clock;
  }

  get seconds(): number {
    return this.micros / 1e6;
  }

  moveTo(micros: number): void {
    this.micros = micros;
    this.clock.clock = micros * 1e-6;
  }

  /** Go there at once if nothing else is due before; false: something is, or the owner wants to stop before. */
  skipTo(micros: number): boolean {
    if (micros >= this.queue.nextTime || micros > this.until) return false;
    this.moveTo(micros);
    return true;
  }

  at(micros: number, kind: number, number: number): void {
    if (micros !== Infinity) this.queue.push(micros, (number << KIND_BITS) | kind);
  }

  /** After so many microseconds, rounded up; at least one, so that time goes on. */
  after(micros: number, kind: number, number: number): void {
    this.at(this.micros + Math.max(1, Math.ceil(micros)), kind, number);
  }
}

export function kindOf(code: number): number {
  return code & ((1 << KIND_BITS) - 1);
}

export function numberOf(code: number): number {
  return code >> KIND_BITS;
}
