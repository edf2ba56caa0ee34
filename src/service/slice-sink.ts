// Without the aggregator: slices come one by one and are released one by one, when whoever wanted them has had them.
//
//   held = slices taken, not yet released, in order of arrival;  abort releases them all
import { createHash, type Hash } from 'node:crypto';
import { type BufferRef, NONE, type PooledAllocator, viewBytes } from '../allocator/index.ts';
import type { Answer } from './answer.ts';
import type { Clock } from './clock.ts';

/** What a client wants done with its body. */
export type Wanted = 'count' | 'digest' | 'echo';

interface HeldSlice {
  readonly ref: BufferRef;
  readonly dueSeconds: number; // when its consumer has read it
}

export class SliceSink {
  readonly #allocator: PooledAllocator;
  readonly #clock: Clock;
  readonly #bytesPerSecond: number; // of the consumer; Infinity: each slice is read at once
  readonly #hash: Hash | null;
  readonly #answer: Answer | null; // echo: where the slices go
  readonly #onDrained: () => void;
  #held: HeldSlice[] = [];
  #busyUntilSeconds = 0;
  #cancelTimer: (() => void) | null = null;
  #isFinished = false;
  bytes = 0;
  slices = 0;

  constructor(allocator: PooledAllocator, clock: Clock, bytesPerSecond: number, wanted: Wanted, answer: Answer, onDrained: () => void) {
    this.#allocator = allocator;
    this.#clock = clock;
    this.#bytesPerSecond = bytesPerSecond;
    this.#hash = wanted === 'digest' ? createHash('sha256') : null;
    this.#answer = wanted === 'echo' ? answer : null;
    this.#onDrained = onDrained;
  }

  /** Take over a slice. False: the client is slower than its own body (echo); stop reading until the answer drains. */
  take(ref: BufferRef, offset: number, length: number): boolean {
    if (ref === NONE) return true;
    this.bytes += length;
    this.slices++;
    this.#hash?.update(viewBytes(this.#allocator, ref, offset, offset + length));
    if (this.#answer !== null) return this.#send(this.#answer, ref, offset, length);
    if (this.#bytesPerSecond === Infinity) this.#allocator.release(ref);
    else this.#hold(ref, length);
    return true;
  }

  /** The body is complete: call back when all slices are released. */
  finish(): void {
    this.#isFinished = true;
    if (this.#held.length === 0) this.#onDrained();
  }

  digest(): string | undefined {
    return this.#hash?.digest('hex');
  }

  /** Release whatever is held. Only when nothing can be reading it: its socket is closed, or it was never sent. */
  abort(): void {
    this.#cancelTimer?.();
    for (const { ref } of this.#held) this.#allocator.release(ref);
    this.#held = [];
    this.#isFinished = false;
  }

  #send(answer: Answer, ref: BufferRef, offset: number, length: number): boolean {
    const slice = { ref, dueSeconds: 0 };
    this.#held.push(slice);
    return answer.write(viewBytes(this.#allocator, ref, offset, offset + length), () => {
      if (this.#held[0] === slice) this.#releaseFirst(); // writes end in order; after an abort none is held
    });
  }

  #hold(ref: BufferRef, length: number): void {
    this.#busyUntilSeconds = Math.max(this.#busyUntilSeconds, this.#clock.nowSeconds()) + length / this.#bytesPerSecond;
    this.#held.push({ ref, dueSeconds: this.#busyUntilSeconds });
    if (this.#held.length === 1) this.#wait();
  }

  #wait(): void {
    const due = this.#held[0]!.dueSeconds;
    this.#cancelTimer = this.#clock.after(Math.max(0, due - this.#clock.nowSeconds()), () => {
      const now = this.#clock.nowSeconds();
      this.#releaseFirst(); // its time, however the timer was rounded
      while (this.#held.length > 0 && this.#held[0]!.dueSeconds <= now) this.#releaseFirst();
      if (this.#held.length > 0) this.#wait();
    });
  }

  #releaseFirst(): void {
    this.#allocator.release(this.#held.shift()!.ref);
    if (this.#isFinished && this.#held.length === 0) this.#onDrained();
  }
}
