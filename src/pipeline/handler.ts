// What the pipeline hands its messages to. Each connection has its own: real and simulated traffic share loops, caches and arenas, not handlers.
import type { BufferRef } from '../allocator/index.ts';
import type { Connection } from './connection.ts';
import type { Message } from './message.ts';

/** Called while the bytes are read: must not call back into the same connection's `read`. */
export interface Handler {
  /** A whole message, now the handler's: it ends with `pipeline.answer` or `pipeline.drop`, at once or later. */
  onMessage(connection: Connection, message: Message): void;
  /** Without aggregation: one slice, now the handler's: it ends with `allocator.release(ref)`. `last`: the request is complete. */
  onSlice?(connection: Connection, ref: BufferRef, offset: number, length: number, last: boolean): void;
  /** A message was consolidated: `bytes` were copied into one buffer. */
  onConsolidated?(connection: Connection, bytes: number): void;
}
