// What the tests of the feed share: a clock turned by hand, an allocator under random load, a service with real sockets.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket } from 'ws';
import { type BufferRef, type NettyVersion, NONE, PooledAllocator } from '../../src/allocator/index.ts';
import { attachFeed, type AttachedFeed, type AttachOptions, Feed } from '../../src/feed/index.ts';
import type { Random } from '../../src/workload/index.ts';

/** Timers that run when the test says so. */
export class TestClock {
  seconds = 0;
  readonly #timers = new Set<{ readonly due: number; readonly run: () => void }>();

  readonly after = (seconds: number, run: () => void): (() => void) => {
    const timer = { due: this.seconds + seconds, run };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  };

  get pending(): number {
    return this.#timers.size;
  }

  advance(seconds: number): void {
    this.seconds += seconds;
    for (const timer of [...this.#timers].sort((a, b) => a.due - b.due)) {
      if (timer.due <= this.seconds && this.#timers.delete(timer)) timer.run();
    }
  }
}

/** Small chunks and caches of a version that lets chunks go, so that little load makes every kind of transition. */
export const createAllocator = (version: NettyVersion = '4.1.48.Final'): PooledAllocator =>
  new PooledAllocator({
    version,
    directArenas: 2,
    limitBytes: 2 ** 23,
    pageBytes: 4096,
    maxOrder: 7,
    tinyCacheSize: 1,
    smallCacheSize: 1,
    normalCacheSize: 1,
    cacheTrimInterval: 64,
    memory: 'none',
  });

const TIDE_STEPS = 400; // memory fills, then empties

/** Takes and releases of all sizes over four event loops: chunks come, move and go, memory runs out, caches are trimmed. */
export class Load {
  readonly allocator: PooledAllocator;
  readonly #random: Random;
  readonly #caches: readonly number[];
  readonly #live: BufferRef[] = [];
  #steps = 0;

  constructor(allocator: PooledAllocator, random: Random) {
    this.allocator = allocator;
    this.#random = random;
    this.#caches = Array.from({ length: 4 }, () => allocator.createThreadCache());
  }

  step(): void {
    const { allocator } = this;
    const random = this.#random;
    const releases = Math.floor(this.#steps++ / TIDE_STEPS) % 2 === 0 ? 0.35 : 0.9;
    if (this.#live.length > 0 && random.unit() < releases) {
      const at = Math.floor(random.unit() * this.#live.length);
      allocator.release(this.#live[at]!);
      this.#live[at] = this.#live.at(-1)!;
      this.#live.pop();
      return;
    }
    const cache = this.#caches[Math.floor(random.unit() * this.#caches.length)]!;
    const bytes = Math.floor(2 ** (4 + random.unit() * 17)); // 16 B to 2 MiB: four chunks
    const ref = allocator.allocate(cache, bytes);
    if (ref !== NONE) this.#live.push(ref);
  }
}

export interface Running {
  readonly allocator: PooledAllocator;
  readonly feed: Feed;
  readonly clock: TestClock;
  readonly server: Server;
  readonly attached: AttachedFeed;
  readonly url: string;
  readonly stop: () => Promise<void>;
}

export async function startFeed(
  options: AttachOptions & { readonly ringEvents?: number; readonly id?: string; readonly port?: number } = {},
): Promise<Running> {
  const { ringEvents = 1024, id = 'run-1', port: wantedPort = 0, ...attach } = options;
  const allocator = createAllocator();
  const clock = new TestClock();
  const feed = new Feed({ allocator, id, ringEvents, wallMillis: () => 1_700_000_000_000, simSeconds: () => clock.seconds });
  allocator.listener = feed.listener;
  const server = createServer();
  const attached = attachFeed(server, feed, { after: clock.after, ...attach });
  await new Promise<void>((resolve) => void server.listen(wantedPort, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const stop = async (): Promise<void> => {
    await attached.close();
    await new Promise((resolve) => void server.close(resolve));
  };
  return { allocator, feed, clock, server, attached, url: `http://127.0.0.1:${port}`, stop };
}

/** Lets whatever is ready happen: one turn of the event loop. */
export const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await turn();
}

/** A bare client: what it was told, and how it ended. */
export class Reader {
  readonly messages: Record<string, unknown>[] = [];
  readonly socket: WebSocket;
  closedWith: { code: number; reason: string } | null = null;
  refusedWith: number | null = null; // HTTP status

  constructor(url: string, query = '', headers: Record<string, string> = {}) {
    this.socket = new WebSocket(`${url.replace('http', 'ws')}/events${query}`, { headers });
    this.socket.on('message', (data: Buffer) => void this.messages.push(JSON.parse(data.toString()) as Record<string, unknown>));
    this.socket.on('close', (code, reason) => (this.closedWith ??= { code, reason: reason.toString() }));
    this.socket.on('unexpected-response', (_, response) => {
      this.refusedWith = response.statusCode ?? 0;
      response.resume();
      this.socket.terminate();
    });
    this.socket.on('error', () => undefined);
  }

  types(): unknown[] {
    return this.messages.map(({ type }) => type);
  }

  last(type: string): Record<string, unknown> | undefined {
    return this.messages.findLast((message) => message.type === type);
  }

  async got(type: string): Promise<Record<string, unknown>> {
    await until(() => this.last(type) !== undefined);
    return this.last(type)!;
  }

  async closed(): Promise<{ code: number; reason: string }> {
    await until(() => this.closedWith !== null);
    return this.closedWith!;
  }
}
