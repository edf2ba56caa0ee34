// The state that the feed describes: a function of the sequence number. Whoever has the state at one number and applies the events
// after it has the state at a later one, exactly; the service's own snapshot at that number is the same.
//
//   Σ chunks × chunkBytes + hugeBytes = reservedBytes ≤ limitBytes
//
// A chunk's usage is that of its last transition: what happens inside a chunk between two transitions makes no event.
import { CAUSES, type FeedEvent, type List, LISTS, SOURCES } from './events.ts';
import { flag, list, object, type TypeOf, whole } from './schema.ts';

const chunk = object(
  {
    id: whole('Number of the chunk'),
    usagePercent: whole('Used share at its last transition'),
    freeBytes: whole('Free at its last transition, bytes'),
  },
  'A chunk',
);

const eachOf = <K extends string, V>(names: readonly K[], value: V) => Object.fromEntries(names.map((n) => [n, value])) as Record<K, V>;

const arena = object(
  {
    lists: object(eachOf(LISTS, list(chunk, 'Chunks, head of the list first')), 'The chunk lists'),
    chunksCreated: whole('Since the allocator was made'),
    chunksDestroyed: whole('Since the allocator was made'),
    hugeBytes: whole('Huge allocations made through this arena, now'),
  },
  'An arena',
);

export const STATE = object(
  {
    chunkBytes: whole('Size of a chunk'),
    limitBytes: whole('Limit of direct memory'),
    reservedBytes: whole('Chunks and huge allocations, now'),
    hugeBytes: whole('Huge allocations, now'),
    hugeCount: whole('Huge allocations, now'),
    exhausted: object(
      eachOf(CAUSES, whole('Refused reservations')),
      'Refused reservations since the allocator was made, by what was wanted',
    ),
    backPressure: object(eachOf(SOURCES, flag('Sockets are not read')), 'Where back-pressure holds, by whose traffic'),
    simulationDay: whole('Simulated days that are over'),
    arenas: list(arena, 'The arenas, by index'),
  },
  'What the feed describes, at one sequence number',
);

type Mutable<T> = T extends object ? { -readonly [K in keyof T]: Mutable<T[K]> } : T;

export type FeedState = TypeOf<typeof STATE>;
export type ArenaState = FeedState['arenas'][number];
export type ChunkState = TypeOf<typeof chunk>;
/** A state that `applyEvent` may change. */
export type OwnedState = Mutable<FeedState>;

/** The state after `event`; changed in place. Events that are not of the state change nothing. */
export function applyEvent(state: OwnedState, event: FeedEvent): void {
  switch (event.type) {
    case 'chunk.created':
      state.reservedBytes += event.bytes;
      arenaOf(state, event).chunksCreated++;
      listOf(state, event, event.list).unshift({ id: event.chunk, usagePercent: event.usagePercent, freeBytes: event.freeBytes });
      return;
    case 'chunk.moved':
      takeChunk(state, event, event.from);
      listOf(state, event, event.to).unshift({ id: event.chunk, usagePercent: event.usagePercent, freeBytes: event.freeBytes });
      return;
    case 'chunk.destroyed':
      takeChunk(state, event, event.from);
      arenaOf(state, event).chunksDestroyed++;
      state.reservedBytes -= event.bytes;
      return;
    case 'huge.taken':
      return changeHuge(state, event, event.bytes, 1);
    case 'huge.released':
      return changeHuge(state, event, -event.bytes, -1);
    case 'memory.exhausted':
      state.exhausted[event.cause]++;
      return;
    case 'backpressure.started':
      state.backPressure[event.source] = true;
      return;
    case 'backpressure.ended':
      state.backPressure[event.source] = false;
      return;
    case 'simulation.day_ended':
      state.simulationDay = event.day;
      return;
    case 'state.reset': // a snapshot follows
    case 'cache.trimmed':
    case 'settings.changed':
    case 'alert.fired':
    case 'alert.resolved':
    case 'request.completed':
    case 'request.failed':
    case 'composite.consolidated':
      return;
    default:
      event satisfies never; // a newer service may tell what this version does not know
  }
}

type InArena = { readonly arena: number; readonly sequence: number };

function arenaOf(state: OwnedState, { arena, sequence }: InArena): OwnedState['arenas'][number] {
  const found = state.arenas[arena];
  if (found === undefined) throw new Error(`event ${sequence}: arena ${arena} (expected: below ${state.arenas.length})`);
  return found;
}

function listOf(state: OwnedState, event: InArena, name: List): OwnedState['arenas'][number]['lists'][List] {
  return arenaOf(state, event).lists[name];
}

/** A chunk that is not where the event says means that an event was lost: never passed over in silence. */
function takeChunk(state: OwnedState, event: InArena & { readonly chunk: number }, from: List): void {
  const chunks = listOf(state, event, from);
  const at = chunks.findIndex(({ id }) => id === event.chunk);
  if (at < 0) throw new Error(`event ${event.sequence}: chunk ${event.chunk} (expected: in ${from} of arena ${event.arena})`);
  chunks.splice(at, 1);
}

function changeHuge(state: OwnedState, event: InArena, bytes: number, count: number): void {
  state.reservedBytes += bytes;
  state.hugeBytes += bytes;
  state.hugeCount += count;
  arenaOf(state, event).hugeBytes += bytes;
}
