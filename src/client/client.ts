// A client of the feed that can be trusted: it knows the sequence number of all it has seen, notices every hole, resumes after
// whatever cut it off, and holds the state at that number.
//
//   STOPPED ──start──▶ CONNECTING ──hello, then snapshot or events──▶ LIVE
//      ▲                  ▲   └─────────── closed, silent, a hole ──────┤
//      └──stop (any)      └──after a pause with jitter── WAITING ◀──────┘      REFUSED: coming back would not help
import type { FeedEvent } from './events.ts';
import { carriesState, feedAddress, type Wanted } from './filter.ts';
import { CLOSE_CODES, PROTOCOL_VERSION, type ServerMessage } from './messages.ts';
import { type After, afterByTimer, backoffSeconds, type SocketConstructor, type SocketLike } from './socket.ts';
import { applyEvent, type FeedState, type OwnedState } from './state.ts';

export type ClientStatus = 'stopped' | 'connecting' | 'live' | 'waiting' | 'refused';

/** Called in the order of the feed. */
export interface FeedListener {
  /** After the state, where one is held, has changed. */
  onEvent?(event: FeedEvent): void;
  /** The state was replaced: at the beginning, and where events in between are gone. */
  onSnapshot?(state: FeedState, sequence: number): void;
  /** All events so far that pass the filter have been told. */
  onCaughtUp?(sequence: number): void;
  onStatus?(status: ClientStatus, why: string): void;
}

export interface FeedClientOptions extends Partial<Wanted> {
  /** Address of the service, `http://…` or `ws://…`. */
  readonly url: string | URL;
  readonly listener?: FeedListener;
  /** Begin after this event instead of with a snapshot; no state is held until one comes. */
  readonly since?: number;
  readonly WebSocket?: SocketConstructor;
  readonly random?: () => number; // from 0 to below 1
  readonly after?: After;
}

const HELLO_SECONDS = 10; // how long a connection may take
const SILENT_HEARTBEATS = 2.5; // heartbeats missed until the service counts as gone

export class FeedClient {
  readonly counts = { connects: 0, events: 0, snapshots: 0, gaps: 0, gone: 0, tooSlow: 0 };
  readonly #url: string | URL;
  readonly #listener: FeedListener;
  readonly #Socket: SocketConstructor;
  readonly #random: () => number;
  readonly #after: After;
  #wanted: Wanted;
  #status: ClientStatus = 'stopped';
  #socket: SocketLike | null = null;
  #sequence: number | null; // all up to here has been told; null: nothing is known yet
  #feed = ''; // the run that the number belongs to
  #state: OwnedState | null = null;
  #fault = ''; // what the service said we did wrong
  #failures = 0; // since the last progress
  #isHeard = false; // since the last look
  #cancelTimer: () => void = () => undefined;

  constructor(options: FeedClientOptions) {
    const { url, listener = {}, types = null, arenas = null, since = null } = options;
    this.#url = url;
    this.#listener = listener;
    this.#wanted = { types, arenas };
    this.#sequence = since;
    this.#Socket = options.WebSocket ?? globalThis.WebSocket;
    this.#random = options.random ?? Math.random;
    this.#after = options.after ?? afterByTimer;
  }

  get status(): ClientStatus {
    return this.#status;
  }

  /** Of the last event accounted for; null: before the first message. */
  get sequence(): number | null {
    return this.#sequence;
  }

  /** The state at `sequence`, changed in place by later events; null where none came yet, or the filter leaves out what it needs. */
  get state(): FeedState | null {
    return this.#state;
  }

  start(): void {
    if (this.#status !== 'stopped' && this.#status !== 'refused') return;
    this.#failures = 0;
    this.#connect();
  }

  stop(): void {
    this.#disconnect(1000, 'stopped');
    this.#become('stopped', 'asked to');
  }

  /** Change the filter. A state that can no longer be followed is dropped; one that now can be is asked for. */
  subscribe(types: Wanted['types'], arenas: Wanted['arenas'] = null): void {
    const could = carriesState(this.#wanted);
    this.#wanted = { types, arenas };
    const can = carriesState(this.#wanted);
    if (!can) this.#state = null;
    if (can && !could) this.#forget();
    if (this.#socket === null) return;
    if (can && !could) this.#retry(4000, 'the state is wanted now');
    else if (this.#status === 'live') this.#socket.send(JSON.stringify({ type: 'subscribe', types, arenas }));
    else this.#retry(4000, 'another filter is wanted');
  }

  #forget(): void {
    this.#sequence = this.#state = null;
  }

  #become(status: ClientStatus, why: string): void {
    if (status === this.#status) return;
    this.#status = status;
    this.#listener.onStatus?.(status, why);
  }

  #connect(): void {
    const since = this.#sequence === null ? null : { sequence: this.#sequence, feed: this.#feed };
    const socket = new this.#Socket(feedAddress(this.#url, this.#wanted, since));
    this.#socket = socket;
    this.counts.connects++;
    socket.onmessage = ({ data }) => this.#onText(String(data));
    socket.onclose = ({ code, reason }) => this.#onClose(code, reason);
    socket.onerror = () => undefined; // `close` follows, and tells
    this.#watch(HELLO_SECONDS);
    this.#become('connecting', '');
  }

  /** Whoever says nothing for that long is gone, whatever the socket thinks. */
  #watch(seconds: number): void {
    this.#cancelTimer();
    this.#isHeard = false;
    this.#cancelTimer = this.#after(seconds, () => {
      if (this.#isHeard) this.#watch(seconds);
      else this.#retry(4000, `silent for ${seconds} s`);
    });
  }

  #disconnect(code: number, reason: string): void {
    this.#cancelTimer();
    const socket = this.#socket;
    if (socket === null) return;
    this.#socket = null;
    socket.onmessage = socket.onclose = null;
    socket.close(code, reason);
  }

  #retry(code: number, why: string): void {
    this.#disconnect(code, why);
    this.#failures++;
    this.#cancelTimer = this.#after(backoffSeconds(this.#failures, this.#random), () => this.#connect());
    this.#become('waiting', why);
  }

  #onClose(code: number, reason: string): void {
    if (code === CLOSE_CODES.FUTURE.code) this.#forget();
    if (code === CLOSE_CODES.BAD_MESSAGE.code) this.#refuse(this.#fault);
    else this.#retry(1000, `closed: ${code} ${reason}`.trimEnd());
  }

  #refuse(why: string): void {
    this.#disconnect(1000, why);
    this.#become('refused', why);
  }

  #onText(text: string): void {
    this.#isHeard = true;
    const message = JSON.parse(text) as ServerMessage;
    switch (message.type) {
      case 'hello':
        return this.#onHello(message);
      case 'snapshot':
        return this.#onSnapshot(message);
      case 'events':
        return this.#onEvents(message);
      case 'heartbeat':
        return this.#onHeartbeat(message);
      case 'gone':
        this.counts.gone++;
        return this.#forget();
      case 'too_slow':
        this.counts.tooSlow++;
        return;
      case 'error': // `close` follows
        this.#fault = message.detail;
        return;
      case 'subscribed':
        return;
      default:
        message satisfies never; // of a later version
    }
  }

  #onHello({ protocol, feed, heartbeatSeconds }: ServerMessage<'hello'>): void {
    if (protocol !== PROTOCOL_VERSION) return this.#refuse(`protocol ${protocol} (expected: ${PROTOCOL_VERSION})`);
    this.#feed = feed;
    this.#watch(heartbeatSeconds * SILENT_HEARTBEATS);
  }

  #onSnapshot({ state, sequence }: ServerMessage<'snapshot'>): void {
    this.counts.snapshots++;
    this.#sequence = sequence;
    if (carriesState(this.#wanted)) this.#state = state as OwnedState;
    this.#listener.onSnapshot?.(state, sequence);
    this.#progress();
  }

  #onEvents({ first, last, skipped, events }: ServerMessage<'events'>): void {
    if (events.length + skipped !== last - first + 1)
      return this.#onGap(`${events.length} events and ${skipped} skipped (expected: ${last - first + 1})`);
    if (!this.#follows(first)) return;
    const told = this.#sequence ?? 0;
    for (const event of events) if (event.sequence > told && !this.#tell(event)) return;
    this.#accountFor(last);
  }

  #onHeartbeat({ first, last }: ServerMessage<'heartbeat'>): void {
    if (this.#follows(first)) this.#accountFor(last);
  }

  /** Nothing is missing before `first`; what overlaps has been told already. */
  #follows(first: number): boolean {
    const next = (this.#sequence ?? first - 1) + 1;
    if (first > next) this.#onGap(`events ${next} to ${first - 1} are missing`);
    return first <= next;
  }

  /** False: the event does not fit the state, which is dropped. */
  #tell(event: FeedEvent): boolean {
    try {
      if (this.#state !== null) applyEvent(this.#state, event);
    } catch (error) {
      this.#forget();
      this.#onGap((error as Error).message);
      return false;
    }
    this.#sequence = event.sequence;
    this.counts.events++;
    this.#listener.onEvent?.(event);
    return this.#socket !== null; // the listener may have stopped us
  }

  /** Everything up to `last` has been told or filtered out. */
  #accountFor(last: number): void {
    this.#sequence = Math.max(this.#sequence ?? last, last);
    this.#progress();
    this.#listener.onCaughtUp?.(this.#sequence);
  }

  #progress(): void {
    this.#failures = 0;
    this.#become('live', '');
  }

  #onGap(what: string): void {
    this.counts.gaps++;
    this.#retry(4000, `gap: ${what}`);
  }
}
