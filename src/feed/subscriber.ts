// One client of the feed, from its hello to its end.
//
//   begin ──▶ REPLAYING ──all told──▶ LIVE ──▶ ENDING ──closed──▶ (gone)
//     │           └─────── too old: gone, snapshot ─┴─▶ LIVE            too slow, a mistake, the service stops: any ──▶ ENDING
//     └── no `since`: snapshot ──▶ LIVE
//
// Keeps true: the client can account for every sequence number up to `accounted`; unsent bytes ≤ pendingBytes + one frame.
import { CLOSE_CODES, type CloseReason, type ErrorCode } from '../client/index.ts';
import type { End } from './counters.ts';
import { type Filter, typesOf } from './filter.ts';
import { eventsFrame, frameOf, heartbeatFrame, TurnTexts } from './frames.ts';
import type { Hub } from './hub.ts';
import { REPLAY_EVENTS } from './limits.ts';
import { type Asked, readMessage } from './request.ts';

/** The connection to a client. */
export interface Peer {
  readonly bufferedAmount: number; // bytes that it has not taken yet
  /** `done` is called when the bytes have left, or never will. */
  send(frame: Buffer, done?: () => void): void;
  ping(): void;
  close(code: number, reason: string): void;
  terminate(): void;
}

const [REPLAYING, LIVE, ENDING] = [0, 1, 2] as const;

export class Subscriber {
  filter: Filter;
  readonly #hub: Hub;
  readonly #peer: Peer;
  #state: typeof REPLAYING | typeof LIVE | typeof ENDING = REPLAYING;
  #position = 0; // replayed up to here
  #accounted = 0; // the client knows of everything up to here; while live its group counts
  #isAlive = true; // since the last heartbeat
  #messages = 0; // since the last heartbeat
  #end: End = 'client';

  constructor(hub: Hub, peer: Peer, filter: Filter) {
    this.#hub = hub;
    this.#peer = peer;
    this.filter = filter;
  }

  get pendingBytes(): number {
    return this.#peer.bufferedAmount;
  }

  get end(): End {
    return this.#end;
  }

  greet(): void {
    this.#send(this.#hub.helloFrame());
  }

  /** What the client asked for, after hello. */
  begin({ since, feed }: Asked): void {
    const hub = this.#hub;
    const { id, ring } = hub.feed;
    if (since === null) return this.#beginAnew('snapshot');
    if (feed !== null && feed !== id) return this.#onGone(since, 'events of another run of the feed');
    if (since > ring.last) return this.fail('FUTURE', `since: ${since} (expected: at most ${ring.last})`);
    if (since < ring.first - 1) return this.#onGone(since, 'no longer held');
    hub.counters.begun.resumed++;
    this.#position = this.#accounted = since;
    this.#replay();
  }

  #beginAnew(how: 'snapshot' | 'gone'): void {
    this.#hub.counters.begun[how]++;
    this.#send(this.#hub.snapshotFrame());
    this.#accounted = this.#hub.flushed;
    this.#goLive();
  }

  #onGone(since: number, reason: string): void {
    this.#send(frameOf({ type: 'gone', since, first: this.#hub.feed.ring.first, reason }));
    this.#beginAnew('gone');
  }

  /** At the client's pace: the next frame when the last one has left. */
  #replay(): void {
    if (this.#state !== REPLAYING) return;
    const { feed, flushed } = this.#hub;
    const { ring } = feed;
    if (this.#position < ring.first - 1) return this.#onGone(this.#accounted, 'no longer held: read too slowly');
    while (this.#position < flushed) {
      const from = this.#position + 1;
      const to = Math.min(this.#position + REPLAY_EVENTS, flushed);
      this.#position = to;
      const frame = eventsFrame(ring, this.filter, this.#accounted + 1, from, to, new TurnTexts(ring, from));
      if (frame === null) continue;
      this.#accounted = to;
      this.#send(frame, () => this.#replay());
      return;
    }
    this.#goLive();
  }

  #goLive(): void {
    this.#state = LIVE;
    this.#account();
    this.#hub.join(this);
  }

  #account(): void {
    const { flushed } = this.#hub;
    this.#send(heartbeatFrame(this.#accounted + 1, flushed));
    this.#accounted = flushed;
  }

  /** A frame shared with others; while live only. `accounted`: what the client knows of without it. */
  deliver(frame: Buffer, accounted: number): void {
    const { bufferedAmount } = this.#peer;
    if (bufferedAmount <= this.#hub.limits.pendingBytes) return this.#send(frame);
    this.#send(frameOf({ type: 'too_slow', sequence: accounted, pendingBytes: bufferedAmount }));
    this.finish('TOO_SLOW');
  }

  /** The allocator was made anew: what a live client knows is of no use. One that replays finds out by itself. */
  startOver(since: number, reason: string): void {
    if (this.#state !== LIVE) return;
    this.#hub.leave(this);
    this.#onGone(since, reason);
  }

  /** Still there? Asked once a heartbeat. */
  check(): void {
    if (this.#state === ENDING) return;
    if (!this.#isAlive) {
      this.#end = 'dead';
      this.stop();
      this.#peer.terminate();
      return;
    }
    this.#isAlive = false;
    this.#messages = 0;
    this.#peer.ping();
  }

  onPong(): void {
    this.#isAlive = true;
  }

  onMessage(text: string | null): void {
    if (this.#state === ENDING) return;
    this.#isAlive = true;
    const { limits, feed } = this.#hub;
    if (++this.#messages > limits.messagesPerHeartbeat)
      return this.fail('TOO_MANY', `messages: ${this.#messages} (expected: at most ${limits.messagesPerHeartbeat} between two heartbeats)`);
    const asked = text === null ? 'message: bytes (expected: text)' : readMessage(text, feed.reader.arenas);
    if (typeof asked === 'string') this.fail('BAD_MESSAGE', asked);
    else this.#changeFilter(asked);
  }

  #changeFilter(filter: Filter): void {
    const hub = this.#hub;
    const isLive = this.#state === LIVE;
    if (isLive) {
      hub.flush(); // what has happened passes by the old filter
      if (this.#state !== LIVE) return; // too slow for that
      this.#accounted = hub.leave(this);
      this.#account();
    }
    if (!hub.exchange(this, filter)) return this.failSubscriptions();
    const sequence = isLive ? hub.flushed : this.#position;
    this.#send(
      frameOf({ type: 'subscribed', sequence, types: typesOf(filter), arenas: filter.arenas === null ? null : [...filter.arenas] }),
    );
    if (isLive) hub.join(this);
  }

  failSubscriptions(): void {
    const { subscriptions } = this.#hub.limits;
    this.fail('TOO_MANY', `subscriptions: another filter (expected: at most ${subscriptions} different ones over all clients)`);
  }

  /** Says what was wrong, then closes. */
  fail(code: ErrorCode, detail: string): void {
    this.#send(frameOf({ type: 'error', code, detail }));
    this.finish(code);
  }

  finish(reason: CloseReason): void {
    if (this.#state === ENDING) return;
    this.#end = reason.toLowerCase() as Lowercase<CloseReason>;
    this.stop();
    this.#peer.close(CLOSE_CODES[reason].code, this.#end);
  }

  /** Broke the WebSocket protocol itself: the connection is closing. */
  blame(end: End): void {
    if (this.#state === ENDING) return;
    this.#end = end;
    this.stop();
  }

  /** Nothing is sent from now on. */
  stop(): void {
    if (this.#state === LIVE) this.#hub.leave(this);
    this.#state = ENDING;
  }

  #send(frame: Buffer, done?: () => void): void {
    if (this.#state === ENDING) return;
    this.#hub.counters.frames++;
    this.#hub.counters.bytes += frame.length;
    this.#peer.send(frame, done);
  }
}
