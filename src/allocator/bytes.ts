// Bytes of live buffers. Every access checks that the buffer is live and the range within its length.
import { type BufferRef, type PooledAllocator, RECORD } from './allocator.ts';
import type { Chunk } from './chunk.ts';
import { fail } from './errors.ts';

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

/** Copy `bytes` from one live buffer to another. An allocator without bytes checks and copies nothing. */
export function copyBytes(allocator: PooledAllocator, from: BufferRef, fromAt: number, to: BufferRef, toAt: number, bytes: number): void {
  const source = allocator.recordOf(from, 'copyBytes');
  const target = allocator.recordOf(to, 'copyBytes');
  checkRange('copyBytes', fromAt, fromAt + bytes, allocator.records[source + LENGTH]!);
  checkRange('copyBytes', toAt, toAt + bytes, allocator.records[target + LENGTH]!);
  if (allocator.memory.kind === 'none') return;
  const [chunk, targetChunk] = [chunkOf(allocator, source), chunkOf(allocator, target)];
  const start = chunk.offsetOf(allocator.records[source + HANDLE]!) + fromAt;
  const part = chunk.memory!.subarray(start, start + bytes);
  targetChunk.memory!.set(part, targetChunk.offsetOf(allocator.records[target + HANDLE]!) + toAt);
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
