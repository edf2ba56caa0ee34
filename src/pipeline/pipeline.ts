// What Netty's HTTP server does with a socket's bytes: the read loop takes receive buffers of the predicted size, the decoder cuts
// them into slices, the aggregator collects the slices in a composite, and a whole message goes to the handler.
// Real and simulated traffic take this way alike; simulated bytes have no source and are not written.
//
//   available bytes ─▶ receive buffer ─▶ slices (≤ 8196 B, each a reference) ─▶ composite ─▶ handler ─▶ answer: response buffer, release
//
// Source of the behaviour: Netty's NioByteUnsafe.read, HttpObjectDecoder, MessageAggregator; order of releases included.
import { type BufferRef, NONE, type PooledAllocator, writeBytes } from '../allocator/index.ts';
import { BODY, CLOSED, Connection, FAILED, HEAD, IDLE } from './connection.ts';
import { EventLoop } from './event-loop.ts';
import type { Handler } from './handler.ts';
import { holderOf, Message } from './message.ts';
import { NETTY_RECEIVE, Predictor, type PredictorRange, predictorRange, type ReceiveOptions } from './predictor.ts';
import type { PipelineOptions, ReadObserver } from './pipeline-options.ts';
import { PIPELINE_PROFILES, type PipelineProfile } from './profile.ts';
import { takeResponse } from './response.ts';

export class Pipeline {
  readonly allocator: PooledAllocator;
  readonly loops: readonly EventLoop[];
  readonly handler: Handler;
  readonly aggregate: boolean;
  readObserver: ReadObserver | null = null;
  private readonly maxComponents: number;
  private readonly sliceBytes: number;
  private readonly receive: ReceiveOptions;
  private readonly range: PredictorRange;
  private readonly profile: PipelineProfile;
  readonly messages: Message[] = []; // all ever made; those with a connection are in use
  private readonly spareMessages: Message[] = [];
  private connectionsMade = 0;

  constructor(allocator: PooledAllocator, handler: Handler, options: PipelineOptions) {
    const {
      eventLoops,
      version = allocator.profile.version,
      aggregate = true,
      maxComponents = 1024,
      sliceBytes = 8196,
      receive = NETTY_RECEIVE,
    } = options;
    this.allocator = allocator;
    this.handler = handler;
    this.aggregate = aggregate;
    this.maxComponents = maxComponents;
    this.sliceBytes = sliceBytes;
    this.receive = receive;
    this.range = predictorRange(receive);
    this.profile = PIPELINE_PROFILES[version];
    this.loops = Array.from({ length: eventLoops }, (_, i) => {
      const cache = allocator.createThreadCache();
      return new EventLoop(i, cache, allocator.cacheArenas[cache]!.index);
    });
  }

  /** A new connection on the next event loop in turn, or on the one named; its messages go to its own handler. */
  open(loop = this.loops[this.connectionsMade % this.loops.length]!, handler = this.handler): Connection {
    loop.connections++;
    return new Connection(this.connectionsMade++, loop, new Predictor(this.range, this.profile), handler);
  }

  /** A request begins: a head of that many bytes (its text, where the source brings only the body), then a body (Infinity: until `end`). */
  begin(connection: Connection, headBytes: number, bodyBytes: number, head: Uint8Array | null = null): void {
    if (connection.state !== IDLE) throw new Error(`connection ${connection.id}: a request began in state ${connection.state}`);
    connection.state = HEAD;
    connection.headBytes = headBytes;
    connection.head = head;
    connection.bodyBytes = bodyBytes;
    connection.receivedBytes = connection.slices = 0;
  }

  /**
   * One readable event: up to 16 reads of the `available` bytes, which are `source[from …]` unless simulated (null). With a head of
   * its own the connection reads that first: `from` is negative by the head's bytes still to come, and `available` counts them.
   * Returns the bytes read; fewer than available when the reads are used up, memory ran out (`connection.state` is FAILED) or it is closed.
   */
  read(connection: Connection, available: number, source: Uint8Array | null, from = 0): number {
    const { allocator, receive } = this;
    const { learnsWithinEvent } = this.profile;
    const { predictor, loop } = connection;
    if (connection.state >= FAILED) return 0; // nobody reads a socket that failed or is closed
    if (connection.eventReads > 0) connection.endEvent(); // of `offer` and `accept`
    let total = 0;
    for (let reads = 0; reads < receive.maxReads; reads++) {
      const capacity = predictor.bytes;
      const buffer = allocator.allocate(loop.cache, capacity);
      if (buffer === NONE) {
        this.fail(connection);
        break;
      }
      const got = Math.min(capacity, available - total);
      this.readObserver?.(capacity, got);
      if (got === 0) {
        allocator.release(buffer);
        break;
      }
      if (source !== null) this.fill(connection, buffer, source, from + total, from + total + got);
      total += got;
      if (learnsWithinEvent && got === capacity) predictor.record(got);
      this.decode(connection, buffer, got);
      if (got < capacity || connection.state >= FAILED) break;
    }
    loop.receivedBytes += total;
    predictor.record(total);
    return total;
  }

  /** Whatever is available, in as many readable events as it takes. Returns the bytes of the source that were read. */
  readAll(connection: Connection, source: Uint8Array): number {
    let at = connection.head === null ? 0 : -connection.headBytes;
    while (at < source.length && connection.state < FAILED) at += this.read(connection, source.length - at, source, at);
    return Math.max(0, at);
  }

  /**
   * The same read loop, turned round, for a source that writes where it is told: a receive buffer of the predicted size, to be followed
   * by `accept` of what was read into it. NONE: no memory (`connection.state` is FAILED), or nobody reads this connection any more.
   */
  offer(connection: Connection): BufferRef {
    if (connection.state >= FAILED || connection.head !== null) return NONE; // a head is read first, by `readAll`
    if (connection.offered !== NONE) throw new Error(`connection ${connection.id}: offered twice (expected: accept in between)`);
    const buffer = this.allocator.allocate(connection.loop.cache, connection.predictor.bytes);
    if (buffer === NONE) {
      connection.endEvent();
      this.fail(connection);
    }
    connection.offered = buffer;
    return buffer;
  }

  /** So many bytes were read into the offered buffer; 0: there was nothing more. The event ends as Netty's does, or goes on with the next offer. */
  accept(connection: Connection, bytes: number): void {
    const { predictor, offered } = connection;
    if (offered === NONE) return;
    connection.offered = NONE;
    const capacity = predictor.bytes;
    this.readObserver?.(capacity, bytes);
    if (this.profile.learnsWithinEvent && bytes === capacity) predictor.record(bytes);
    if (bytes === 0) this.allocator.release(offered);
    else this.decode(connection, offered, bytes);
    connection.eventBytes += bytes;
    if (++connection.eventReads === this.receive.maxReads || bytes < capacity || connection.state !== BODY) connection.endEvent();
  }

  /** What was offered is not written into any more. */
  withdraw(connection: Connection): void {
    if (connection.offered !== NONE) this.allocator.release(connection.offered);
    connection.offered = NONE;
    connection.endEvent();
  }

  /** Write `source[from … to)` into the receive buffer; positions below 0 are the last bytes of the connection's head. */
  private fill(connection: Connection, buffer: BufferRef, source: Uint8Array, from: number, to: number): void {
    const { allocator } = this;
    const { head } = connection;
    if (from < 0 && head !== null) writeBytes(allocator, buffer, 0, head, head.length + from, head.length + Math.min(0, to));
    if (to > 0) writeBytes(allocator, buffer, Math.max(0, -from), source, Math.max(0, from), to);
  }

  /** The decoder's steps over one receive buffer. What a step produced is handed on before the next one runs, the last after the release. */
  private decode(connection: Connection, buffer: BufferRef, bytes: number): void {
    let at = 0;
    if (connection.state === HEAD) {
      at = Math.min(connection.headBytes, bytes);
      connection.headBytes -= at;
      if (connection.headBytes === 0) {
        connection.state = BODY;
        connection.head = null;
      }
    }
    let offset = 0; // of the slice that waits to be handed on
    let length = 0;
    while (at < bytes && connection.bodyBytes > 0) {
      if (length > 0) {
        this.allocator.retain(buffer);
        this.handOn(connection, buffer, offset, length);
      }
      offset = at;
      length = Math.min(this.sliceBytes, bytes - at, connection.bodyBytes);
      at += length;
      connection.bodyBytes -= length;
    }
    if (length > 0)
      this.handOn(connection, buffer, offset, length); // Netty retains for it and drops its own reference: the same count
    else this.allocator.release(buffer);
    if (connection.bodyBytes === 0 && connection.state === BODY) this.complete(connection, connection.slices > 0);
  }

  private handOn(connection: Connection, buffer: BufferRef, offset: number, length: number): void {
    if (connection.state === IDLE || connection.state === CLOSED) {
      this.allocator.release(buffer); // the request was given up: what still comes of it is read and dropped
      return;
    }
    connection.receivedBytes += length;
    connection.slices++;
    if (!this.aggregate) {
      connection.handler.onSlice!(connection, buffer, offset, length, connection.bodyBytes === 0);
      return;
    }
    const message = (connection.message ??= this.createMessage(connection));
    const before = message.consolidations;
    if (!message.add(connection.loop.cache, buffer, offset, length)) this.fail(connection);
    else if (message.consolidations !== before) this.noteConsolidation(connection, message.bytes);
  }

  private noteConsolidation(connection: Connection, bytes: number): void {
    connection.loop.consolidations++;
    connection.loop.copiedBytes += bytes;
    connection.handler.onConsolidated?.(connection, bytes);
  }

  private fail(connection: Connection): void {
    if (connection.state !== FAILED) connection.loop.failures++;
    connection.state = FAILED;
  }

  /** The body of unknown length (chunked) has ended. */
  end(connection: Connection): void {
    if (connection.state !== BODY || connection.bodyBytes !== Infinity)
      throw new Error(
        `connection ${connection.id}: the body ended in state ${connection.state} with ${connection.bodyBytes} bytes to come`,
      );
    connection.bodyBytes = 0;
    this.complete(connection, false);
  }

  /** `lastHandedOn`: the slice that ended the body knew that it was the last; otherwise an empty one says so. */
  private complete(connection: Connection, lastHandedOn: boolean): void {
    connection.state = IDLE;
    connection.loop.messages++;
    if (!this.aggregate) {
      if (!lastHandedOn) connection.handler.onSlice!(connection, NONE, 0, 0, true);
      return;
    }
    const message = connection.message ?? this.createMessage(connection);
    connection.message = null;
    message.slices = connection.slices;
    connection.handler.onMessage(connection, message);
  }

  /** The handler answers: a response buffer is taken, the request released, then the response. False: no memory for the response. */
  answer(message: Message, response: Uint8Array | null = null): boolean {
    const buffer = takeResponse(this.allocator, this.profile, holderOf(message), response);
    this.drop(message);
    if (buffer !== NONE) this.allocator.release(buffer);
    return buffer !== NONE;
  }

  /** Answer a request that is not aggregated, or failed: what was aggregated is released after the response buffer is taken. */
  respond(connection: Connection, response: Uint8Array | null = null): boolean {
    const buffer = takeResponse(this.allocator, this.profile, connection, response);
    this.abandon(connection);
    if (buffer !== NONE) this.allocator.release(buffer);
    return buffer !== NONE;
  }

  /** Answer a request whose slices are all read; the connection may be receiving its next one already. */
  respondAside(connection: Connection): boolean {
    const buffer = takeResponse(this.allocator, this.profile, connection, null);
    return buffer !== NONE && this.allocator.release(buffer);
  }

  /** Release a whole message unanswered, components in order. */
  drop(message: Message): void {
    holderOf(message);
    message.release();
    message.connection = null;
    this.spareMessages.push(message);
  }

  /** Give up the request that is being received; what was aggregated is released. The connection can begin another. */
  abandon(connection: Connection): void {
    if (connection.message !== null) this.drop(connection.message);
    connection.message = connection.head = null;
    if (connection.state !== CLOSED) connection.state = IDLE;
  }

  /** The connection is gone. What was aggregated is released; messages with the handler stay its. */
  close(connection: Connection): void {
    if (connection.state === CLOSED) return;
    this.withdraw(connection);
    this.abandon(connection);
    connection.state = CLOSED;
    connection.loop.connections--;
  }

  private createMessage(connection: Connection): Message {
    let message = this.spareMessages.pop();
    if (message === undefined) this.messages.push((message = new Message(this.allocator, this.maxComponents)));
    message.connection = connection;
    message.slices = 0;
    message.hasBytes = connection.hasBytes;
    return message;
  }
}
