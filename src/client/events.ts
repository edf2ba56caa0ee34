// Every event of the feed, in one table: the union type, the JSON Schema, the AsyncAPI document, docs/feed.md and the ring's columns follow from it.
// New fields and new types may come in any version; what is here is neither renamed nor given another meaning within a protocol version.
import { decimal, type Fields, nullable, oneOf, record, type Shape, text, whole } from './schema.ts';

/** The chunk lists of an arena, from the emptiest to the fullest. */
export const LISTS = ['qInit', 'q000', 'q025', 'q050', 'q075', 'q100'] as const;
export type List = (typeof LISTS)[number];
/** What ran out of memory: room for a chunk, or for an allocation larger than a chunk. */
export const CAUSES = ['chunk', 'huge'] as const;
export type Cause = (typeof CAUSES)[number];
/** Whose traffic: real HTTP, or simulated. */
export const SOURCES = ['http', 'simulation'] as const;
export type Source = (typeof SOURCES)[number];

interface Definition<F extends Fields = Fields> {
  readonly help: string;
  readonly fields: F;
  readonly changesState: boolean; // clients need it to rebuild the state
  readonly onDemand: boolean; // made only while a client names it
}

const define = <F extends Fields>(help: string, fields: F): Definition<F> => ({ help, fields, changesState: false, onDemand: false });
const change = <F extends Fields>(help: string, fields: F): Definition<F> => ({ ...define(help, fields), changesState: true });
const demand = <F extends Fields>(help: string, fields: F): Definition<F> => ({ ...define(help, fields), onDemand: true });

const arena = whole('Index of the arena');
const eventLoop = whole('Index of the event loop');
const chunk = whole('Number of the chunk, in order of creation, never used again');
const huge = whole('Number of the huge allocation, in order of creation, never used again');
const usagePercent = whole('Used share of the chunk, as Netty rounds it');
const freeBytes = whole('Free in the chunk, bytes');
const source = oneOf(SOURCES, 'Whose traffic');
const request = text('The request: its number, or the name of its simulated source');
const alertLabels = record(text('Value'), 'Labels of the alert');

export const EVENTS = {
  'chunk.created': change('A chunk was reserved, and put at the head of a list.', {
    arena, chunk, bytes: whole('Reserved for it'), list: oneOf(LISTS, 'List that it was put into'), usagePercent, freeBytes,
  }),
  'chunk.moved': change('A chunk went to the head of another list.', {
    arena, chunk, from: oneOf(LISTS, 'List that it left'), to: oneOf(LISTS, 'List that it joined'), usagePercent, freeBytes,
  }),
  'chunk.destroyed': change('A chunk was given back to the operating system.', {
    arena, chunk, bytes: whole('Reserved for it until now'), from: oneOf(LISTS, 'List that it left'),
  }),
  'huge.taken': change('An allocation larger than a chunk was reserved.', { arena, huge, bytes: whole('Reserved for it') }),
  'huge.released': change('An allocation larger than a chunk was given back to the operating system.', { arena, huge, bytes: whole('Reserved for it until now') }),
  'memory.exhausted': change('A reservation was refused: it would have exceeded the limit.', {
    arena, cause: oneOf(CAUSES, 'What was wanted'), askedBytes: whole('Wanted'), reservedBytes: whole('Reserved at that time'),
    limitBytes: whole('Limit of direct memory'), request: nullable(request),
  }),
  'cache.trimmed': define('A thread cache gave back regions that it had not needed.', { arena, eventLoop, entries: whole('Regions given back') }),
  'backpressure.started': change('Headroom fell below the low mark: sockets are no longer read.', { source, headroomBytes: whole('Limit less reserved') }),
  'backpressure.ended': change('Headroom reached the high mark: sockets are read again.', { source, headroomBytes: whole('Limit less reserved') }),
  'simulation.day_ended': change('A simulated day is over; counts are of that day.', {
    day: whole('The day, from 1'), completed: whole('Requests answered'), failed: whole('Requests that found no memory'), refused: whole('Requests that back-pressure kept out'),
    peakReservedBytes: whole('Most reserved at once'), liveBytes: whole('In chunks, of live buffers'), cachedBytes: whole('In thread caches'),
    subpageBytes: whole('Kept by subpages, by none of their slots'), freeBytes: whole('Free inside chunks'), strandedChunks: whole('Chunks below the minimum of their list, or empty in qInit'),
  }),
  'settings.changed': define('Settings were changed while the service ran.', { settings: record(text('New value'), 'The changed ones, by flag') }),
  'state.reset': change('The allocator was made anew. What came before can no longer be resumed from: a snapshot follows.', { reason: text('Why') }),
  'alert.fired': define('Alertmanager says that an alert fires.', { alert: text('Name of the alert'), severity: text('critical, warning or info'), summary: text('One sentence'), labels: alertLabels }),
  'alert.resolved': define('Alertmanager says that an alert is over.', { alert: text('Name of the alert'), severity: text('critical, warning or info'), summary: text('One sentence'), labels: alertLabels }),
  'request.completed': demand('A request was answered.', {
    source, request, eventLoop, arena, bytes: whole('Of its body'), durationSeconds: decimal('From its head to the end of its answer, in the time of its source'),
  }),
  'request.failed': demand('A request ended without the answer it wanted.', {
    source, request, eventLoop, arena, bytes: whole('Of its body, received'), outcome: text('How it ended: exhausted, timeout, disconnected …; simulated ones: exhausted, or refused by back-pressure'),
  }),
  'composite.consolidated': demand('The parts of a message were copied into one buffer.', { source, eventLoop, arena, bytes: whole('Copied') }),
} as const satisfies Record<string, Definition>; // prettier-ignore

export type EventType = keyof typeof EVENTS;

/** What happened, before it has its place in the feed. */
export type EventBody<T extends EventType = EventType> = { [K in T]: { readonly type: K } & Shape<(typeof EVENTS)[K]['fields']> }[T];

export interface Stamp {
  readonly sequence: number; // from 1, without a hole
  readonly wallMillis: number; // since 1970
  readonly simSeconds: number; // simulated time since the scenario began; 0 without a simulation
}

/** One event of the feed; discriminated by `type`. */
export type FeedEvent<T extends EventType = EventType> = Stamp & EventBody<T>;

export const STAMP = {
  sequence: whole('Place in the feed: from 1, without a hole'),
  wallMillis: whole('Wall time, milliseconds since 1970'),
  simSeconds: decimal('Simulated time since the scenario began, seconds; 0 without a simulation'),
} as const;

export const EVENT_TYPES = Object.keys(EVENTS) as EventType[];
export const isEventType = (type: string): type is EventType => Object.hasOwn(EVENTS, type);
/** What a client gets that names no types: all but those made on demand. */
export const DEFAULT_TYPES: readonly EventType[] = EVENT_TYPES.filter((type) => !EVENTS[type].onDemand);
/** What a client must see to rebuild the state. */
export const STATE_TYPES: readonly EventType[] = EVENT_TYPES.filter((type) => EVENTS[type].changesState);
