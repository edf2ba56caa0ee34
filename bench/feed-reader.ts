// A client of the feed that measures and leaves no garbage: a `ws` client makes a buffer of 64 KiB a read, and its collector's pauses
// would be the slowest hundredth of what it measures. Reads frames off the socket in place, and only the head of each.
//
//   | upgrade answer, to the empty line | frame: 2, 4 or 10 bytes, then its text | frame …
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

const HEAD_BYTES = 200; // of a frame's text
const MOST_HEADER_BYTES = 10;
const ACCOUNT =
  /^\{"type":"(?:events|heartbeat)","first":(\d+),"last":(\d+)(?:,"skipped":(\d+),"events":\[\{"sequence":(\d+),"wallMillis":([\d.]+))?/;
const PING = 0x9;
const PONG = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]); // masked with zeros
const END_OF_ANSWER = '\r\n\r\n';

const shared = Buffer.alloc(65_536); // for all: what is read is used before the next read

export interface Account {
  readonly first: number; // sequence numbers that the frame tells of
  readonly last: number;
  readonly skipped: number;
  readonly firstWallMillis: number | null; // of its first event
}

export class FeedReader {
  readonly socket: Socket;
  readonly #onAccount: (account: Account) => void;
  readonly #head = Buffer.alloc(MOST_HEADER_BYTES + HEAD_BYTES);
  #held = 0; // bytes in `head`
  #left = 0; // bytes of the frame that are passed over
  #answer: string | null = ''; // to the upgrade, so far; null: complete
  #onOpen: () => void = () => undefined;

  private constructor(port: number, onAccount: (account: Account) => void) {
    const callback = (read: number): boolean => {
      this.#read(shared.subarray(0, read));
      return true;
    };
    this.#onAccount = onAccount;
    this.socket = connect({ port, host: '127.0.0.1', onread: { buffer: shared, callback } });
  }

  static open({ host, port, pathname }: URL, onAccount: (account: Account) => void): Promise<FeedReader> {
    const reader = new FeedReader(Number(port), onAccount);
    const key = randomBytes(16).toString('base64');
    reader.socket.write(`GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`); // prettier-ignore
    return new Promise((resolve, reject) => {
      reader.#onOpen = () => resolve(reader);
      reader.socket.once('error', reject);
    });
  }

  #read(data: Buffer): void {
    let at = this.#answer === null ? 0 : this.#readAnswer(data, this.#answer);
    while (at < data.length) {
      if (this.#left > 0) {
        const passed = Math.min(this.#left, data.length - at);
        this.#left -= passed;
        at += passed;
      } else at += this.#readHead(data, at);
    }
  }

  /** Returns where the frames begin. */
  #readAnswer(data: Buffer, before: string): number {
    const text = before + data.toString('latin1');
    const end = text.indexOf(END_OF_ANSWER);
    this.#answer = end < 0 ? text : null;
    if (end < 0) return data.length;
    if (!text.startsWith('HTTP/1.1 101')) throw new Error(`upgrade: ${text.slice(0, 30)} (expected: 101)`);
    this.#onOpen();
    return end + END_OF_ANSWER.length - before.length;
  }

  /** Takes what the head still lacks, and no more. Returns how many bytes. */
  #readHead(data: Buffer, from: number): number {
    const lacks = this.#headBytes() - this.#held;
    const taken = data.copy(this.#head, this.#held, from, Math.min(data.length, from + lacks));
    this.#held += taken;
    if (this.#held === this.#headBytes()) this.#finishHead();
    return taken;
  }

  /** Header, and as much of the text as is looked at, as far as can be told by now. */
  #headBytes(): number {
    const header = this.#headerBytes();
    return this.#held < header ? header : header + Math.min(HEAD_BYTES, this.#textBytes());
  }

  #headerBytes(): number {
    const length = this.#held < 2 ? 0 : this.#head[1]! & 0x7f;
    return length === 127 ? 10 : length === 126 ? 4 : 2;
  }

  #textBytes(): number {
    const length = this.#head[1]! & 0x7f;
    return length === 127 ? Number(this.#head.readBigUInt64BE(2)) : length === 126 ? this.#head.readUInt16BE(2) : length;
  }

  #finishHead(): void {
    this.#left = this.#textBytes() - (this.#held - this.#headerBytes());
    if ((this.#head[0]! & 0xf) === PING) this.socket.write(PONG);
    else {
      const account = ACCOUNT.exec(this.#head.toString('latin1', this.#headerBytes(), this.#held));
      if (account !== null) this.#onAccount(accountOf(account));
    }
    this.#held = 0;
  }
}

const accountOf = ([, first, last, skipped, , wallMillis]: RegExpExecArray): Account => ({
  first: Number(first),
  last: Number(last),
  skipped: Number(skipped ?? 0),
  firstWallMillis: wallMillis === undefined ? null : Number(wallMillis),
});
