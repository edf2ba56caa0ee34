// A socket between the operating system and the service. A plain request that brings a body is read here, its body straight into receive
// buffers of the pool, and answered here. With the first thing that is out of the ordinary, Node's HTTP server gets the connection for good.
//
//   socket ──▶ room ──┬─ plain head ──▶ a request of its own, its answers in order (plain-answer.ts)
//                     ├─ its body ────▶ (reader)
//                     └─ anything else, once those are answered ──▶ Node's parser ──▶ Express; so does all that follows
//
// Keeps true: memory that the operating system may write into is a receive buffer nobody has released, or SCRATCH.
import type { Socket } from 'node:net';
import { answerUntaken, cutShort, headOverdue } from './client-faults.ts';
import type { BusyPoll } from './busy-poll.ts';
import type { Clock } from './clock.ts';
import { Deadline } from './deadline.ts';
import { DirectBody } from './direct-body.ts';
import { PlainAnswer } from './plain-answer.ts';
import { type PlainHead, plainHead } from './plain-head.ts';
import { readInto, type Reader, redirect, startReading, stopReading } from './socket-reading.ts';

const SCRATCH = Buffer.alloc(65_536); // where reads go that have no receive buffer: used up before the next read, so all sockets share it

const GRACE_SECONDS = 1; // beyond what the client is told: its next request may be on the way

export interface WireOwner {
  readonly clock: Clock;
  readonly busyPoll: BusyPoll;
  readonly headersSeconds: number; // until a new connection's first head
  readonly keepAliveSeconds: number; // between an answer and the next head
  readonly idleSeconds: number; // that a client may take nothing of an answer
  /** Whether a body of that size may come in past Node's parser. */
  mayTake(bodyBytes: number): boolean;
  request(wire: Wire, head: PlainHead, body: DirectBody, answer: PlainAnswer): void;
  /** The answer is with the operating system. */
  answered(wire: Wire, answer: PlainAnswer): void;
  /** The client has broken off, or kept us waiting. */
  fault(error: Error, socket: Socket): void;
  /** Give Node's HTTP server the connection. */
  toParser(socket: Socket): void;
}

export class Wire implements Reader {
  readonly #owner: WireOwner;
  readonly socket: Socket;
  #body: DirectBody | null = null; // that the next bytes belong to
  #lastHead: PlainHead | null = null;
  readonly #unanswered: PlainAnswer[] = []; // in order
  #rest: Buffer | null = null; // what came next, while it has to wait
  #isLast = false; // no request follows
  #isParsed = false; // Node's HTTP server has the connection
  #room: Uint8Array = SCRATCH; // given last: it, or a receive buffer
  #isMoreLikely = false; // the last read filled its room, as Netty's read loop wants it to go on
  #isStopped = false;
  readonly #deadline: Deadline; // of the next head, or of taking more of the answers
  readonly #onIdle = () => this.#closeIdle();
  #takenBytes = NaN; // of its answers, by the system, when that was last looked at

  private constructor(socket: Socket, owner: WireOwner) {
    this.socket = socket;
    this.#owner = owner;
    this.#deadline = new Deadline(owner.clock);
  }

  /** A wire for a connection that the server has just taken up. Where this Node cannot read as we need it, its HTTP server gets it at once. */
  static open(socket: Socket, owner: WireOwner): void {
    const wire = new Wire(socket, owner);
    if (!readInto(socket, wire, SCRATCH)) return owner.toParser(socket);
    wire.#deadline.set(owner.headersSeconds, () => owner.fault(headOverdue(), socket));
    socket.on('end', () => wire.#onEnd());
    socket.on('error', (error) => !wire.#isParsed && owner.fault(error, socket));
    socket.on('drain', () => wire.#onDrain());
    socket.once('close', () => wire.#onClose());
  }

  get keepAliveSeconds(): number {
    return this.#owner.keepAliveSeconds;
  }

  room(): Uint8Array {
    const mayFill = this.#isMoreLikely && !this.#isStopped && !this.socket.destroyed;
    return (this.#room = (mayFill ? this.#body?.room() : null) ?? SCRATCH);
  }

  filled(bytes: number): boolean {
    const room = this.#room;
    this.#isMoreLikely = bytes === room.length;
    if (this.#isParsed) return this.#push(SCRATCH.subarray(0, bytes));
    if (room === SCRATCH) this.#arrived(SCRATCH.subarray(0, bytes));
    else this.#filled(room, bytes);
    if (this.#isStopped) return false;
    if (this.#body !== null && !this.#isMoreLikely) this.#owner.busyPoll.start(); // the rest is on its way
    return true;
  }

  nothing(): void {
    this.#isMoreLikely = false;
    if (this.#room !== SCRATCH) this.#body?.filled(0);
    this.#room = SCRATCH;
  }

  /** A receive buffer. What follows the body in it is taken out first: with the body's end the buffer may go. */
  #filled(room: Uint8Array, bytes: number): void {
    const body = this.#body!;
    const own = Math.min(bytes, body.leftBytes);
    const next = bytes === own ? null : Buffer.from(room.subarray(own, bytes));
    this.#room = SCRATCH;
    if (body.leftBytes === own) this.#body = null; // what comes after belongs to the next request
    body.filled(own);
    if (next !== null) this.#arrived(next);
  }

  #arrived(bytes: Buffer): void {
    for (let at = 0; at < bytes.length && !this.socket.destroyed;) {
      const rest = bytes.subarray(at);
      at += this.#body === null ? this.#toHead(rest) : this.#toBody(this.#body, rest);
    }
  }

  #toBody(body: DirectBody, bytes: Buffer): number {
    const own = Math.min(bytes.length, body.leftBytes);
    if (body.leftBytes === own) this.#body = null;
    body.take(bytes.subarray(0, own));
    return own;
  }

  /** What comes between bodies. Returns how many bytes were used up. */
  #toHead(bytes: Buffer): number {
    if (this.#isLast || !this.socket.writable) return bytes.length; // unasked for, or too late
    if (this.socket.writableNeedDrain) {
      if (this.#unanswered.length === 0) this.#awaitClient();
      return this.#keep(bytes); // a client that asks on without reading
    }
    this.#deadline.clear();
    const head = this.#recognise(bytes);
    if (head !== null && this.#owner.mayTake(head.bodyBytes)) return this.#begin(head);
    if (this.#unanswered.length > 0) return this.#keep(bytes);
    this.#isParsed = true;
    this.#owner.toParser(this.socket);
    this.socket.on('data', () => undefined); // makes the parser let go of the handle, and take what the socket is given instead
    if (!this.#push(bytes)) stopReading(this.socket); // its stream starts it again
    return bytes.length;
  }

  /** A client's heads are mostly alike: one that is the same as the last needs no second look. */
  #recognise(bytes: Buffer): PlainHead | null {
    const last = this.#lastHead;
    if (last !== null && bytes.compare(last.text, 0, last.bytes, 0, Math.min(last.bytes, bytes.length)) === 0) return last;
    return (this.#lastHead = plainHead(bytes));
  }

  #begin(head: PlainHead): number {
    const body = new DirectBody(this, head);
    const answer = new PlainAnswer(this, head.isLast);
    this.#isLast = head.isLast;
    if (body.leftBytes > 0) this.#body = body;
    if (this.#unanswered.push(answer) === 1) answer.takeTurn();
    if (head.expectsContinue && body.leftBytes > 0) answer.continue();
    this.#owner.request(this, head, body, answer);
    return head.bytes;
  }

  /** Read no more until there is a turn for it. */
  #keep(bytes: Buffer): number {
    this.#rest = Buffer.from(bytes);
    this.stop();
    return bytes.length;
  }

  /** The parser keeps what it is given, so it is a copy. */
  #push(bytes: Buffer): boolean {
    return this.socket.push(Buffer.from(bytes));
  }

  // Answers.

  answered(answer: PlainAnswer): void {
    for (let over: PlainAnswer | null = answer; over !== null;) {
      this.#unanswered.shift();
      this.#tell(over);
      if (over.isLast) {
        this.#isLast = true;
        return this.#end();
      }
      const next: PlainAnswer | undefined = this.#unanswered[0];
      over = next?.takeTurn() === true ? next : null;
    }
    if (this.#unanswered.length > 0) return;
    if (this.#rest !== null && this.socket.writable) this.#goOn();
    else this.#idle();
  }

  #tell(answer: PlainAnswer): void {
    if (!this.socket.writable) return; // it was not written
    if (this.socket.writableLength === 0) this.#owner.answered(this, answer);
    else this.socket.write('', (error) => error ?? this.#owner.answered(this, answer));
  }

  /** Nothing is under way. */
  #idle(): void {
    this.#owner.busyPoll.start();
    this.#awaitClient();
  }

  /** With what is written. */
  #end(): void {
    this.#awaitClient();
    this.socket.destroySoon();
  }

  /** To ask again, or to take what it has asked for. */
  #awaitClient(): void {
    this.#deadline.set(this.#owner.keepAliveSeconds + GRACE_SECONDS, this.#onIdle);
  }

  /** Unless the client still takes answers. */
  #closeIdle(): void {
    const { bytesWritten, writableLength } = this.socket;
    const takenBytes = bytesWritten - writableLength;
    if (writableLength === 0) this.socket.destroy();
    else if (takenBytes === this.#takenBytes) this.#owner.fault(answerUntaken(), this.socket);
    else this.#deadline.set(this.#owner.idleSeconds, this.#onIdle);
    this.#takenBytes = takenBytes;
  }

  #onDrain(): void {
    this.#unanswered[0]?.drained();
    if (this.#rest !== null && this.socket.writable) this.#goOn();
  }

  /** With what had to wait; it may have to wait again. */
  #goOn(): void {
    const rest = this.#rest!;
    this.#rest = null;
    this.#isStopped = false;
    this.#arrived(rest);
    if (!this.#isStopped) startReading(this.socket); // else it waits again, or back-pressure holds the body that has begun
  }

  // The connection's end.

  #onEnd(): void {
    if (this.#isParsed) return;
    if (this.#body === null) this.socket.end();
    else this.#owner.fault(cutShort(), this.socket);
  }

  #onClose(): void {
    this.#rest = null;
    this.#body?.neverWhole(); // which may end an answer
    this.#deadline.stop();
  }

  // From the body.

  stop(): void {
    this.#isStopped = true;
    stopReading(this.socket);
  }

  go(): void {
    if (!this.#isStopped) return;
    this.#isStopped = false;
    startReading(this.socket);
  }

  /** The room given last is not to be written into. Not within a read: the next room is this one's then. */
  revoke(): void {
    if (this.#room !== SCRATCH) redirect(this.socket, SCRATCH);
    this.#room = SCRATCH;
  }
}
