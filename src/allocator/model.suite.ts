// A model of the allocator so simple that it is obviously right: a map of live buffers to the bytes they must hold.
// Every operation runs on both; whatever the allocator hands out is stamped and compared later.
import fc from 'fast-check';
import { expect } from 'vitest';
import { type AllocatorOptions, type BufferRef, PooledAllocator } from './allocator.ts';
import { lengthOf, viewBytes, writeBytes } from './bytes.ts';
import { check } from './check.ts';
import { Composite } from './composite.ts';
import { NONE } from './handle.ts';
import { snapshot } from './snapshot.ts';

export interface Setup {
  readonly options: AllocatorOptions;
  readonly loops: number;
}

/** Small chunks, few arenas, short queues and a tight limit: moves, destructions, trims and exhaustion are frequent. */
export const setups: fc.Arbitrary<Setup> = fc
  .record({
    version: fc.constantFrom('4.1.0.CR3', '4.1.48.Final'),
    pageBytes: fc.constantFrom(4096, 8192, 16_384),
    maxOrder: fc.integer({ min: 0, max: 4 }),
    directArenas: fc.integer({ min: 1, max: 3 }),
    loops: fc.integer({ min: 1, max: 4 }),
    limitChunks: fc.constantFrom(1, 2, 3.5, 6, 20, Infinity),
    tinyCacheSize: fc.constantFrom(0, 1, 4),
    smallCacheSize: fc.constantFrom(0, 1, 3),
    normalCacheSize: fc.constantFrom(0, 1, 8),
    maxCachedBufferCapacity: fc.constantFrom(0, 8192, 32_768, 1 << 20),
    cacheTrimInterval: fc.constantFrom(1, 7, 25, 8192),
  })
  .map(({ loops, limitChunks, ...shape }) => ({
    loops,
    options: { ...shape, limitBytes: limitChunks * (shape.pageBytes << shape.maxOrder), memory: 'real' },
  }));

const loop = fc.nat(3);
const pick = fc.nat(1000);
/** Sizes in shares of what matters: classes, pages, the chunk and beyond it. */
const size = fc.oneof(
  fc.record({ unit: fc.constant('byte'), n: fc.nat(1100) }),
  fc.record({ unit: fc.constant('page'), n: fc.double({ min: 0, max: 5, noNaN: true }) }),
  fc.record({ unit: fc.constant('chunk'), n: fc.constantFrom(0.25, 0.5, 0.51, 1, 1.001, 1.5) }),
);
type Size = typeof size extends fc.Arbitrary<infer T> ? T : never;

export const operations = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ kind: fc.constant('allocate'), loop, size }) },
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('release'), pick }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('capacity'), loop, pick, size }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('retain'), pick }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('add'), loop, pick, from: fc.double({ min: 0, max: 1, noNaN: true }) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('releaseComposite') }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('trim'), loop }) },
  ),
  { minLength: 10, maxLength: 200, size: 'max' },
);
export type Operation = typeof operations extends fc.Arbitrary<(infer T)[]> ? T : never;

interface Live {
  ref: BufferRef;
  references: number;
  parts: number; // of them held by the composite
  bytes: Buffer; // what it must hold
}

const MAX_COMPONENTS = 3;

export class Model {
  readonly allocator: PooledAllocator;
  readonly outcomes = { served: 0, exhausted: 0, resized: 0, consolidated: 0, chunksMoved: 0, chunksDestroyed: 0 };
  private readonly live: Live[] = [];
  private readonly composite: Composite;
  private parts: { owner: Live | null; bytes: Buffer }[] = []; // owner null: the consolidated buffer
  private stamps = 0;

  constructor({ options, loops }: Setup) {
    const listener = { chunkMoved: () => this.outcomes.chunksMoved++, chunkDestroyed: () => this.outcomes.chunksDestroyed++ };
    this.allocator = new PooledAllocator({ ...options, listener });
    for (let i = 0; i < loops; i++) this.allocator.createThreadCache();
    this.composite = new Composite(this.allocator, MAX_COMPONENTS);
  }

  run(operation: Operation): void {
    const cache = 'loop' in operation ? operation.loop % this.allocator.caches.count : 0;
    const entry = 'pick' in operation ? this.live[operation.pick % this.live.length] : undefined;
    if (operation.kind === 'allocate') this.allocate(cache, this.bytesOf(operation.size));
    else if (operation.kind === 'trim') this.allocator.trimCache(cache);
    else if (operation.kind === 'releaseComposite') this.releaseComposite();
    else if (entry === undefined) return;
    else if (operation.kind === 'retain') this.retain(entry);
    else if (operation.kind === 'release') this.release(entry);
    else if (operation.kind === 'add') this.add(cache, entry, operation.from);
    else this.capacity(cache, entry, this.bytesOf(operation.size));
    this.verify();
  }

  /** Nothing is held any more. */
  releaseAll(): void {
    this.releaseComposite();
    while (this.live.length > 0) this.release(this.live[0]!);
    this.verify();
  }

  private bytesOf({ unit, n }: Size): number {
    const { pageBytes, chunkBytes } = this.allocator.geometry;
    return Math.ceil(n * { byte: 1, page: pageBytes, chunk: chunkBytes }[unit]);
  }

  private allocate(cache: number, bytes: number): void {
    const ref = this.allocator.allocate(cache, bytes);
    if (ref === NONE) return this.verifyExhaustion(bytes);
    this.outcomes.served++;
    const entry = { ref, references: 1, parts: 0, bytes: Buffer.alloc(0) };
    this.live.push(entry);
    expect(lengthOf(this.allocator, ref)).toBe(bytes);
    this.stamp(entry, bytes);
  }

  /** Out of memory is only allowed where a new chunk, or the huge one, would exceed the limit. */
  private verifyExhaustion(bytes: number): void {
    this.outcomes.exhausted++;
    const { memory, geometry, lastExhaustion } = this.allocator;
    const asked = Math.max(bytes, geometry.chunkBytes);
    expect(memory.reservedBytes + asked).toBeGreaterThan(memory.limitBytes);
    expect(lastExhaustion).toMatchObject({ cause: bytes > geometry.chunkBytes ? 'huge' : 'chunk', askedBytes: asked });
  }

  private stamp(entry: Live, bytes: number): void {
    const pattern = Buffer.alloc(4);
    pattern.writeInt32LE(Math.imul(++this.stamps, 0x9e3779b1));
    entry.bytes = Buffer.alloc(bytes, pattern);
    writeBytes(this.allocator, entry.ref, 0, entry.bytes);
  }

  private retain(entry: Live): void {
    this.allocator.retain(entry.ref);
    entry.references++;
  }

  /** Drop a reference of ours: those of the composite go with it only. */
  private release(entry: Live): void {
    if (entry.references === entry.parts) return;
    this.expectBytes(viewBytes(this.allocator, entry.ref), entry.bytes);
    expect(this.allocator.release(entry.ref)).toBe(entry.references === 1);
    this.forget(entry);
  }

  private forget(entry: Live): void {
    if (--entry.references === 0) this.live.splice(this.live.indexOf(entry), 1);
  }

  private capacity(cache: number, entry: Live, bytes: number): void {
    if (entry.parts > 0) return; // a part's range may lie outside the new capacity
    if (!this.allocator.capacity(cache, entry.ref, bytes)) return this.verifyExhaustion(bytes);
    this.outcomes.resized++;
    const kept = Math.min(bytes, entry.bytes.length);
    expect(lengthOf(this.allocator, entry.ref)).toBe(bytes);
    this.expectBytes(viewBytes(this.allocator, entry.ref, 0, kept), entry.bytes.subarray(0, kept));
    this.stamp(entry, bytes);
  }

  private add(cache: number, entry: Live, share: number): void {
    const from = Math.floor(share * entry.bytes.length);
    this.retain(entry);
    entry.parts++;
    this.parts.push({ owner: entry, bytes: entry.bytes.subarray(from) });
    const before = this.composite.consolidations;
    const added = this.composite.add(cache, entry.ref, from, entry.bytes.length - from);
    if (!added) return this.verifyExhaustion(this.composite.bytes);
    if (this.composite.consolidations === before) return;
    this.outcomes.consolidated++;
    const whole = Buffer.concat(this.parts.map((part) => part.bytes));
    this.dropParts();
    this.parts = [{ owner: null, bytes: whole }];
  }

  private dropParts(): void {
    for (const { owner } of this.parts) {
      if (owner === null) continue;
      owner.parts--;
      this.forget(owner);
    }
    this.parts = [];
  }

  private releaseComposite(): void {
    this.composite.release();
    this.dropParts();
  }

  private verify(): void {
    check(this.allocator);
    for (const entry of this.live) this.expectBytes(viewBytes(this.allocator, entry.ref), entry.bytes);
    this.expectBytes(Buffer.concat([...this.composite.views()]), Buffer.concat(this.parts.map((part) => part.bytes)));
    const consolidated = this.parts.filter((part) => part.owner === null).length;
    expect(snapshot(this.allocator).liveBuffers).toBe(this.live.length + consolidated);
  }

  private expectBytes(got: Uint8Array, expected: Buffer): void {
    if (!expected.equals(got)) throw new Error(`a region of ${expected.length} bytes does not hold what was written into it`);
  }
}
