// The slices of one request that its reader has not taken yet, first come first served: the server without an aggregator.
import type { BufferRef, PooledAllocator } from '../allocator/index.ts';
import type { Connection } from '../pipeline/index.ts';

export class SliceReader {
  connection: Connection | null = null;
  source = 0;
  bytes = 0; // of the request so far
  hasLast = false; // slice of the request
  dueMicros = NaN; // when the first slice will have been taken
  private readonly refs: BufferRef[] = [];
  private readonly lengths: number[] = [];
  private first = 0;

  get count(): number {
    return this.refs.length - this.first;
  }

  get firstLength(): number {
    return this.lengths[this.first]!;
  }

  add(connection: Connection, source: number, ref: BufferRef, length: number, last: boolean): void {
    this.connection = connection;
    this.source = source;
    this.bytes += length;
    this.hasLast = last;
    this.refs.push(ref);
    this.lengths.push(length);
  }

  releaseFirst(allocator: PooledAllocator): void {
    if (this.firstLength > 0) allocator.release(this.refs[this.first]!); // a request without a body brings a slice without a buffer
    if (++this.first < this.refs.length) return;
    this.refs.length = this.lengths.length = this.first = 0;
  }

  forget(): void {
    this.connection = null;
    this.bytes = 0;
    this.hasLast = false;
    this.dueMicros = NaN;
  }

  drop(allocator: PooledAllocator): void {
    while (this.count > 0) this.releaseFirst(allocator);
    this.forget();
  }
}
