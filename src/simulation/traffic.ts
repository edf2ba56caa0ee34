// The clients' side: sessions begin, send message after message in deliveries as the network brings them, and end.
//
//   begin session ─▶ begin message ─▶ delivery ─▶ … ─▶ last delivery ─▶ (wait for the answer) ─▶ next message or end of session
//                                        └─▶ held back by back-pressure        └─▶ out of direct memory: 503, end of session
import { type Connection, FAILED, IDLE, type Pipeline } from '../pipeline/index.ts';
import { createSampler, type NetworkModel, Random, type Sampler, SECOND_MICROS } from '../workload/index.ts';
import { type Client, ClientPool } from './client.ts';
import type { Gate } from './gate.ts';
import type { Responder } from './responder.ts';
import { FAILED as REQUEST_FAILED, type OutcomeNumber, REFUSED, type TrafficSource } from './source.ts';
import type { Tally } from './tally.ts';
import { ARRIVAL, DELIVERY, GIVE_UP, MAX_CHAINED, type Timeline } from './timeline.ts';

/** A request that began at `begun` (microseconds) is over. */
export type OnRequestEnded = (
  source: TrafficSource,
  outcome: OutcomeNumber,
  bodyBytes: number,
  receivedBytes: number,
  connection: Connection,
  begun: number,
) => void;

export interface TrafficParts {
  readonly pipeline: Pipeline;
  readonly timeline: Timeline;
  readonly responder: Responder;
  readonly gate: Gate;
  readonly tally: Tally;
  readonly onRequestEnded: OnRequestEnded;
}

export class Traffic {
  readonly sources: readonly TrafficSource[];
  readonly clients = new ClientPool();
  isEnding = false; // no new session or message begins
  private opened = 0; // connections
  private readonly pipeline: Pipeline;
  private readonly timeline: Timeline;
  private readonly responder: Responder;
  private readonly gate: Gate;
  private readonly tally: Tally;
  private readonly onRequestEnded: OnRequestEnded;
  private readonly headBytes: number;
  private readonly segmentBytes: number;
  private readonly segments: Sampler;
  private readonly rate: Sampler; // of a connection, bytes per second
  private heldBack: Client[] = [];

  constructor(sources: readonly TrafficSource[], network: NetworkModel, seed: number, parts: TrafficParts) {
    this.sources = sources;
    this.headBytes = network.headBytes;
    this.segmentBytes = network.segmentSize;
    this.segments = createSampler(network.segments, new Random(seed, 'network/segments'));
    this.rate = createSampler(network.rate, new Random(seed, 'network/rate'));
    this.pipeline = parts.pipeline;
    this.timeline = parts.timeline;
    this.responder = parts.responder;
    this.gate = parts.gate;
    this.tally = parts.tally;
    this.onRequestEnded = parts.onRequestEnded;
  }

  /** Keep-alive connections open; each source's first sessions are due. */
  start(): void {
    for (const source of this.sources) {
      for (let i = 0; i < source.keepAlive; i++) source.kept.push(this.connect(this.clients.take(source)));
      if (!source.isClosed) this.timeline.at(source.nextArrival(0), ARRIVAL, source.index);
      for (let i = 0; i < source.clients; i++) this.timeline.after(1, ARRIVAL, source.index);
    }
  }

  private connect(client: Client): Client {
    const { loops } = this.pipeline; // in turn among our own, so that real connections shift nothing
    client.connection = this.pipeline.open(loops[this.opened++ % loops.length], this.responder);
    client.connection.tag = client.number;
    client.connection.hasBytes = false;
    client.microsPerByte = SECOND_MICROS / this.rate();
    return client;
  }

  /** A session arrives at a source: it begins, or waits for a keep-alive connection. */
  arrive(source: TrafficSource): void {
    if (this.isEnding || source.sessionsLeft === 0) return;
    source.sessionsLeft--;
    if (!source.isClosed) this.timeline.at(source.nextArrival(this.timeline.micros), ARRIVAL, source.index);
    if (source.keepAlive === 0) return this.beginSession(this.connect(this.clients.take(source)), true);
    const client = source.nextKept();
    if (client === null) source.backlog++;
    else this.beginSession(client, true);
  }

  /** `atOnce`: time may go on to its first delivery, if nothing else is due before. */
  private beginSession(client: Client, atOnce: boolean): void {
    const source = client.source!;
    client.messagesLeft = Math.round(source.messages());
    if (source.stallsPeer > 0 && source.random.unit() < source.stallsPeer) this.responder.stall();
    this.beginMessage(client, atOnce);
  }

  private beginMessage(client: Client, atOnce: boolean): void {
    const source = client.source!;
    const connection = client.connection!;
    let bytes = Math.round(source.bytes());
    while (!this.gate.admits(bytes)) {
      this.onRequestEnded(source, REFUSED, bytes, 0, connection, this.timeline.micros);
      if (this.isEnding || --client.messagesLeft === 0) return this.endSession(client);
      bytes = Math.round(source.bytes());
    }
    client.messageBytes = bytes;
    client.unsentBytes = this.headBytes + bytes;
    client.awaits = source.waits || this.gate.oneAtATime;
    this.pipeline.begin(connection, this.headBytes, bytes);
    connection.begun = this.timeline.micros;
    if (this.bring(client, atOnce)) this.deliver(client);
  }

  /** The network brings the next delivery. True: time has gone on to it at once, since nothing else is due before. */
  private bring(client: Client, atOnce: boolean): boolean {
    const bytes = Math.min(client.unsentBytes, Math.round(this.segments()) * this.segmentBytes);
    client.deliveryBytes = bytes;
    const micros = this.timeline.micros + Math.max(1, Math.ceil(bytes * client.microsPerByte));
    if (atOnce && this.timeline.skipTo(micros)) return true;
    this.timeline.at(micros, DELIVERY, client.number);
    return false;
  }

  /** Bytes have arrived at a client's socket: they are read, unless back-pressure forbids it. So are the next ones, while nothing else is due. */
  deliver(client: Client): void {
    let chained = 0;
    while (this.receive(client) && this.bring(client, chained < MAX_CHAINED)) chained++;
  }

  /** True: the message goes on. */
  private receive(client: Client): boolean {
    client.unsentBytes -= client.deliveryBytes;
    client.socketBytes += client.deliveryBytes;
    client.deliveryBytes = 0;
    if (!this.gate.mayRead()) {
      this.holdBack(client);
      return false;
    }
    const connection = client.connection!;
    const before = connection.receivedBytes;
    this.responder.source = client.source!.index;
    while (client.socketBytes > 0) {
      client.socketBytes -= this.pipeline.read(connection, client.socketBytes, null);
      if (connection.state === FAILED) break;
    }
    this.tally.noteReceived(connection.receivedBytes - before);
    if (connection.state === FAILED) this.fail(client);
    else if (connection.state !== IDLE) return true;
    else if (client.awaits) client.isParked = true;
    else this.messageOver(client);
    return false;
  }

  /** The peer has answered; a client that waited for it goes on. */
  answered(connection: Connection): void {
    const client = this.clients.all[connection.tag]!;
    if (client.connection !== connection) return; // its session is over
    if (client.isLeaving) return this.leave(client);
    client.awaits = false;
    if (!client.isParked) return; // it is still within `deliver`, or did not wait
    client.isParked = false;
    this.messageOver(client);
  }

  private messageOver(client: Client): void {
    client.messagesLeft = this.isEnding ? 0 : client.messagesLeft - 1;
    if (client.messagesLeft > 0) this.beginMessage(client, false);
    else this.endSession(client);
  }

  private endSession(client: Client): void {
    const source = client.source!;
    client.messagesLeft = 0;
    if (source.isClosed) this.timeline.after(source.pauseSeconds() * SECOND_MICROS, ARRIVAL, source.index);
    if (source.keepAlive > 0) {
      if (source.backlog > 0 && !this.isEnding) {
        source.backlog--;
        this.beginSession(client, false);
      }
      return;
    }
    this.leave(client);
  }

  /** The connection is closed, unless slices of it still wait to be read: then after the last of them. */
  private leave(client: Client): void {
    client.isLeaving = this.responder.isReading(client.number);
    if (client.isLeaving) return;
    this.pipeline.close(client.connection!);
    this.clients.give(client);
  }

  /** Out of direct memory: a 503, and the connection is closed. */
  private fail(client: Client): void {
    const connection = client.connection!;
    this.onRequestEnded(client.source!, REQUEST_FAILED, client.messageBytes, connection.receivedBytes, connection, connection.begun);
    this.responder.drop(client.number);
    this.pipeline.respond(connection);
    this.hangUp(client);
  }

  private hangUp(client: Client): void {
    this.pipeline.close(client.connection!);
    client.socketBytes = client.unsentBytes = 0;
    if (client.source!.keepAlive > 0) this.connect(client);
    this.endSession(client);
  }

  private holdBack(client: Client): void {
    client.heldBackAt = this.timeline.micros;
    this.heldBack.push(client);
    this.timeline.after(this.gate.patienceMicros, GIVE_UP, client.number);
  }

  /** Memory came back: if sockets may be read again, all that were held back are. */
  release(): void {
    if (this.heldBack.length === 0 || !this.gate.mayRead()) return;
    for (const client of this.heldBack) {
      client.heldBackAt = NaN;
      this.timeline.after(1, DELIVERY, client.number);
    }
    this.heldBack = [];
  }

  /** A client has waited for its patience; if it still does, it goes away. */
  giveUp(client: Client): void {
    if (client.heldBackAt + this.gate.patienceMicros !== this.timeline.micros) return;
    client.heldBackAt = NaN;
    this.heldBack = this.heldBack.filter((other) => other !== client);
    const connection = client.connection!;
    this.onRequestEnded(client.source!, REFUSED, client.messageBytes, connection.receivedBytes, connection, connection.begun);
    this.pipeline.abandon(connection);
    this.responder.drop(client.number);
    this.hangUp(client);
  }

  /** Every connection is closed, what was being received is released. */
  closeAll(): void {
    for (const { connection } of this.clients.all) if (connection !== null) this.pipeline.close(connection);
  }
}
