// Where a live buffer lies, in Netty's terms: for traces, explanations and the chunk view.
import { type BufferRef, type PooledAllocator, RECORD } from './allocator.ts';
import { nettyHandle } from './handle.ts';

const { CHUNK, HANDLE, LENGTH, MAX_LENGTH } = RECORD;

export interface BufferPlace {
  readonly arena: number;
  readonly chunk: number; // ordinal of the chunk; of the huge allocation when `huge`
  readonly huge: boolean;
  readonly handle: string; // Netty's 64-bit handle, hexadecimal
  readonly offset: number; // bytes
  readonly length: number; // bytes asked for
  readonly maxLength: number; // bytes of the region
}

export function placeOf(allocator: PooledAllocator, ref: BufferRef): BufferPlace {
  const record = allocator.recordOf(ref, 'placeOf');
  const { records, geometry } = allocator;
  const chunk = allocator.chunks[records[record + CHUNK]!]!;
  return {
    arena: chunk.arena.index,
    chunk: chunk.id,
    huge: chunk.unpooled,
    handle: nettyHandle(records[record + HANDLE]!, geometry.nodeBits),
    offset: chunk.offsetOf(records[record + HANDLE]!),
    length: records[record + LENGTH]!,
    maxLength: records[record + MAX_LENGTH]!,
  };
}
