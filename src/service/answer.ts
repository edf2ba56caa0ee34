// What goes back for one request, whichever way the request has come: through Node's HTTP, or past it (plain-answer.ts).
import type { ServerResponse } from 'node:http';

export interface Answer {
  /** Its head is written: too late for another. */
  readonly isBegun: boolean;
  /** All of it is written, though it has not ended: a client that leaves now counts as answered. */
  isWhole: boolean;
  /** The answers before it, to earlier requests on the connection, have ended. */
  readonly isItsTurn: boolean;
  readonly status: number; // once begun
  /** The connection ends with this answer. No longer possible once it has begun. */
  closeAfterwards(): void;
  /** The head. `contentBytes` Infinity: it ends when it ends, to a request that did so too. */
  begin(status: number, type: string, contentBytes: number, headers?: Readonly<Record<string, string>>): void;
  /** False: the client is slower than this; wait for `onceDrained`. `taken`: the operating system has these bytes. */
  write(bytes: string | Uint8Array, taken?: () => void): boolean;
  onceDrained(listener: () => void): void;
  /** `taken`: the operating system has all of it. */
  end(taken?: () => void): void;
}

const answers = new WeakMap<ServerResponse, Answer>();

/** The answer that goes back as this response. */
export function answerOf(response: ServerResponse): Answer {
  let answer = answers.get(response);
  if (answer === undefined) answers.set(response, (answer = new ParsedAnswer(response)));
  return answer;
}

/** To a request that Node has parsed. */
class ParsedAnswer implements Answer {
  readonly #response: ServerResponse;
  isWhole = false;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  get isItsTurn(): boolean {
    return this.#response.socket !== null;
  }

  get isBegun(): boolean {
    return this.#response.headersSent;
  }

  get status(): number {
    return this.#response.statusCode;
  }

  closeAfterwards(): void {
    if (!this.isBegun) this.#response.setHeader('Connection', 'close');
  }

  begin(status: number, type: string, contentBytes: number, headers: Readonly<Record<string, string>> = {}): void {
    const length = contentBytes === Infinity ? {} : { 'Content-Length': contentBytes };
    this.#response.writeHead(status, { 'Content-Type': type, ...length, ...headers });
  }

  write(bytes: string | Uint8Array, taken?: () => void): boolean {
    return this.#response.write(bytes, taken);
  }

  onceDrained(listener: () => void): void {
    this.#response.once('drain', listener);
  }

  end(taken?: () => void): void {
    this.#response.end(taken);
  }
}
