// The feed itself: gives each event its sequence number and its times, holds the last ones, and answers what the state is now.
// Knows no client; whoever delivers sets `onPublished`. While nobody listens an event costs a few stores.
//
//   state at `last` = the reader's state, whenever no allocator call is under way
import type { PooledAllocator } from '../allocator/index.ts';
import { EVENT_TYPES, EVENTS, type EventBody, type EventType, type FeedState } from '../client/index.ts';
import { Recorder } from './recorder.ts';
import { EventRing, TYPE_INDEX } from './ring.ts';
import { StateReader } from './state-reader.ts';

export interface FeedOptions {
  readonly allocator: PooledAllocator;
  /** Names this run: sequence numbers of another mean nothing in it. */
  readonly id: string;
  readonly ringEvents?: number; // default 65,536
  readonly wallMillis?: () => number;
  readonly simSeconds?: () => number;
}

/** Whoever delivers what is published. */
export interface Delivery {
  published(): void;
  wasReset(reason: string): void;
}

/** Types that nobody has to name, as a set of bits. */
const ALWAYS = EVENT_TYPES.reduce((bits, type, i) => (EVENTS[type].onDemand ? bits : bits | (1 << i)), 0);

export class Feed {
  readonly id: string;
  readonly ring: EventRing;
  readonly reader: StateReader;
  readonly counts = new Float64Array(EVENT_TYPES.length); // of events, by index of their type
  /** To be told by the allocator. */
  readonly listener: Recorder;
  delivery: Delivery | null = null;
  /** The request that is being served now, for `memory.exhausted`; set by whoever serves it. */
  request: string | null = null;
  wantedTypes = ALWAYS; // bits of the types that are made: set by the delivery
  readonly #wallMillis: () => number;
  readonly #simSeconds: () => number;
  #allocator: PooledAllocator;

  constructor({ allocator, id, ringEvents = 65_536, wallMillis = Date.now, simSeconds = () => 0 }: FeedOptions) {
    this.id = id;
    this.ring = new EventRing(ringEvents);
    this.reader = new StateReader(allocator);
    this.#allocator = allocator;
    this.listener = new Recorder(this, (cache) => this.#allocator.cacheArenas[cache]!.index);
    this.#wallMillis = wallMillis;
    this.#simSeconds = simSeconds;
  }

  get last(): number {
    return this.ring.last;
  }

  /** Whether events of this type are made at all: those on demand only while a client names them. */
  wants(type: EventType): boolean {
    return (this.wantedTypes & (1 << TYPE_INDEX[type])) !== 0;
  }

  /** An event of numbers, by the index of its type: its fields in the table's order. */
  record(type: number, arena: number, a: number, b: number, c = 0, d = 0, e = 0): void {
    this.ring.record(type, this.#wallMillis(), this.#simSeconds(), arena, a, b, c, d, e);
    this.counts[type]!++;
    this.delivery?.published();
  }

  /** Any other event. One on demand that nobody wants is dropped; ask `wants` before making it. */
  publish(body: EventBody): void {
    if (!this.wants(body.type)) return;
    this.reader.note(body);
    this.ring.keep(body, this.#wallMillis(), this.#simSeconds());
    this.counts[TYPE_INDEX[body.type]]!++;
    this.delivery?.published();
  }

  /** The state at `last`. */
  state(): FeedState {
    return this.reader.read();
  }

  /** The service now runs on another allocator: every client gets a snapshot. Its owner makes it tell `listener`. */
  reset(allocator: PooledAllocator, reason: string): void {
    this.#allocator = allocator;
    this.reader.watch(allocator);
    this.publish({ type: 'state.reset', reason });
    this.ring.cut();
    this.delivery?.wasReset(reason);
  }
}
