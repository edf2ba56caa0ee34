// The peer behind the handler (the story's Cassandra): it keeps the whole message until it answers, at most `concurrency` at a
// time, the others wait in order. Time and chance are arguments: the owner calls `answered` when the time it was told has passed.
import type { Message } from './message.ts';

export interface PeerOptions {
  /** Median of the lognormal latency, seconds; 0: the peer answers at once. */
  readonly latencySeconds: number;
  readonly sigma: number; // of the lognormal's logarithm
  readonly bytesPerSecond: number; // added: message bytes / this; Infinity: nothing added
  readonly concurrency: number; // messages with the peer at a time; Infinity: no bound
  /** Draws the latency in place of median and sigma: a simulation's own chance, the same on every machine. */
  readonly sampleLatency?: () => number;
}
export const PROMPT_PEER: PeerOptions = { latencySeconds: 0, sigma: 0, bytesPerSecond: Infinity, concurrency: Infinity };

/** Ask to be called back: `peer.answered(message)` after that many seconds. */
export type Later = (seconds: number, message: Message) => void;

export class Peer {
  readonly options: PeerOptions;
  busy = 0; // messages the peer works on
  private readonly waiting: Message[] = []; // kept too, in order of arrival
  private readonly later: Later;
  private readonly answer: (message: Message) => void;
  private readonly random: () => number;

  constructor(options: PeerOptions, answer: (message: Message) => void, later: Later, random: () => number) {
    this.options = options;
    this.answer = answer;
    this.later = later;
    this.random = random;
  }

  /** Messages kept: with the peer and waiting for it. */
  get held(): number {
    return this.busy + this.waiting.length;
  }

  /** Take a message; it is answered at once if the peer takes no time and is free. */
  take(message: Message): void {
    if (this.busy >= this.options.concurrency || this.waiting.length > 0) this.waiting.push(message);
    else this.start(message);
  }

  private start(message: Message): void {
    const seconds = this.sampleSeconds(message.bytes);
    if (seconds === 0) return this.answer(message);
    this.busy++;
    this.later(seconds, message);
  }

  /** The time is up: answer, and start the next one that waits. */
  answered(message: Message): void {
    this.busy--;
    this.answer(message);
    while (this.busy < this.options.concurrency && this.waiting.length > 0) this.start(this.waiting.shift()!);
  }

  /** Forget a message that still waits (its client is gone). False: the peer has it already. */
  withdraw(message: Message): boolean {
    const i = this.waiting.indexOf(message);
    if (i >= 0) this.waiting.splice(i, 1);
    return i >= 0;
  }

  private sampleSeconds(bytes: number): number {
    const { latencySeconds, sigma, bytesPerSecond, sampleLatency } = this.options;
    let latency = latencySeconds;
    if (sampleLatency !== undefined) latency = sampleLatency();
    else if (latency > 0) latency *= Math.exp(sigma * this.normal());
    return latency + bytes / bytesPerSecond;
  }

  /** A standard normal number (Box and Muller). */
  private normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.random())) * Math.cos(2 * Math.PI * this.random());
  }
}
