// A body that comes straight from its socket (wire.ts): read into memory that its reader gives, or handed over as it has come.
import type { BodyReader, IncomingBody } from './incoming-body.ts';
import type { PlainHead } from './plain-head.ts';

/** The connection that a body comes by. */
interface BodySource {
  stop(): void;
  go(): void;
  /** The room given last is not to be written into. */
  revoke(): void;
}

export class DirectBody implements IncomingBody {
  readonly #source: BodySource;
  readonly #head: Uint8Array;
  readonly announcedBytes: number;
  leftBytes: number; // not arrived
  #reader: BodyReader | null = null;
  #isPaused = false;
  #isDiscarded = false;
  #isOver = false;
  readonly #onceOver: (() => void)[] = [];

  constructor(source: BodySource, { text, bodyBytes }: PlainHead) {
    this.#source = source;
    this.#head = text;
    this.announcedBytes = this.leftBytes = bodyBytes;
  }

  get isWhole(): boolean {
    return this.leftBytes === 0;
  }

  head(): Uint8Array {
    return this.#head;
  }

  start(reader: BodyReader): void {
    this.#reader = reader;
    if (this.leftBytes === 0) this.#end();
  }

  pause(): void {
    if (this.leftBytes === 0) return; // what comes now belongs to the next request, whose own pace counts
    this.#isPaused = true;
    this.#source.stop();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#source.go();
  }

  discard(): void {
    if (this.#isDiscarded) return;
    this.#isDiscarded = true;
    this.#source.revoke();
    this.#reader?.filled(0);
    this.resume();
  }

  onceOver(listener: () => void): void {
    if (this.#isOver) listener();
    else this.#onceOver.push(listener);
  }

  // From the wire.

  room(): Uint8Array | null {
    return this.#isDiscarded ? null : (this.#reader?.room(this.leftBytes) ?? null);
  }

  /** So many bytes are in the room given last. */
  filled(bytes: number): void {
    this.leftBytes -= bytes;
    this.#reader!.filled(bytes);
    if (this.leftBytes === 0) this.#end();
  }

  take(bytes: Uint8Array): void {
    this.leftBytes -= bytes.length;
    this.#reader?.take(bytes);
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
    for (const listener of this.#onceOver.splice(0)) listener();
  }
}
