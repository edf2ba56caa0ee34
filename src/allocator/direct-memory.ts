// The limit, and the real memory behind chunks. Netty's -XX:MaxDirectMemorySize: reserved first, then made.
//
//   reservedBytes = Σ chunks + Σ huge ≤ limitBytes,   hugeBytes = Σ huge
import { fail } from './errors.ts';

export type MemoryKind = 'real' | 'none';
/** Makes zeroed memory in a mapping of its own, so that detaching its buffer gives it back to the system at once. */
export type MemoryMapper = (bytes: number) => Uint8Array;

export class DirectMemory {
  readonly limitBytes: number;
  readonly kind: MemoryKind;
  reservedBytes = 0;
  peakBytes = 0; // the most reserved at once since its reader last lowered it
  hugeBytes = 0;
  hugeCount = 0;

  private readonly map: MemoryMapper;

  constructor(limitBytes: number, kind: MemoryKind, map: MemoryMapper = mapped) {
    if (!(limitBytes > 0)) fail('BAD_LIMIT', limitBytes);
    this.limitBytes = limitBytes;
    this.kind = kind;
    this.map = map;
  }

  /** Reserve and make. `undefined`: it would exceed the limit, or the system has no such memory; `null`: an allocator without bytes. */
  make(bytes: number): Uint8Array | null | undefined {
    if (this.reservedBytes + bytes > this.limitBytes) return undefined;
    let memory: Uint8Array | null = null;
    if (this.kind === 'real') {
      try {
        memory = this.map(bytes);
      } catch (error) {
        if (error instanceof RangeError) return undefined; // the machine is out of memory before our limit is
        throw error;
      }
    }
    this.reservedBytes += bytes;
    if (this.reservedBytes > this.peakBytes) this.peakBytes = this.reservedBytes;
    return memory;
  }

  /** Give back at once: a transfer to length 0 frees the pages now, not at the next collection. */
  destroy(memory: Uint8Array | null, bytes: number): void {
    if (memory !== null) (memory.buffer as ArrayBuffer).transferToFixedLength(0);
    this.reservedBytes -= bytes;
  }
}

/**
 * The mapper that works everywhere. A buffer that may be resized is mapped by V8 itself; any other comes from malloc, which, once
 * something larger than a chunk was freed, carves chunks from its heap and keeps them (measured: 35 of 40 freed chunks stayed resident).
 */
function mapped(bytes: number): Uint8Array {
  return new Uint8Array(new ArrayBuffer(bytes, { maxByteLength: bytes }), 0, bytes);
}
