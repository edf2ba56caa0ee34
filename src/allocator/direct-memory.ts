// The limit, and the real memory behind chunks. Netty's -XX:MaxDirectMemorySize: reserved first, then made.
//
//   reservedBytes = Σ chunks + Σ huge ≤ limitBytes,   hugeBytes = Σ huge
import { fail } from './errors.ts';

export type MemoryKind = 'real' | 'none';
/** Where real memory comes from, and where it goes. */
export interface MemoryMapper {
  /** The whole of a buffer of its own; what is in it is anything. RangeError: the system has no such memory. */
  map(bytes: number): Uint8Array;
  /** Give back what was mapped. No view of it reads or writes it any more. */
  unmap(memory: Uint8Array): void;
}

export class DirectMemory {
  readonly limitBytes: number;
  readonly kind: MemoryKind;
  reservedBytes = 0;
  peakBytes = 0; // the most reserved at once since its reader last lowered it
  hugeBytes = 0;
  hugeCount = 0;

  private readonly mapper: MemoryMapper;

  constructor(limitBytes: number, kind: MemoryKind, mapper: MemoryMapper = MAPPER) {
    if (!(limitBytes > 0)) fail('BAD_LIMIT', limitBytes);
    this.limitBytes = limitBytes;
    this.kind = kind;
    this.mapper = mapper;
  }

  /** Reserve and make. `undefined`: it would exceed the limit, or the system has no such memory; `null`: an allocator without bytes. */
  make(bytes: number): Uint8Array | null | undefined {
    if (this.reservedBytes + bytes > this.limitBytes) return undefined;
    let memory: Uint8Array | null = null;
    if (this.kind === 'real') {
      try {
        memory = this.mapper.map(bytes);
      } catch (error) {
        if (error instanceof RangeError) return undefined; // the machine is out of memory before our limit is
        throw error;
      }
    }
    this.reservedBytes += bytes;
    if (this.reservedBytes > this.peakBytes) this.peakBytes = this.reservedBytes;
    return memory;
  }

  destroy(memory: Uint8Array | null, bytes: number): void {
    if (memory !== null) this.mapper.unmap(memory);
    this.reservedBytes -= bytes;
  }
}

/** A transfer to length 0 gives the pages back now, not at the next collection. */
export function unmapAtOnce(memory: Uint8Array): void {
  (memory.buffer as ArrayBuffer).transferToFixedLength(0);
}

/**
 * The mapper that works everywhere. A buffer that may be resized is mapped by V8 itself; any other comes from malloc, which, once
 * something larger than a chunk was freed, carves chunks from its heap and keeps them (measured: 35 of 40 freed chunks stayed resident).
 */
const MAPPER: MemoryMapper = {
  map: (bytes) => new Uint8Array(new ArrayBuffer(bytes, { maxByteLength: bytes }), 0, bytes),
  unmap: unmapAtOnce,
};
