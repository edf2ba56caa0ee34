// The answer to a request that came past Node's parser, written to its socket as HTTP/1.1. Answers on one connection go out in the order
// of their requests: what is written before its turn is kept.
//
//   WAITING (pieces kept) ──its turn──▶ straight to the socket ──ended──▶ its owner knows, once
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Answer } from './answer.ts';
import { SECURITY_HEADERS } from './security.ts';

/** The connection that answers go back by. */
interface AnswerOwner {
  readonly socket: Socket;
  readonly keepAliveSeconds: number; // that an idle connection stays open, as the client is told
  /** It had its turn, and has ended now. */
  answered(answer: PlainAnswer): void;
}

interface Piece {
  readonly bytes: string | Uint8Array;
  readonly taken: (() => void) | undefined;
}

const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';
const SECURITY = SECURITY_HEADERS.map(([name, value]) => `${name}: ${value}\r\n`).join('');

export class PlainAnswer implements Answer {
  readonly #owner: AnswerOwner;
  isLast: boolean; // its connection ends with it
  isWhole = false;
  status = 0;
  #head = ''; // not written yet
  #isItsTurn = false;
  #isTakingTurn = false; // `takeTurn` says whether it has ended
  #isEnded = false;
  readonly #kept: Piece[] = [];
  readonly #onceDrained: (() => void)[] = [];

  constructor(owner: AnswerOwner, isLast: boolean) {
    this.#owner = owner;
    this.isLast = isLast;
  }

  get isItsTurn(): boolean {
    return this.#isItsTurn;
  }

  get isBegun(): boolean {
    return this.status !== 0;
  }

  closeAfterwards(): void {
    if (!this.isBegun) this.isLast = true;
  }

  /** The client waits for this before it sends the body. */
  continue(): void {
    this.#put(CONTINUE, undefined);
  }

  begin(status: number, type: string, contentBytes: number, headers: Readonly<Record<string, string>> = {}): void {
    this.status = status;
    let own = '';
    for (const name in headers) own += `${name}: ${headers[name]!}\r\n`;
    const stays = this.isLast ? 'close' : `keep-alive\r\nKeep-Alive: timeout=${Math.floor(this.#owner.keepAliveSeconds)}`;
    const content = `Content-Type: ${type}\r\nContent-Length: ${contentBytes}`; // known, as that of the request was
    this.#head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${commonFields()}Connection: ${stays}\r\n${own}${content}\r\n\r\n`;
  }

  write(bytes: string | Uint8Array, taken?: () => void): boolean {
    const head = this.#head;
    this.#head = '';
    if (typeof bytes === 'string') return this.#put(head + bytes, taken);
    if (head !== '') this.#put(head, undefined);
    return this.#put(bytes, taken);
  }

  onceDrained(listener: () => void): void {
    this.#onceDrained.push(listener);
  }

  end(taken?: () => void): void {
    if (this.#head !== '' || taken !== undefined) this.write('', taken);
    this.#isEnded = true;
    if (this.#isItsTurn && !this.#isTakingTurn) this.#owner.answered(this);
  }

  // From its connection.

  /** All answers before it are over. True: so is this one, and its owner is not told of that again. */
  takeTurn(): boolean {
    this.#isItsTurn = this.#isTakingTurn = true;
    const { socket } = this.#owner;
    for (const { bytes, taken } of this.#kept) this.#put(bytes, taken);
    this.#kept.length = 0;
    if (!this.#isEnded && !socket.writableNeedDrain) this.drained();
    this.#isTakingTurn = false;
    return this.#isEnded;
  }

  /** The socket takes more. */
  drained(): void {
    if (this.#onceDrained.length > 0) for (const listener of this.#onceDrained.splice(0)) listener();
  }

  #put(bytes: string | Uint8Array, taken: (() => void) | undefined): boolean {
    const { socket } = this.#owner;
    if (!this.#isItsTurn) {
      this.#kept.push({ bytes, taken });
      return false;
    }
    if (!socket.writable) return false; // it closes, which ends the request
    return socket.write(bytes, taken && ((error) => void (error || taken())));
  }
}

let common = '';
let commonSecond = NaN;

/** What every answer of this second says. */
function commonFields(): string {
  const now = Date.now();
  const second = Math.floor(now / 1000);
  if (second !== commonSecond) [common, commonSecond] = [`${SECURITY}Date: ${new Date(now).toUTCString()}\r\n`, second];
  return common;
}
