// Bytes of live buffers. Every access checks that the buffer is live and the range within its length.
import { type BufferRef, CHUNK, LENGTH, OFFSET, type PooledAllocator } from './allocator.ts';
import { fail } from './errors.ts';

function checkRange(what: string, from: number, to: number, length: number): void {
  if (!(Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from <= to && to <= length)) fail('BAD_RANGE', what, from, to, length);
}

function memoryOf(allocator: PooledAllocator, record: number): Uint8Array {
  return allocator.chunks[allocator.records[record + CHUNK]!]!.memory ?? fail('NO_BYTES');
}

/** Copy `source[from … to)` into the buffer at `at`. An allocator without bytes checks and copies nothing. */
export function writeBytes(allocator: PooledAllocator, ref: BufferRef, at: number, source: Uint8Array, from = 0, to = source.length): void {
  const record = allocator.recordOf(ref, 'writeBytes');
  checkRange('writeBytes', from, to, source.length);
  checkRange('writeBytes', at, at + to - from, allocator.records[record + LENGTH]!);
  if (allocator.memory.kind === 'none') return;
  const part = from === 0 && to === source.length ? source : source.subarray(from, to);
  memoryOf(allocator, record).set(part, allocator.records[record + OFFSET]! + at);
}

/** Copy `bytes` from one live buffer to another. An allocator without bytes checks and copies nothing. */
export function copyBytes(allocator: PooledAllocator, from: BufferRef, fromAt: number, to: BufferRef, toAt: number, bytes: number): void {
  const source = allocator.recordOf(from, 'copyBytes');
  const target = allocator.recordOf(to, 'copyBytes');
  checkRange('copyBytes', fromAt, fromAt + bytes, allocator.records[source + LENGTH]!);
  checkRange('copyBytes', toAt, toAt + bytes, allocator.records[target + LENGTH]!);
  if (allocator.memory.kind === 'none') return;
  const start = allocator.records[source + OFFSET]! + fromAt;
  memoryOf(allocator, target).set(
    memoryOf(allocator, source).subarray(start, start + bytes),
    allocator.records[target + OFFSET]! + toAt,
  );
}

/** The buffer's bytes [from, to) as they lie in the chunk: no copy, valid until the buffer is released. */
export function viewBytes(allocator: PooledAllocator, ref: BufferRef, from = 0, to = lengthOf(allocator, ref)): Uint8Array {
  const record = allocator.recordOf(ref, 'viewBytes');
  checkRange('viewBytes', from, to, allocator.records[record + LENGTH]!);
  const offset = allocator.records[record + OFFSET]!;
  return memoryOf(allocator, record).subarray(offset + from, offset + to);
}

/** Capacity of a live buffer, bytes. */
export function lengthOf(allocator: PooledAllocator, ref: BufferRef): number {
  return allocator.records[allocator.recordOf(ref, 'lengthOf') + LENGTH]!;
}
