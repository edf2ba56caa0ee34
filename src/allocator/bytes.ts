// Bytes of live buffers. Every access checks that the buffer is live and the range within its length.
import { type BufferRef, type PooledAllocator, RECORD } from './allocator.ts';
import type { Chunk } from './chunk.ts';
import { fail } from './errors.ts';
import { NONE } from './handle.ts';

const { CHUNK, HANDLE, LENGTH } = RECORD;

function checkRange(what: string, from: number, to: number, length: number): void {
  if (!(Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from <= to && to <= length))
    fail('BAD_RANGE', what, from, to, length);
}

function chunkOf(allocator: PooledAllocator, record: number): Chunk {
  return allocator.chunks[allocator.records[record + CHUNK]!]!;
}

/** Copy `source[from … to)` into the buffer at `at`. An allocator without bytes checks and copies nothing. */
export function writeBytes(allocator: PooledAllocator, ref: BufferRef, at: number, source: Uint8Array, from = 0, to = source.length): void {
  const record = allocator.recordOf(ref, 'writeBytes');
  checkRange('writeBytes', from, to, source.length);
  checkRange('writeBytes', at, at + to - from, allocator.records[record + LENGTH]!);
  if (allocator.memory.kind === 'none') return;
  const part = from === 0 && to === source.length ? source : source.subarray(from, to);
  const chunk = chunkOf(allocator, record);
  chunk.memory!.set(part, chunk.offsetOf(allocator.records[record + HANDLE]!) + at);
}

/** Ranges of live buffers in a row: part i is `refs[i]`'s bytes from `offsets[i]` on, `lengths[i]` of them. */
export interface Parts {
  readonly refs: ArrayLike<number>;
  readonly offsets: ArrayLike<number>;
  readonly lengths: ArrayLike<number>;
  readonly count: number;
}

/**
 * Copy the parts, one after the other, to another live buffer. Those that lie side by side in a chunk go at one go: slices of one read do.
 * An allocator without bytes checks and copies nothing.
 */
export function copyParts(allocator: PooledAllocator, parts: Parts, to: BufferRef): void {
  checkParts(allocator, parts, to);
  if (allocator.memory.kind === 'none') return;
  const { refs, offsets, lengths, count } = parts;
  const target = viewBytes(allocator, to);
  let run: Chunk | null = null; // what is not copied yet: [start, end) of this chunk
  let [start, end, at] = [0, 0, 0];
  for (let i = 0; i <= count; i++) {
    const record = i < count ? allocator.recordOf(refs[i]!, 'copyParts') : NONE;
    const chunk = record === NONE ? null : chunkOf(allocator, record);
    const from = chunk === null ? NONE : chunk.offsetOf(allocator.records[record + HANDLE]!) + offsets[i]!;
    if (chunk !== run || from !== end) {
      if (run !== null) target.set(run.memory!.subarray(start, end), at);
      at += end - start;
      [run, start, end] = [chunk, from, from];
    }
    if (i < count) end += lengths[i]!;
  }
}

function checkParts(allocator: PooledAllocator, { refs, offsets, lengths, count }: Parts, to: BufferRef): void {
  let bytes = 0;
  for (let i = 0; i < count; i++) {
    const record = allocator.recordOf(refs[i]!, 'copyParts');
    checkRange('copyParts', offsets[i]!, offsets[i]! + lengths[i]!, allocator.records[record + LENGTH]!);
    bytes += lengths[i]!;
  }
  checkRange('copyParts', 0, bytes, lengthOf(allocator, to));
}

/** The buffer's bytes [from, to) as they lie in the chunk: no copy, valid until the buffer is released. */
export function viewBytes(allocator: PooledAllocator, ref: BufferRef, from = 0, to?: number): Uint8Array {
  const record = allocator.recordOf(ref, 'viewBytes');
  const length = allocator.records[record + LENGTH]!;
  checkRange('viewBytes', from, to ?? length, length);
  const chunk = chunkOf(allocator, record);
  const offset = chunk.offsetOf(allocator.records[record + HANDLE]!);
  return (chunk.memory ?? fail('NO_BYTES')).subarray(offset + from, offset + (to ?? length));
}

/** Capacity of a live buffer, bytes. */
export function lengthOf(allocator: PooledAllocator, ref: BufferRef): number {
  return allocator.records[allocator.recordOf(ref, 'lengthOf') + LENGTH]!;
}
