// Real traffic: sockets and their lanes, the peer behind them, back-pressure on the request streams, and how each request ended.
import type { Socket } from 'node:net';
import { type Message, Peer } from '../pipeline/index.ts';
import type { Clock } from './clock.ts';
import { Exchange, type Incoming } from './exchange.ts';
import { type Outcome, OUTCOMES } from './outcome.ts';
import { Lane } from './lane.ts';
import type { Runtime } from './runtime.ts';
import type { Settings } from './settings-table.ts';
import { Watches } from './watch.ts';

const CHECKS_PER_TIMEOUT = 4; // so slowness is noticed at most a quarter late

/** Told of each whole message, and of each request's end, once. */
export interface TrafficObserver {
  message(bytes: number): void;
  ended(outcome: Outcome, receivedBytes: number, detail: string, exchange: Exchange): void;
}

export class Traffic {
  readonly runtime: Runtime;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly watches: Watches;
  readonly peer: Peer;
  readonly outcomes: Record<Outcome, number>;
  readonly #observer: TrafficObserver;
  readonly #lanes = new Map<Socket, Lane>();
  readonly #receiving = new Set<Exchange>(); // oldest first
  readonly #withPeer = new Map<Message, Exchange>();
  readonly #cancelAnswer = new Map<Message, () => void>(); // of the messages that the peer works on
  #paused = false; // some stream may be paused
  readonly #onEmpty: (() => void)[] = [];

  constructor(runtime: Runtime, settings: Settings, clock: Clock, random: () => number, observer: TrafficObserver) {
    this.runtime = runtime;
    this.settings = settings;
    this.clock = clock;
    this.watches = new Watches(clock, Math.min(settings.idleTimeoutSeconds, settings.requestTimeoutSeconds) / CHECKS_PER_TIMEOUT);
    this.#observer = observer;
    this.outcomes = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 0])) as Record<Outcome, number>;
    const { peerLatencySeconds, peerSigma, peerBytesPerSecond, peerConcurrency } = settings;
    this.peer = new Peer(
      { latencySeconds: peerLatencySeconds, sigma: peerSigma, bytesPerSecond: peerBytesPerSecond, concurrency: peerConcurrency },
      (message) => this.#onAnswered(message),
      (seconds, message) => this.#answerLater(seconds, message),
      random,
    );
    runtime.onReadingChanged((reading) => this.#pace(reading));
  }

  /** A socket: its connection goes to the next event loop in turn. */
  connected(socket: Socket): Lane {
    const lane = new Lane(this.runtime, socket);
    this.#lanes.set(socket, lane);
    socket.once('close', () => {
      this.#lanes.delete(socket);
      lane.close();
      this.update();
      if (this.#lanes.size === 0) for (const resolve of this.#onEmpty.splice(0)) resolve();
    });
    return lane;
  }

  /** When no socket is left, each with what it held given back. A server that has closed may be ahead of its sockets' last events. */
  async disconnected(): Promise<void> {
    if (this.#lanes.size > 0) await new Promise<void>((resolve) => this.#onEmpty.push(resolve));
  }

  /** Close the connections on which nothing is under way. */
  closeIdle(isBusy: (socket: Socket) => boolean): void {
    for (const socket of this.#lanes.keys()) if (!isBusy(socket)) socket.destroySoon();
  }

  destroyAll(outcome: Outcome, detail: string): void {
    for (const lane of this.#lanes.values()) lane.destroy(outcome, detail);
  }

  /** No socket is left, and nobody waits for what the peer still keeps. */
  dropHeld(): void {
    this.watches.stop();
    for (const cancel of this.#cancelAnswer.values()) cancel();
    for (const message of this.#withPeer.keys()) this.runtime.pipeline.drop(message);
    this.#cancelAnswer.clear();
    this.#withPeer.clear();
  }

  /** Real requests that hold something, or wait to. */
  get underWay(): number {
    return [...this.#lanes.values()].reduce((sum, lane) => sum + lane.open, this.#withPeer.size);
  }

  /** The pipeline was made anew, with no request under way: each socket gets a connection in the new one. */
  reconnect(): void {
    for (const lane of this.#lanes.values()) lane.reconnect();
    this.update();
  }

  get connections(): number {
    return this.#lanes.size;
  }

  /** Requests whose bodies are coming in, paused ones included. */
  get receiving(): number {
    return this.#receiving.size;
  }

  laneOf(socket: Socket): Lane | undefined {
    return this.#lanes.get(socket);
  }

  /** Take a request's body in. */
  receive(socket: Socket, incoming: Incoming): void {
    const lane = this.#lanes.get(socket);
    if (lane === undefined) return; // closed in between
    lane.enter(new Exchange(this, lane, incoming));
  }

  // What exchanges tell.

  began(exchange: Exchange): void {
    this.#receiving.add(exchange);
    this.update();
  }

  received(exchange: Exchange, bytes: number): void {
    this.#receiving.delete(exchange);
    this.#observer.message(bytes);
  }

  toPeer(message: Message, exchange: Exchange): void {
    this.#withPeer.set(message, exchange);
    this.peer.take(message);
  }

  ended(exchange: Exchange, outcome: Outcome, receivedBytes: number, detail: string): void {
    this.#receiving.delete(exchange);
    this.outcomes[outcome]++;
    if (outcome !== 'answered') this.#withdraw(exchange);
    this.#observer.ended(outcome, receivedBytes, detail, exchange);
    this.update();
  }

  /** A message that only waits for the peer goes with its client; one that the peer works on is kept until it answers. */
  #withdraw(exchange: Exchange): void {
    for (const [message, owner] of this.#withPeer) {
      if (owner !== exchange || !this.peer.withdraw(message)) continue;
      this.#withPeer.delete(message);
      this.runtime.pipeline.drop(message);
    }
  }

  #answerLater(seconds: number, message: Message): void {
    const answer = (): void => {
      this.#cancelAnswer.delete(message);
      this.peer.answered(message);
    };
    this.#cancelAnswer.set(message, this.clock.after(seconds, answer));
  }

  #onAnswered(message: Message): void {
    const exchange = this.#withPeer.get(message)!;
    this.#withPeer.delete(message);
    this.runtime.touch(this.clock.nowSeconds());
    exchange.onAnswered(message);
    this.update();
  }

  /** Memory was taken or given back, or the order of requests has changed: who may be read? */
  update(): void {
    if (this.runtime.backPressure.options.mode === 'watermark') this.#pace(this.runtime.mayRead());
  }

  /**
   * Below the mark nobody is read, except that while the peer holds nothing the oldest request goes on: half-received bodies hold
   * memory too, and if all of them waited, nothing would ever give any back.
   */
  #pace(reading: boolean): void {
    if (reading && !this.#paused) return;
    this.#paused = !reading;
    let mayGoOn = this.peer.held === 0;
    for (const exchange of this.#receiving) {
      exchange.setPaused(!reading && !mayGoOn);
      mayGoOn = false;
    }
  }
}
