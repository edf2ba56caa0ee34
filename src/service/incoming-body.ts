// A request's body on its way in, whichever way it comes: through Node's parser, or straight from the socket (direct-body.ts).
import type { IncomingMessage } from 'node:http';
import { bodyBytes, headBytes } from './request-head.ts';

/** Who takes a body in. */
export interface BodyReader {
  /** Bytes of the body, in order; valid within the call. */
  take(bytes: Uint8Array): void;
  /** Memory that the socket's next read is written into, of a body with so many bytes to come; null: none, what comes is given to `take`. */
  room(leftBytes: number): Uint8Array | null;
  /** So many bytes are in that memory; 0: nothing came, and it is not written into any more. */
  filled(bytes: number): void;
  /** All of it has come. */
  ended(): void;
}

export interface IncomingBody {
  /** The request's head as it was, or as Node's parser has understood it. */
  head(): Uint8Array;
  readonly announcedBytes: number; // Infinity: it ends when it ends (chunked)
  readonly isWhole: boolean; // nothing of it is still to come
  start(reader: BodyReader): void;
  pause(): void;
  resume(): void;
  /** What still comes is read and thrown away. */
  discard(): void;
  /** Call back when all of it has come, or never will. */
  onceOver(listener: () => void): void;
}

export class ParsedBody implements IncomingBody {
  readonly #request: IncomingMessage;
  readonly announcedBytes: number;

  constructor(request: IncomingMessage) {
    this.#request = request;
    this.announcedBytes = bodyBytes(request);
  }

  get isWhole(): boolean {
    return this.#request.complete || this.announcedBytes === 0;
  }

  head(): Uint8Array {
    return headBytes(this.#request);
  }

  start(reader: BodyReader): void {
    this.#request.on('error', () => undefined); // an abort: the socket's close tells
    this.#request.once('end', () => reader.ended());
    this.#request.on('data', (chunk: Buffer) => reader.take(chunk));
  }

  pause(): void {
    this.#request.pause();
  }

  resume(): void {
    this.#request.resume();
  }

  discard(): void {
    this.#request.resume();
  }

  onceOver(listener: () => void): void {
    let isOver = false;
    const once = () => {
      if (!isOver) listener();
      isOver = true;
    };
    this.#request.once('end', once);
    this.#request.once('close', once);
  }
}
