// The service's own state, read from the allocator's lists as they are, not from the events: what clients rebuild must equal it.
// Only a chunk's usage is kept here as of its last transition, so that the state is a function of the sequence number.
import { type Chunk, LIST_NAMES, type PooledAllocator } from '../allocator/index.ts';
import type { ArenaState, ChunkState, EventBody, FeedState, List, Source } from '../client/index.ts';

interface Transition {
  list: number; // that it is in since; index into LIST_NAMES
  usagePercent: number;
  freeBytes: number;
}

export class StateReader {
  #allocator: PooledAllocator;
  readonly #last = new Map<number, Transition>(); // by chunk, of those that live
  #backPressure: Record<Source, boolean> = { http: false, simulation: false };
  #simulationDay = 0;

  constructor(allocator: PooledAllocator) {
    this.#allocator = allocator;
    this.watch(allocator);
  }

  get arenas(): number {
    return this.#allocator.arenas.length;
  }

  /** Another allocator takes the place of the present one. */
  watch(allocator: PooledAllocator): void {
    this.#allocator = allocator;
    this.#last.clear();
    this.#backPressure = { http: false, simulation: false };
    this.#simulationDay = 0;
    for (const { lists } of allocator.arenas)
      for (const { head } of lists) for (let chunk = head; chunk !== null; chunk = chunk.next) this.noteTransition(chunk);
  }

  /** Not one of an allocator that was replaced, and still gives back what was held. */
  owns({ arena }: Chunk): boolean {
    return this.#allocator.arenas[arena.index] === arena;
  }

  /** A chunk came into the list that it is in. */
  noteTransition(chunk: Chunk): void {
    const { id, list, freeBytes } = chunk;
    const usagePercent = chunk.usagePercent();
    const last = this.#last.get(id);
    if (last === undefined) this.#last.set(id, { list, usagePercent, freeBytes });
    else Object.assign(last, { list, usagePercent, freeBytes });
  }

  /** A chunk is destroyed; returns the index of the list that it was in, which the chunk itself no longer tells. */
  noteDestroyed({ id }: Chunk): number {
    const { list } = this.#last.get(id)!;
    this.#last.delete(id);
    return list;
  }

  /** Events that tell of more than the allocator knows. */
  note(body: EventBody): void {
    if (body.type === 'backpressure.started') this.#backPressure[body.source] = true;
    else if (body.type === 'backpressure.ended') this.#backPressure[body.source] = false;
    else if (body.type === 'simulation.day_ended') this.#simulationDay = body.day;
  }

  read(): FeedState {
    const { memory, geometry, exhausted, arenas } = this.#allocator;
    return {
      chunkBytes: geometry.chunkBytes,
      limitBytes: memory.limitBytes,
      reservedBytes: memory.reservedBytes,
      hugeBytes: memory.hugeBytes,
      hugeCount: memory.hugeCount,
      exhausted: { chunk: exhausted.chunk, huge: exhausted.huge },
      backPressure: { ...this.#backPressure },
      simulationDay: this.#simulationDay,
      arenas: arenas.map((arena) => this.#readArena(arena)),
    };
  }

  #readArena({ lists, chunksCreated, chunksDestroyed, hugeBytes }: PooledAllocator['arenas'][number]): ArenaState {
    const byName: Record<string, ChunkState[]> = Object.fromEntries(lists.map(({ head }, i) => [LIST_NAMES[i]!, this.#readList(head)]));
    return { lists: byName as Record<List, ChunkState[]>, chunksCreated, chunksDestroyed, hugeBytes };
  }

  #readList(head: Chunk | null): ChunkState[] {
    const chunks: ChunkState[] = [];
    for (let chunk = head; chunk !== null; chunk = chunk.next) {
      const { usagePercent, freeBytes } = this.#last.get(chunk.id)!;
      chunks.push({ id: chunk.id, usagePercent, freeBytes });
    }
    return chunks;
  }
}
