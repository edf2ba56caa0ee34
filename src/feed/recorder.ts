// What the allocator tells its listener, as events of the feed. An allocator that was replaced is no longer heard.
import type { AllocatorListener, Chunk, ExhaustionCause } from '../allocator/index.ts';
import type { Feed } from './feed.ts';
import { TYPE_INDEX } from './ring.ts';

const CREATED = TYPE_INDEX['chunk.created'];
const MOVED = TYPE_INDEX['chunk.moved'];
const DESTROYED = TYPE_INDEX['chunk.destroyed'];
const HUGE_TAKEN = TYPE_INDEX['huge.taken'];
const HUGE_RELEASED = TYPE_INDEX['huge.released'];
const TRIMMED = TYPE_INDEX['cache.trimmed'];

export class Recorder implements Required<AllocatorListener> {
  readonly #feed: Feed;
  readonly #arenaOf: (cache: number) => number;

  constructor(feed: Feed, arenaOf: (cache: number) => number) {
    this.#feed = feed;
    this.#arenaOf = arenaOf;
  }

  chunkCreated(chunk: Chunk): void {
    if (!this.#feed.reader.owns(chunk)) return;
    this.#feed.reader.noteTransition(chunk);
    this.#feed.record(CREATED, chunk.arena.index, chunk.id, chunk.bytes, chunk.list, chunk.usagePercent(), chunk.freeBytes);
  }

  chunkMoved(chunk: Chunk, from: number, to: number): void {
    if (!this.#feed.reader.owns(chunk)) return;
    this.#feed.reader.noteTransition(chunk);
    this.#feed.record(MOVED, chunk.arena.index, chunk.id, from, to, chunk.usagePercent(), chunk.freeBytes);
  }

  chunkDestroyed(chunk: Chunk): void {
    if (!this.#feed.reader.owns(chunk)) return;
    const from = this.#feed.reader.noteDestroyed(chunk);
    this.#feed.record(DESTROYED, chunk.arena.index, chunk.id, chunk.bytes, from);
  }

  hugeTaken(chunk: Chunk): void {
    if (!this.#feed.reader.owns(chunk)) return;
    this.#feed.record(HUGE_TAKEN, chunk.arena.index, chunk.id, chunk.bytes);
  }

  hugeReleased(chunk: Chunk): void {
    if (!this.#feed.reader.owns(chunk)) return;
    this.#feed.record(HUGE_RELEASED, chunk.arena.index, chunk.id, chunk.bytes);
  }

  cacheTrimmed(cache: number, entries: number): void {
    this.#feed.record(TRIMMED, this.#arenaOf(cache), cache, entries);
  }

  memoryExhausted(cause: ExhaustionCause, askedBytes: number, reservedBytes: number, limitBytes: number, arena: number): void {
    const { request } = this.#feed;
    this.#feed.publish({ type: 'memory.exhausted', arena, cause, askedBytes, reservedBytes, limitBytes, request });
  }
}
