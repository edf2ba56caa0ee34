// One request whose body goes through the pipeline, from its head to the end of its answer.
//
//   WAITING ──start──▶ RECEIVING ──▶ HELD (by the peer, or the consumer of slices) ──▶ SENDING ──▶ ENDED
//       └──────────────────┴────────────────────┴─────────────────────────────────────────┴─────▶ ENDED
//
// Keeps true: when it has ended, all its buffers are released (a message that the peer works on: when the peer answers);
// its outcome is counted and told exactly once.
import type { BufferRef } from '../allocator/index.ts';
import type { Message } from '../pipeline/index.ts';
import type { Answer } from './answer.ts';
import type { Lane } from './lane.ts';
import type { Outcome, Receipt } from './outcome.ts';
import { type ProblemCode, problem } from './problems.ts';
import type { IncomingBody } from './incoming-body.ts';
import { Intake } from './intake.ts';
import { digestOf, responseHead, sendJson, sendMessage, sendProblem } from './sending.ts';
import { SliceSink, type Wanted } from './slice-sink.ts';
import type { Traffic } from './traffic.ts';
import { Watch } from './watch.ts';

const [WAITING, RECEIVING, HELD, SENDING, ENDED] = [0, 1, 2, 3, 4] as const;
type State = typeof WAITING | typeof RECEIVING | typeof HELD | typeof SENDING | typeof ENDED;

const RETRY_AFTER_SECONDS = '1';

/** A request whose body is for the pipeline, whichever way it has come. */
export interface Incoming {
  readonly method: string;
  readonly url: string;
  readonly wanted: Wanted;
  readonly body: IncomingBody;
  readonly answer: Answer;
  readonly awaitsLeave: boolean; // to send the body (100 Continue)
}

export class Exchange {
  readonly method: string;
  readonly url: string;
  readonly startedSeconds: number; // in the clock's time
  readonly #traffic: Traffic;
  readonly #lane: Lane;
  readonly #wanted: Wanted;
  readonly #body: IncomingBody;
  readonly #answer: Answer;
  readonly #awaitsLeave: boolean;
  readonly #intake: Intake;
  #state: State = WAITING;
  #sink: SliceSink | null = null; // without the aggregator
  #message: Message | null = null; // being sent
  #isPaused = false; // by back-pressure
  #isDraining = false; // an echo waits for its client to read
  readonly #watch: Watch;

  constructor(traffic: Traffic, lane: Lane, incoming: Incoming) {
    this.#traffic = traffic;
    this.#lane = lane;
    this.method = incoming.method;
    this.url = incoming.url;
    this.#wanted = incoming.wanted;
    this.#body = incoming.body;
    this.#answer = incoming.answer;
    this.#awaitsLeave = incoming.awaitsLeave;
    this.#intake = new Intake(traffic, lane, this);
    this.startedSeconds = traffic.clock.nowSeconds();
    this.#watch = new Watch(
      traffic.watches,
      lane.socket,
      () => this.#waitsForTurn,
      () => this.#giveUp(),
    );
  }

  get name(): string {
    return `${this.method} ${this.url}`;
  }

  get isReceiving(): boolean {
    return this.#state === RECEIVING;
  }

  /** Its answer, or the leave that its client waits for, goes out after the answers before it. */
  get #waitsForTurn(): boolean {
    return !this.#answer.isItsTurn && (this.#state === SENDING || (this.#awaitsLeave && this.#intake.receivedBytes === 0));
  }

  /** The lane is free: read. */
  start(): void {
    const { runtime, settings, clock } = this.#traffic;
    const { announcedBytes } = this.#body;
    if (announcedBytes > settings.bodyLimitBytes && announcedBytes !== Infinity) {
      this.#body.onceOver(() => this.#lane.leave(this));
      this.tooLarge(announcedBytes);
      return;
    }
    this.#state = RECEIVING;
    const head = this.#body.head();
    runtime.pipeline.begin(this.#lane.connection, head.length, announcedBytes, head);
    if (!runtime.pipeline.aggregate) {
      const { allocator } = runtime;
      this.#sink = new SliceSink(allocator, clock, settings.peerBytesPerSecond, this.#wanted, this.#answer, () => this.#onDrained());
    }
    this.#watch.start({ idleSeconds: settings.idleTimeoutSeconds, wholeSeconds: settings.requestTimeoutSeconds, isAnswer: false });
    this.#traffic.began(this); // what has come already may end it
    this.#body.start(this.#intake);
    this.#body.onceOver(() => this.#lane.leave(this)); // after the intake was told
  }

  /** From the pipeline: the whole message. The peer has it now. */
  onMessage(message: Message): void {
    this.#received(message.bytes);
    this.#traffic.toPeer(message, this);
  }

  /** The peer has answered. */
  onAnswered(message: Message): void {
    const { pipeline } = this.#traffic.runtime;
    if (this.#state === ENDED) return pipeline.drop(message); // its client is gone
    this.#state = SENDING;
    this.#message = message;
    if (this.#wanted === 'count') this.#sendReceipt(message);
    else if (this.#wanted === 'digest') void this.#sendDigest(message);
    else {
      this.#watchAnswer();
      sendMessage(
        this.#answer,
        message,
        () => this.#message !== null,
        () => this.#sent(),
      );
    }
  }

  #sendReceipt(message: Message, digest?: string): void {
    const { slices, count: components, bytes, consolidations, copiedBytes } = message;
    sendJson(this.#answer, {
      bytes,
      components,
      slices,
      consolidations,
      copiedBytes,
      ...this.place(),
      ...(digest && { digest }),
    } satisfies Receipt);
    this.#sent();
  }

  async #sendDigest(message: Message): Promise<void> {
    const digest = await digestOf(message, () => this.#message !== null);
    if (digest !== undefined && this.#message !== null) this.#sendReceipt(message, digest);
  }

  place(): { eventLoop: number; arena: number } {
    const { index, arena } = this.#lane.connection.loop;
    return { eventLoop: index, arena };
  }

  /** The answer is written, an echo with the operating system: the message goes, after its response buffer is taken. */
  #sent(): void {
    const message = this.#message;
    this.#message = null;
    if (message !== null) this.#traffic.runtime.pipeline.answer(message, responseHead('200 OK', message.bytes));
    this.end('answered');
  }

  // Slices, without the aggregator.

  onSlice(ref: BufferRef, offset: number, length: number): void {
    if (this.#wanted === 'echo' && !this.#answer.isBegun) this.#startEcho();
    if (this.#sink!.take(ref, offset, length) || this.#isDraining) return;
    this.#isDraining = true;
    this.#body.pause();
    this.#answer.onceDrained(() => {
      this.#isDraining = false;
      if (!this.#isPaused) this.#body.resume();
    });
  }

  #startEcho(): void {
    this.#answer.begin(200, 'application/octet-stream', this.#body.announcedBytes);
  }

  slicesEnded(): void {
    this.#received(this.#sink!.bytes);
    if (this.#wanted === 'echo') {
      if (!this.#answer.isBegun) this.#startEcho();
      this.#state = SENDING;
      this.#watchAnswer();
    }
    this.#sink!.finish();
  }

  /** Every slice is read and released. */
  #onDrained(): void {
    if (this.#state === ENDED) return;
    this.#traffic.runtime.pipeline.respondAside(this.#lane.connection);
    if (this.#wanted === 'echo') {
      this.#answer.end(() => this.end('answered'));
      return;
    }
    const digest = this.#sink!.digest();
    const parts = { components: 0, slices: this.#sink!.slices, consolidations: 0, copiedBytes: 0 };
    sendJson(this.#answer, { bytes: this.#sink!.bytes, ...parts, ...this.place(), ...(digest && { digest }) } satisfies Receipt);
    this.end('answered');
  }

  // Ends.

  exhausted(): void {
    const { cause, askedBytes, reservedBytes, limitBytes } = this.#traffic.runtime.allocator.lastExhaustion;
    const detail = `direct memory (${cause}): ${askedBytes} bytes asked, ${reservedBytes} reserved (expected: at most ${limitBytes} in all)`;
    this.#refuse('DIRECT_MEMORY_EXHAUSTED', 'exhausted', detail, { cause, askedBytes, reservedBytes, limitBytes });
  }

  tooLarge(bytes: number): void {
    const limitBytes = this.#traffic.settings.bodyLimitBytes;
    this.#refuse('BODY_TOO_LARGE', 'too_large', `body: ${bytes} bytes or more (expected: at most ${limitBytes})`, { limitBytes });
  }

  /** Answer with a problem, everything released; body that still comes is read and thrown away. */
  #refuse(code: ProblemCode, outcome: Outcome, detail: string, extensions: Readonly<Record<string, string | number>> = {}): void {
    if (this.#answer.isBegun) return this.#lane.destroy(outcome, detail); // an echo under way: too late for another answer
    const wasReceiving = this.#state === RECEIVING;
    this.end(outcome, detail);
    if (wasReceiving) this.#traffic.runtime.pipeline.respond(this.#lane.connection);
    this.#sink?.abort();
    this.#traffic.update();
    const headers: Record<string, string> = code === 'DIRECT_MEMORY_EXHAUSTED' ? { 'Retry-After': RETRY_AFTER_SECONDS } : {};
    sendProblem(this.#answer, this.#body, problem(code, detail, extensions), this.#traffic.clock, headers);
  }

  /** The socket is closed: nothing reads our memory any more. */
  onClosed(outcome: Outcome, detail: string): void {
    if (this.#message !== null) this.#traffic.runtime.pipeline.drop(this.#message);
    this.#message = null;
    this.#sink?.abort();
    this.end(outcome, detail);
  }

  /** Once: counted, told, no longer waited for. */
  end(outcome: Outcome, detail = ''): void {
    if (this.#state === ENDED) return;
    this.#state = ENDED;
    this.#watch.stop();
    this.#traffic.ended(this, outcome, this.#intake.receivedBytes, detail);
    this.#lane.ended(this);
  }

  #received(bytes: number): void {
    this.#state = HELD;
    this.#watch.stop();
    this.#traffic.received(this, bytes);
  }

  // Pace: back-pressure pauses, a client that moves nothing for too long is given up.

  /** By back-pressure. Time spent paused does not count against the client. */
  setPaused(isPaused: boolean): void {
    if (this.#isPaused === isPaused || this.#state !== RECEIVING) return;
    this.#isPaused = isPaused;
    if (isPaused) {
      this.#body.pause();
      this.#watch.pause();
    } else {
      if (!this.#isDraining) this.#body.resume();
      this.#watch.resume();
    }
  }

  #watchAnswer(): void {
    this.#watch.start({ idleSeconds: this.#traffic.settings.idleTimeoutSeconds, wholeSeconds: Infinity, isAnswer: true });
  }

  #giveUp(): void {
    const { idleTimeoutSeconds, requestTimeoutSeconds } = this.#traffic.settings;
    const detail = `request: ${this.#intake.receivedBytes} bytes of body, then too slow (expected: no silence of ${idleTimeoutSeconds} s, the whole in ${requestTimeoutSeconds} s)`;
    if (this.#state === RECEIVING) this.#refuse('TOO_SLOW', 'timeout', detail);
    else this.#lane.destroy('timeout', `answer: not taken (expected: no silence of ${idleTimeoutSeconds} s)`);
  }
}
