// A socket between the operating system and Node's parser. Heads, and all that is out of the ordinary, go to the parser; the body of a
// plain PUT or POST goes past it, read straight into receive buffers of the pool. The parser is told that this request has no body.
//
//   socket ──▶ room ──┬─ plain head ──▶ Node's parser ──▶ Express ──▶ exchange
//                     ├─ its body ─────────────────────────────────────▶ (reader)
//                     └─ anything else ──▶ Node's parser, body included; so does all that follows on this connection
//
// Keeps true: memory that the operating system may write into is a receive buffer nobody has released, or SCRATCH.
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type BodyReader, comesPastParser, type IncomingBody } from './incoming-body.ts';
import { type PlainHead, plainHead } from './plain-head.ts';
import { readInto, type Reader, redirect, startReading, stopReading } from './socket-reading.ts';

const SCRATCH = Buffer.alloc(65_536); // where reads go that have no receive buffer: used up before the next read, so all sockets share it

export interface WireOwner {
  /** Whether a body of that size may come in past the parser. */
  maySkipParser(bodyBytes: number): boolean;
  /** The client has ended within a body. */
  onCutShort(): void;
}

export class Wire implements Reader {
  readonly #owner: WireOwner;
  readonly socket: Socket;
  #body: DirectBody | null = null; // that the next bytes belong to
  #unclaimed: DirectBody | null = null; // the parser is about to tell of its request
  #isParsed = false; // the parser is given all that comes
  #isOwnRoom = false; // the room given last is a receive buffer
  #roomBytes = SCRATCH.length; // its length
  #isMoreLikely = false; // the last read filled its room, as Netty's read loop wants it to go on
  #isStopped = false;

  private constructor(socket: Socket, owner: WireOwner) {
    this.socket = socket;
    this.#owner = owner;
  }

  /** A wire for a connection that the server has just taken up; null where this Node cannot read as we need it. */
  static open(socket: Socket, owner: WireOwner): Wire | null {
    const wire = new Wire(socket, owner);
    if (!readInto(socket, wire, SCRATCH)) return null;
    socket.prependOnceListener('end', () => wire.#body !== null && owner.onCutShort()); // before Node answers the end
    socket.once('close', () => wire.#body?.neverWhole());
    return wire;
  }

  /** The parser has a request: is it the one whose body goes past it? */
  claim(request: IncomingMessage): void {
    const body = this.#unclaimed;
    if (body === null) return;
    this.#unclaimed = null;
    request.headers['content-length'] = String(body.announcedBytes); // as it came
    comesPastParser(request, body);
  }

  room(): Uint8Array {
    const mayFill = this.#isMoreLikely && !this.#isStopped && !this.socket.destroyed;
    const own = mayFill ? (this.#body?.room() ?? null) : null;
    this.#isOwnRoom = own !== null;
    this.#roomBytes = own?.length ?? SCRATCH.length;
    return own ?? SCRATCH;
  }

  filled(bytes: number): boolean {
    this.#isMoreLikely = bytes === this.#roomBytes;
    if (this.#isOwnRoom) this.#toBody(bytes, null);
    else this.#arrived(SCRATCH.subarray(0, bytes));
    return !this.#isStopped;
  }

  nothing(): void {
    this.#isMoreLikely = false;
    if (this.#isOwnRoom) this.#body?.filled(0);
    this.#isOwnRoom = false;
  }

  #arrived(bytes: Buffer): void {
    for (let at = 0; at < bytes.length;) {
      const rest = bytes.subarray(at);
      at += this.#body === null ? this.#toParser(rest) : this.#toBody(Math.min(this.#body.leftBytes, rest.length), rest);
    }
  }

  /** Bytes of the body, in `from` or in the room it gave. */
  #toBody(bytes: number, from: Buffer | null): number {
    const body = this.#body!;
    this.#isOwnRoom = false;
    if (body.leftBytes === bytes) this.#body = null; // what comes after belongs to the next request
    if (from === null) body.filled(bytes);
    else body.take(from.subarray(0, bytes));
    return bytes;
  }

  /** Give the parser all that comes before a body that goes past it. Returns how many bytes were used up. */
  #toParser(bytes: Buffer): number {
    let at = 0;
    while (at < bytes.length && !this.#isParsed) {
      const head = plainHead(bytes.subarray(at));
      const end = head === null ? Infinity : at + head.bytes + head.bodyBytes;
      if (end <= bytes.length)
        at = end; // small and whole
      else if (head === null || !this.#owner.maySkipParser(head.bodyBytes)) this.#isParsed = true;
      else if (at > 0) break;
      else if (this.#mayFollow()) return this.#skip(head, bytes);
      else this.#isParsed = true;
    }
    const given = this.#isParsed ? bytes.length : at;
    this.#push(bytes.subarray(0, given));
    return given;
  }

  /** The parser keeps what it is given, so it is a copy. */
  #push(bytes: Buffer): void {
    if (!this.socket.push(Buffer.from(bytes))) this.stop();
  }

  /** Node's parser has taken in all before, and takes the next bytes at once. */
  #mayFollow(): boolean {
    return this.socket.readableFlowing === true && this.socket.readableLength === 0;
  }

  #skip(head: PlainHead, bytes: Buffer): number {
    const text = Buffer.from(bytes.subarray(0, head.bytes));
    const told = Buffer.from(text);
    told.fill(' ', ...head.digits)[head.digits[0]] = 0x30; // Content-Length: 0
    this.#body = this.#unclaimed = new DirectBody(this, text, head.bodyBytes);
    this.#push(told);
    return head.bytes;
  }

  stop(): void {
    this.#isStopped = true;
    stopReading(this.socket);
  }

  go(): void {
    if (!this.#isStopped) return;
    this.#isStopped = false;
    startReading(this.socket);
  }

  /** The room given last is not to be written into. */
  revoke(): void {
    if (this.#isOwnRoom) redirect(this.socket, SCRATCH);
    this.#isOwnRoom = false;
    this.#roomBytes = SCRATCH.length;
  }
}

class DirectBody implements IncomingBody {
  readonly #wire: Wire;
  readonly #head: Buffer;
  readonly announcedBytes: number;
  leftBytes: number; // not arrived
  #early: Buffer[] = []; // arrived before anybody took it in
  #reader: BodyReader | null = null;
  #isPaused = false;
  #isDiscarded = false;
  #isOver = false;
  readonly #listeners: (() => void)[] = [];

  constructor(wire: Wire, head: Buffer, bytes: number) {
    this.#wire = wire;
    this.#head = head;
    this.announcedBytes = this.leftBytes = bytes;
  }

  get isWhole(): boolean {
    return this.leftBytes === 0;
  }

  head(): Uint8Array {
    return this.#head;
  }

  start(reader: BodyReader): void {
    this.#reader = reader;
    for (const bytes of this.#early.splice(0)) reader.take(bytes);
    if (this.leftBytes === 0) this.#end();
    if (!this.#isPaused) this.#wire.go();
  }

  pause(): void {
    if (this.leftBytes === 0) return; // what comes now belongs to the next request, whose own pace counts
    this.#isPaused = true;
    this.#wire.stop();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#wire.go();
  }

  discard(): void {
    if (this.#isDiscarded) return;
    this.#isDiscarded = true;
    this.#isPaused = false;
    this.#early = [];
    this.#wire.revoke();
    this.#reader?.filled(0);
    this.#wire.go();
  }

  onceOver(listener: () => void): void {
    if (this.#isOver) listener();
    else this.#listeners.push(listener);
  }

  // From the wire.

  room(): Uint8Array | null {
    return this.#isDiscarded ? null : (this.#reader?.room(this.leftBytes) ?? null);
  }

  filled(bytes: number): void {
    this.leftBytes -= bytes;
    this.#reader!.filled(bytes);
    if (this.leftBytes === 0) this.#end();
  }

  take(bytes: Buffer): void {
    this.leftBytes -= bytes.length;
    if (this.#reader !== null) this.#reader.take(bytes);
    else if (!this.#isDiscarded) {
      this.#early.push(Buffer.from(bytes));
      if (this.leftBytes > 0) this.#wire.stop(); // until it is taken in: the request before it is still being received
      return;
    }
    if (this.leftBytes === 0) this.#end();
  }

  /** The socket is closed. */
  neverWhole(): void {
    this.#over();
  }

  #end(): void {
    this.resume();
    this.#reader?.ended();
    this.#over();
  }

  #over(): void {
    this.#isOver = true;
    for (const listener of this.#listeners.splice(0)) listener();
  }
}
