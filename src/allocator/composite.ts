// A composite buffer: parts of other buffers in a row, as the HTTP aggregator builds it. Past `maxComponents` parts it copies
// itself into one buffer (consolidation). Kept parts hold one reference each; nothing is allocated per part.
//
//   bytes = Σ lengths[0 … count),   count ≤ maxComponents unless a consolidation found no memory
//
// Source of the behaviour: Netty's CompositeByteBuf.addComponent and consolidateIfNeeded.
import { type BufferRef, type PooledAllocator, RECORD } from './allocator.ts';
import { copyParts, type Parts, viewBytes } from './bytes.ts';
import { fail } from './errors.ts';
import { NONE } from './handle.ts';
import { MAX_CAPACITY } from './sizes.ts';

const { LENGTH } = RECORD; // its own, so that it is folded: see the hot-path note in README.md

export class Composite implements Parts {
  refs = new Int32Array(64); // buffer of each part
  offsets = new Int32Array(64); // where the part begins in its buffer, bytes
  lengths = new Int32Array(64); // its length, bytes
  count = 0;
  bytes = 0;
  consolidations = 0;
  copiedBytes = 0; // by consolidations
  hasBytes = true; // false: simulated, nothing was written, so nothing is copied
  private readonly allocator: PooledAllocator;
  private readonly maxComponents: number;

  constructor(allocator: PooledAllocator, maxComponents: number) {
    this.allocator = allocator;
    this.maxComponents = maxComponents;
  }

  /**
   * Add a part and take over the caller's reference to its buffer. Past `maxComponents` all parts are copied into one buffer
   * from `cache`. False: that copy found no memory; the part stays added.
   */
  add(cache: number, ref: BufferRef, offset: number, length: number): boolean {
    const { allocator } = this;
    if (cache >>> 0 !== cache || cache >= allocator.caches.count) fail('BAD_CACHE', cache, allocator.caches.count);
    const room = allocator.records[allocator.recordOf(ref, 'addComponent') + LENGTH]!;
    if ((offset | 0) !== offset || (length | 0) !== length || offset < 0 || length < 0 || offset + length > room)
      fail('BAD_RANGE', 'addComponent', offset, offset + length, room);
    if (this.bytes + length > MAX_CAPACITY) fail('BAD_CAPACITY', this.bytes + length, MAX_CAPACITY);
    if (this.count === this.refs.length) this.grow();
    const i = this.count++;
    this.refs[i] = ref;
    this.offsets[i] = offset;
    this.lengths[i] = length;
    this.bytes += length;
    return this.count <= this.maxComponents || this.consolidate(cache);
  }

  private consolidate(cache: number): boolean {
    const whole = this.allocator.allocate(cache, this.bytes);
    if (whole === NONE) return false;
    if (this.hasBytes) copyParts(this.allocator, this, whole);
    for (let i = 0; i < this.count; i++) this.allocator.release(this.refs[i]!);
    this.refs[0] = whole;
    this.offsets[0] = 0;
    this.lengths[0] = this.bytes;
    this.count = 1;
    this.consolidations++;
    this.copiedBytes += this.bytes;
    return true;
  }

  /** The parts as views into their chunks, in order: no copies, valid until `release`. */
  *views(): Generator<Uint8Array> {
    for (let i = 0; i < this.count; i++) {
      const offset = this.offsets[i]!;
      yield viewBytes(this.allocator, this.refs[i]!, offset, offset + this.lengths[i]!);
    }
  }

  /** Release all parts in order and be empty again. */
  release(): void {
    for (let i = 0; i < this.count; i++) this.allocator.release(this.refs[i]!);
    this.count = this.bytes = this.consolidations = this.copiedBytes = 0;
  }

  private grow(): void {
    for (const field of ['refs', 'offsets', 'lengths'] as const) {
      const larger = new Int32Array(this.count * 2);
      larger.set(this[field]);
      this[field] = larger;
    }
  }
}
