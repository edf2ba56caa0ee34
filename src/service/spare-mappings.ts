// Destroyed memory for its next use, for a moment: under steady traffic of large bodies each makes and destroys a chunk and a huge
// buffer of the same sizes, and fresh pages, which the kernel zeroes, cost more than copying the body (measured: 2.4 ms for 16 MiB).
//
//   map ──▶ in use ──unmap──▶ spare ──┬─ asked for again ──▶ in use
//                                     └─ 30 ms later, or more than 64 MiB spare ──▶ the system's
//
// Keeps true: spare bytes ≤ KEPT_BYTES, none older than KEPT_SECONDS. The allocator's account knows nothing of it: spare is given back.
import { type MemoryMapper, unmapAtOnce } from '../allocator/index.ts';
import type { Clock } from './clock.ts';

const KEPT_BYTES = 64 << 20;
const KEPT_SECONDS = 0.03;

interface Spare {
  readonly memory: Uint8Array;
  readonly cancel: () => void;
}

export class SpareMappings implements MemoryMapper {
  readonly #make: (bytes: number) => Uint8Array;
  readonly #clock: Clock;
  readonly #spares: Spare[] = []; // oldest first
  bytes = 0; // spare

  /** `make`: the whole of a buffer of fixed length, in a mapping of its own. */
  constructor(make: (bytes: number) => Uint8Array, clock: Clock) {
    this.#make = make;
    this.#clock = clock;
  }

  map(bytes: number): Uint8Array {
    const i = this.#spares.findLastIndex(({ memory }) => memory.length === bytes);
    if (i >= 0) return this.#take(i);
    try {
      return this.#make(bytes);
    } catch (error) {
      if (this.bytes === 0) throw error;
      while (this.bytes > 0) this.#free(); // the machine is short of memory: what is spare may be enough
      return this.#make(bytes);
    }
  }

  /** The old views end here: what is spare has a buffer of its own. */
  unmap(memory: Uint8Array): void {
    if (memory.length > KEPT_BYTES) return unmapAtOnce(memory);
    const buffer = (memory.buffer as ArrayBuffer).transfer();
    this.#spares.push({ memory: new Uint8Array(buffer), cancel: this.#clock.after(KEPT_SECONDS, () => this.#free()) });
    this.bytes += buffer.byteLength;
    while (this.bytes > KEPT_BYTES) this.#free();
  }

  /** The oldest. */
  #free(): void {
    unmapAtOnce(this.#take(0));
  }

  #take(i: number): Uint8Array {
    const { memory, cancel } = this.#spares.splice(i, 1)[0]!;
    cancel();
    this.bytes -= memory.length;
    return memory;
  }
}
