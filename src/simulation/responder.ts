// Who takes the messages: the peer, which keeps each until it answers and at times stalls; or, without an aggregator, a reader
// for each connection that takes slice by slice at the peer's rate.
import { type BufferRef, NONE } from '../allocator/index.ts';
import { type Connection, type Handler, type Message, Peer, type Pipeline } from '../pipeline/index.ts';
import { Arrivals, createSampler, type PeerModel, Random, type Sampler, SECOND_MICROS } from '../workload/index.ts';
import { SliceReader } from './slice-reader.ts';
import { ANSWER, CONSUMED, MAX_CHAINED, STALL, type Timeline } from './timeline.ts';

/** A message that began at `begun` (microseconds) was answered. `answered` false: there was no memory for the response. */
export type OnAnswered = (connection: Connection, source: number, bytes: number, begun: number, answered: boolean) => void;

export class Responder implements Handler {
  readonly peer: Peer;
  stalls = 0;
  onStalled: (seconds: number) => void = () => undefined;
  onConsolidated: (connection: Connection, bytes: number) => void = () => undefined;
  source = 0; // of the client that is being read from
  private readonly pipeline: Pipeline;
  private readonly timeline: Timeline;
  private readonly rate: number; // bytes per second
  private readonly latency: Sampler;
  private readonly stallSeconds: Sampler;
  private readonly stallTimes: Arrivals | null;
  private readonly onAnswered: OnAnswered;
  private stalledUntil = 0;
  private nextTag = NONE; // of the message taken last, whose answer is in no queue yet
  private nextMicros = 0; // when that answer is due
  private readonly messages: Message[] = []; // by their tag
  private readonly sources: number[] = []; // by tag; NONE: the peer does not have that message now
  private readonly readers: (SliceReader | undefined)[] = []; // by the connection's tag

  constructor(pipeline: Pipeline, timeline: Timeline, model: PeerModel, seed: number, onAnswered: OnAnswered) {
    this.pipeline = pipeline;
    this.timeline = timeline;
    this.onAnswered = onAnswered;
    this.rate = model.rate;
    const { median, sigma } = model.latency;
    const chance = new Random(seed, 'peer/latency');
    this.latency = () => chance.lognormal(median, sigma);
    const { stalls } = model;
    this.stallSeconds = stalls === undefined ? () => 0 : createSampler(stalls.length, new Random(seed, 'peer/stall-length'));
    const always = new Float64Array(168).fill(1);
    this.stallTimes =
      stalls === undefined || stalls.perDay === 0 ? null : new Arrivals(stalls.perDay, always, new Random(seed, 'peer/stalls'));
    const options = {
      latencySeconds: median,
      sigma,
      bytesPerSecond: model.rate,
      concurrency: model.concurrency,
      sampleLatency: this.latency,
    };
    this.peer = new Peer(
      options,
      (message) => this.answer(message),
      (seconds, message) => this.awaitAnswer(timeline.micros + Math.max(1, Math.ceil(seconds * SECOND_MICROS)), message.tag),
      () => chance.unit(),
    );
  }

  onMessage(connection: Connection, message: Message): void {
    message.begun = connection.begun;
    if (message.tag === NONE) message.tag = this.messages.push(message) - 1;
    this.sources[message.tag] = this.source;
    this.peer.take(message);
  }

  onSlice(connection: Connection, ref: BufferRef, _offset: number, length: number, last: boolean): void {
    const reader = (this.readers[connection.tag] ??= new SliceReader());
    reader.connection = connection;
    reader.source = this.source;
    reader.add(ref, length, last, connection.begun);
    const begins = connection.slices === 1 || length === 0;
    if (reader.count === 1) this.awaitSlice(connection.tag, reader, (begins ? this.latency() : 0) + length / this.rate);
  }

  private awaitAnswer(micros: number, tag: number): void {
    if (this.nextTag !== NONE) this.timeline.at(this.nextMicros, ANSWER, this.nextTag);
    this.nextMicros = micros;
    this.nextTag = tag;
  }

  /** After each event: the answer to the message that was just taken is next, or waits in the queue for its time. */
  settle(): void {
    for (let chained = 0; this.nextTag !== NONE; chained++) {
      const tag = this.nextTag;
      this.nextTag = NONE;
      if (chained === MAX_CHAINED || !this.timeline.skipTo(this.nextMicros)) return this.timeline.at(this.nextMicros, ANSWER, tag);
      this.answerDue(tag);
    }
  }

  /** The peer has finished with a message, unless it stalls: then it has when that is over. */
  answerDue(tag: number): void {
    if (this.timeline.micros < this.stalledUntil) this.timeline.at(this.stalledUntil, ANSWER, tag);
    else this.peer.answered(this.messages[tag]!);
  }

  private answer(message: Message): void {
    const { bytes, begun } = message;
    const connection = message.connection!;
    const source = this.sources[message.tag]!;
    this.sources[message.tag] = NONE;
    this.onAnswered(connection, source, bytes, begun, this.pipeline.answer(message));
  }

  private awaitSlice(number: number, reader: SliceReader, seconds: number): void {
    reader.dueMicros = this.timeline.micros + Math.max(1, Math.ceil(seconds * SECOND_MICROS));
    this.timeline.at(reader.dueMicros, CONSUMED, number);
  }

  /** The reader of a connection has taken its first slice. */
  sliceConsumed(number: number): void {
    const reader = this.readers[number];
    if (reader?.dueMicros !== this.timeline.micros || reader.count === 0) return; // dropped since
    if (this.timeline.micros < this.stalledUntil) {
      reader.dueMicros = this.stalledUntil;
      return this.timeline.at(this.stalledUntil, CONSUMED, number);
    }
    const bytes = reader.takeFirst(this.pipeline.allocator);
    if (reader.count > 0) this.awaitSlice(number, reader, reader.firstLength / this.rate);
    if (bytes < 0) return;
    this.onAnswered(reader.connection!, reader.source, bytes, reader.takenBegun, this.pipeline.respondAside(reader.connection!));
  }

  /** Slices of this client wait to be read. */
  isReading(number: number): boolean {
    return (this.readers[number]?.count ?? 0) > 0;
  }

  /** Forget the slices of a connection that failed; whole requests among them end unanswered. */
  drop(number: number): void {
    const reader = this.readers[number];
    while (reader !== undefined && reader.count > 0) {
      const bytes = reader.takeFirst(this.pipeline.allocator);
      if (bytes >= 0) this.onAnswered(reader.connection!, reader.source, bytes, reader.takenBegun, false);
    }
    this.readers[number] = undefined;
  }

  /** The first stall, and each next one. */
  scheduleStall(): void {
    if (this.stallTimes !== null) this.timeline.at(this.stallTimes.next(this.timeline.micros), STALL, 0);
  }

  /** The peer answers nothing for a while. */
  stall(): void {
    const seconds = this.stallSeconds();
    if (seconds === 0) return;
    this.stalls++;
    this.stalledUntil = Math.max(this.stalledUntil, this.timeline.micros + Math.ceil(seconds * SECOND_MICROS));
    this.onStalled(seconds);
  }

  /** Messages and slices kept now are released unanswered. */
  dropAll(): void {
    for (const reader of this.readers) while (reader !== undefined && reader.count > 0) reader.takeFirst(this.pipeline.allocator);
    for (const message of this.messages) if (this.sources[message.tag] !== NONE) this.pipeline.drop(message);
    this.sources.fill(NONE);
  }
}
