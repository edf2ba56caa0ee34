// The slices of one connection that its reader has not taken yet, first come first served: the server without an aggregator. The
// requests of a connection follow one another in it; each ends with its last slice.
import type { BufferRef, PooledAllocator } from '../allocator/index.ts';
import type { Connection } from '../pipeline/index.ts';

export class SliceReader {
  connection: Connection | null = null;
  source = 0;
  dueMicros = NaN; // when the first slice will have been taken
  private readonly refs: BufferRef[] = [];
  private readonly lengths: number[] = []; // bytes
  private readonly lasts: boolean[] = []; // the slice ends its request
  private readonly begins: number[] = []; // when its request began, microseconds
  private first = 0;
  private takenBytes = 0; // of the request that is being read
  takenBegun = NaN; // of the request whose slice was taken last, when it began

  get count(): number {
    return this.refs.length - this.first;
  }

  get firstLength(): number {
    return this.lengths[this.first]!;
  }

  add(ref: BufferRef, length: number, last: boolean, begun: number): void {
    this.refs.push(ref);
    this.lengths.push(length);
    this.lasts.push(last);
    this.begins.push(begun);
  }

  /** The bytes of the request that ends with the first slice, which is released; −1 if it does not end there. */
  takeFirst(allocator: PooledAllocator): number {
    const length = this.firstLength;
    const last = this.lasts[this.first]!;
    if (length > 0) allocator.release(this.refs[this.first]!); // a request without a body brings a slice without a buffer
    this.takenBegun = this.begins[this.first]!;
    if (++this.first === this.refs.length) this.refs.length = this.lengths.length = this.lasts.length = this.begins.length = this.first = 0;
    const bytes = this.takenBytes + length;
    this.takenBytes = last ? 0 : bytes;
    return last ? bytes : -1;
  }
}
