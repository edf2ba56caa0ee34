// Delivers the feed: groups clients by filter, and once a turn makes one frame for each group.
//
//   feed.published ─▶ (end of the turn) flush ─▶ group: frame of `flushed + 1 … last` ─▶ its live clients
//
// Keeps true: live clients of a group know of everything up to its `accounted`; between turns that is `flushed`, less what its filter left out.
import type { After } from '../client/index.ts';
import { FeedCounters, type FeedSample } from './counters.ts';
import type { Delivery, Feed } from './feed.ts';
import { type Filter, makeFilter } from './filter.ts';
import { eventsFrame, heartbeatFrame, helloFrame, snapshotFrame, TurnTexts } from './frames.ts';
import { FRAME_EVENTS, type HubLimits } from './limits.ts';
import type { Asked } from './request.ts';
import { sampleOf } from './sample.ts';
import { type Peer, Subscriber } from './subscriber.ts';

const EVERYTHING = makeFilter(null, null);

/** Clients with the same filter. */
interface Group {
  readonly filter: Filter;
  readonly live: Set<Subscriber>;
  members: number; // those that replay included
  accounted: number;
}

export interface HubOptions {
  readonly limits: HubLimits;
  readonly heartbeatSeconds: number;
  readonly after: After;
  /** Runs something at the end of this turn. */
  readonly soon: (run: () => void) => void;
}

export class Hub implements Delivery {
  readonly feed: Feed;
  readonly limits: HubLimits;
  readonly counters = new FeedCounters();
  flushed: number; // everything up to here has been delivered to the live
  readonly #heartbeatSeconds: number;
  readonly #after: After;
  readonly #soon: (run: () => void) => void;
  readonly #groups = new Map<string, Group>();
  readonly #groupOf = new Map<Subscriber, Group | null>(); // of each client; null: none yet, or never
  readonly #alwaysMade: number;
  readonly #flushEvents: number; // that many are delivered before the turn ends
  #isScheduled = false;
  #snapshot: { readonly sequence: number; readonly frame: Buffer } | null = null; // the last one made
  #cancelHeartbeat: (() => void) | null = null;

  constructor(feed: Feed, { limits, heartbeatSeconds, after, soon }: HubOptions) {
    this.feed = feed;
    this.limits = limits;
    this.flushed = feed.last;
    this.#heartbeatSeconds = heartbeatSeconds;
    this.#after = after;
    this.#soon = soon;
    this.#alwaysMade = feed.wantedTypes;
    this.#flushEvents = Math.min(FRAME_EVENTS, feed.ring.capacity);
    feed.delivery = this;
  }

  get clients(): number {
    return this.#groupOf.size;
  }

  /** A client has connected, and asked for something, or made a mistake in asking; it counts until `disconnected`. */
  connect(peer: Peer, asked: Asked | string): Subscriber {
    this.flush();
    const filter = typeof asked === 'string' ? EVERYTHING : asked.filter;
    const subscriber = new Subscriber(this, peer, filter);
    this.#groupOf.set(subscriber, null);
    this.#cancelHeartbeat ??= this.#after(this.#heartbeatSeconds, () => this.#heartbeat());
    subscriber.greet();
    if (typeof asked === 'string') subscriber.fail('BAD_MESSAGE', asked);
    else if (this.exchange(subscriber, filter)) subscriber.begin(asked);
    else subscriber.failSubscriptions();
    return subscriber;
  }

  disconnected(subscriber: Subscriber): void {
    const group = this.#groupOf.get(subscriber);
    if (group === undefined) return;
    subscriber.stop();
    this.counters.ended[subscriber.end]++;
    this.#groupOf.delete(subscriber);
    this.#exit(group);
    if (this.clients > 0) return;
    this.#cancelHeartbeat?.();
    this.#cancelHeartbeat = null;
  }

  /** Put a client that is not live under a filter. False: there are too many filters already, and it stays where it is. */
  exchange(subscriber: Subscriber, filter: Filter): boolean {
    const group = this.#groups.get(filter.key) ?? this.#createGroup(filter);
    if (group === null) return false;
    group.members++;
    this.#exit(this.#groupOf.get(subscriber)!);
    this.#groupOf.set(subscriber, group);
    subscriber.filter = filter;
    return true;
  }

  #createGroup(filter: Filter): Group | null {
    if (this.#groups.size >= this.limits.subscriptions) return null;
    const group: Group = { filter, live: new Set(), members: 0, accounted: this.flushed };
    this.#groups.set(filter.key, group);
    this.#noteWanted();
    return group;
  }

  #exit(group: Group | null): void {
    if (group === null || --group.members > 0) return;
    this.#groups.delete(group.filter.key);
    this.#noteWanted();
  }

  #noteWanted(): void {
    let bits = this.#alwaysMade;
    for (const { filter } of this.#groups.values()) bits |= filter.typeBits;
    this.feed.wantedTypes = bits;
  }

  /** From now on the frames of its group go to it too. */
  join(subscriber: Subscriber): void {
    this.#groupOf.get(subscriber)!.live.add(subscriber);
  }

  /** Returns up to where the client knows of everything. */
  leave(subscriber: Subscriber): number {
    const group = this.#groupOf.get(subscriber)!;
    group.live.delete(subscriber);
    return group.accounted;
  }

  published(): void {
    if (this.clients === 0) return;
    if (this.feed.last - this.flushed >= this.#flushEvents) this.flush();
    else if (!this.#isScheduled) {
      this.#isScheduled = true;
      this.#soon(() => {
        this.#isScheduled = false;
        this.flush();
      });
    }
  }

  /** Deliver what has been published to all live clients. */
  flush(): void {
    const from = this.flushed + 1;
    const to = this.feed.last;
    if (to < from) return;
    this.flushed = to;
    const { ring } = this.feed;
    const texts = new TurnTexts(ring, from);
    for (const group of this.#groups.values()) {
      if (group.live.size === 0) {
        group.accounted = to;
        continue;
      }
      const frame = eventsFrame(ring, group.filter, group.accounted + 1, from, to, texts);
      if (frame !== null) this.#deliver(group, frame, to);
    }
  }

  #deliver(group: Group, frame: Buffer, last: number): void {
    for (const subscriber of group.live) subscriber.deliver(frame, group.accounted);
    group.accounted = last;
  }

  wasReset(reason: string): void {
    this.flush();
    const last = this.flushed;
    for (const subscriber of this.#groupOf.keys()) subscriber.startOver(last - 1, reason);
  }

  #heartbeat(): void {
    this.#cancelHeartbeat = this.#after(this.#heartbeatSeconds, () => this.#heartbeat());
    this.flush();
    for (const group of this.#groups.values()) this.#deliver(group, heartbeatFrame(group.accounted + 1, this.flushed), this.flushed);
    for (const subscriber of this.#groupOf.keys()) subscriber.check();
  }

  helloFrame(): Buffer {
    const { id, ring } = this.feed;
    return helloFrame(id, ring, this.#heartbeatSeconds, { ringEvents: ring.capacity, ...this.limits });
  }

  /** The state at `flushed`, made once however many ask for it. */
  snapshotFrame(): Buffer {
    if (this.#snapshot?.sequence !== this.flushed)
      this.#snapshot = { sequence: this.flushed, frame: snapshotFrame(this.flushed, this.feed.state()) };
    return this.#snapshot.frame;
  }

  /** The service stops: clients are told to come back. */
  close(): void {
    this.flush();
    for (const subscriber of this.#groupOf.keys()) subscriber.finish('GOING_AWAY');
    this.#cancelHeartbeat?.();
    this.#cancelHeartbeat = null;
  }

  sample(): FeedSample {
    let pendingBytes = 0;
    for (const subscriber of this.#groupOf.keys()) pendingBytes += subscriber.pendingBytes;
    return sampleOf(this.feed, this.counters, { clients: this.clients, subscriptions: this.#groups.size, pendingBytes });
  }
}
