// A service on a free port for a test, real sockets to it, a clock turned by hand; and what must hold after each test:
// nothing live, every invariant of the allocator sound.
import { connect, type Socket } from 'node:net';
import { pino } from 'pino';
import { afterEach, expect } from 'vitest';
import { check, snapshot } from '../../src/allocator/index.ts';
import { type Clock, readSettings, Service } from '../../src/service/index.ts';

/** A clock that stands still until it is turned. */
export class ManualClock implements Clock {
  #now = 0;
  #timers: { dueSeconds: number; run: () => void }[] = [];

  nowSeconds(): number {
    return this.#now;
  }

  after(seconds: number, run: () => void): () => void {
    const timer = { dueSeconds: this.#now + seconds, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  get pending(): number {
    return this.#timers.length;
  }

  /** Turn it on by so much; what falls due runs in order. */
  turn(seconds: number): void {
    const end = this.#now + seconds;
    for (;;) {
      const next = this.#timers.filter(({ dueSeconds }) => dueSeconds <= end).sort((a, b) => a.dueSeconds - b.dueSeconds)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = next.dueSeconds;
      next.run();
    }
    this.#now = end;
  }
}

export interface Running {
  readonly service: Service;
  readonly url: string;
  readonly clock: ManualClock | null;
  readonly logged: Record<string, unknown>[];
}

/** What a test's flags go before. */
const DEFAULTS = {
  ARENASCOPE_PORT: '0',
  ARENASCOPE_EVENT_LOOPS: '4',
  ARENASCOPE_ARENAS: '2',
  ARENASCOPE_SHUTDOWN_DEADLINE: '1s',
  ARENASCOPE_SCENARIO: 'none',
};

const running: Running[] = [];

afterEach(async () => {
  for (const { service, clock } of running.splice(0)) {
    const stopped = service.stop();
    clock?.turn(1e6); // past every deadline
    await stopped;
    check(service.runtime.allocator);
    expect(snapshot(service.runtime.allocator).liveBuffers).toBe(0);
  }
});

/** Started with these flags; stopped and looked over after the test. */
export async function start(flags: readonly string[] = [], options: { manualClock?: boolean } = {}): Promise<Running> {
  const clock = options.manualClock ? new ManualClock() : null;
  const logged: Record<string, unknown>[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void logged.push(JSON.parse(line) as Record<string, unknown>) });
  const settings = readSettings(DEFAULTS, flags);
  const service = new Service(settings, { log, ...(clock && { clock }) });
  const one = { service, url: await service.listen(), clock, logged };
  running.push(one);
  return one;
}

/** Resolves when `condition` holds; looked at once a turn of the event loop, without a clock. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise<void>((resolve) => void setImmediate(resolve));
}

/** A raw socket, with everything it has got so far. */
export class RawClient {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  received = '';
  isClosed = false;

  constructor(url: string) {
    this.socket = connect(Number(new URL(url).port), '127.0.0.1');
    this.socket.on('data', (chunk: Buffer) => (this.received += chunk.toString('latin1')));
    this.socket.on('error', () => undefined); // told by 'close'
    this.closed = new Promise((resolve) => {
      this.socket.once('close', () => {
        this.isClosed = true;
        resolve();
      });
    });
  }

  send(...parts: (string | Buffer)[]): this {
    for (const part of parts) this.socket.write(part);
    return this;
  }

  /** Bytes are with the operating system. */
  async flushed(): Promise<void> {
    await until(() => this.socket.writableLength === 0 && !this.socket.connecting);
  }

  async receives(text: string | RegExp): Promise<string> {
    await until(() => this.isClosed || (typeof text === 'string' ? this.received.includes(text) : text.test(this.received)));
    return this.received;
  }
}

/** Random bytes, the same for a seed (splitmix32). */
export function randomBytes(length: number, seed = 1): Buffer {
  const words = new Int32Array(Math.ceil(length / 4));
  let state = seed;
  for (let i = 0; i < words.length; i++) {
    state = (state + 0x9e3779b9) | 0;
    const mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    words[i] = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
  }
  return Buffer.from(words.buffer, 0, length);
}

export const putHead = (length: number, path = '/'): string =>
  `PUT ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${length}\r\n\r\n`;
export const chunkedHead = (path = '/'): string => `PUT ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n`;

/** A PUT or POST with Node's fetch. */
export async function send(url: string, body: Uint8Array<ArrayBuffer> | null, init: RequestInit = {}): Promise<Response> {
  return fetch(url, { method: 'PUT', ...(body !== null && { body }), ...init });
}
