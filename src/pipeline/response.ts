// The encoder's buffer for a response head: 256 B for the first of a connection; later, where the version learns, by the heads before.
// Source of the behaviour: Netty 4.1.48's HttpObjectEncoder, whose average is a Java float: rounded here as there.
import { type BufferRef, NONE, type PooledAllocator, writeBytes } from '../allocator/index.ts';
import type { Connection } from './connection.ts';
import type { PipelineProfile } from './profile.ts';

export const RESPONSE_BYTES = 256; // of the first of a connection, and of all before 4.1.48
const SHORTEST_HEAD_BYTES = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'.length;

const NEW_WEIGHT = Math.fround(0.2);
const OLD_WEIGHT = Math.fround(0.8);

/** A buffer with as much of the response's head as it holds (null: a simulated one of the shortest kind), or NONE: no memory. */
export function takeResponse(
  allocator: PooledAllocator,
  { learnsResponseBytes }: PipelineProfile,
  connection: Connection,
  response: Uint8Array | null,
): BufferRef {
  const capacity = Math.trunc(connection.responseBytes);
  const buffer = allocator.allocate(connection.loop.cache, capacity);
  if (buffer === NONE) return NONE;
  if (response !== null) writeBytes(allocator, buffer, 0, response, 0, Math.min(response.length, capacity));
  if (learnsResponseBytes) connection.responseBytes = learn(connection.responseBytes, response?.length ?? SHORTEST_HEAD_BYTES);
  return buffer;
}

/** The moving average, after a head of that many bytes was sent: it counts with a third more, so that heads of its size fit. */
function learn(average: number, headBytes: number): number {
  const padded = Math.trunc((headBytes * 4) / 3);
  return Math.fround(Math.fround(NEW_WEIGHT * padded) + Math.fround(OLD_WEIGHT * average));
}
