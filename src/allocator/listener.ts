// Rare transitions, told to whoever listens. Nothing here is called per operation; the arguments are numbers, so that telling costs nothing.
import type { Chunk } from './chunk.ts';

/** What ran out: room for a new chunk, or for a huge (unpooled) allocation. */
export type ExhaustionCause = 'chunk' | 'huge';

export interface AllocatorListener {
  chunkCreated?(chunk: Chunk): void;
  /** `from` and `to` are indices into LIST_NAMES. */
  chunkMoved?(chunk: Chunk, from: number, to: number): void;
  chunkDestroyed?(chunk: Chunk): void;
  hugeTaken?(chunk: Chunk): void;
  hugeReleased?(chunk: Chunk): void;
  memoryExhausted?(cause: ExhaustionCause, askedBytes: number, reservedBytes: number, limitBytes: number, arena: number): void;
  /** A thread cache freed `entries` regions, by its own counting or because somebody asked. */
  cacheTrimmed?(cache: number, entries: number): void;
}
