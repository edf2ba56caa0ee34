// What bench/feed.ts measures: a feed at a server of its own, the transitions that make its events at a given rate, and its clients,
// which live in another process.
import { type ChildProcess, fork } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { NONE, PooledAllocator } from '../src/allocator/index.ts';
import { attachFeed, type AttachedFeed, Feed } from '../src/feed/index.ts';
import type { Order, Report } from './feed-clients.ts';

const MEBIBYTE = 2 ** 20;
const TURN_MILLISECONDS = 10;

export const now = (): number => Number(process.hrtime.bigint()) / 1e6;
export const rest = (milliseconds: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, milliseconds));

/** Transitions at will: half a chunk of 1 MiB is taken and given back, so that it moves to and fro between two lists. */
export class Churn {
  readonly feed: Feed;
  readonly #allocator = new PooledAllocator({ directArenas: 2, limitBytes: 2 ** 30, pageBytes: 8192, maxOrder: 7, memory: 'none' });
  readonly #cache = this.#allocator.createThreadCache();
  #ref = NONE;

  constructor() {
    this.feed = new Feed({ allocator: this.#allocator, id: 'bench', wallMillis: now });
    this.#allocator.listener = this.feed.listener;
    this.#allocator.allocate(this.#cache, MEBIBYTE / 2); // keeps its chunk half used
    while (this.feed.last < 100) this.step();
  }

  /** One transition: half the chunk taken (it moves up) or given back (it moves down). */
  step(): void {
    if (this.#ref === NONE) this.#ref = this.#allocator.allocate(this.#cache, MEBIBYTE / 2);
    else {
      this.#allocator.release(this.#ref);
      this.#ref = NONE;
    }
  }

  /** `rate × seconds` events, in turns of 10 ms: each makes what is owed until the next one. Returns how many a second there were. */
  async run(rate: number, seconds: number): Promise<number> {
    const [first, total, started] = [this.feed.last, rate * seconds, now()];
    for (let turns = 0, owed = 0; owed < total;) {
      turns = Math.max(turns + 1, Math.ceil((now() - started) / TURN_MILLISECONDS)); // a late turn owes more
      owed = Math.min(total, (turns * TURN_MILLISECONDS * rate) / 1000);
      while (this.feed.last - first < owed) this.step();
      await rest(Math.max(0, started + turns * TURN_MILLISECONDS - now()));
    }
    return ((this.feed.last - first) * 1000) / (now() - started);
  }
}

/** A feed, listening. */
export interface Stage {
  readonly churn: Churn;
  readonly feed: Feed;
  readonly attached: AttachedFeed;
  readonly url: string;
  close(): Promise<void>;
}

export async function openStage(): Promise<Stage> {
  const churn = new Churn();
  const server = createServer();
  const attached = attachFeed(server, churn.feed);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = async (): Promise<void> => {
    await attached.close();
    server.close();
  };
  return { churn, feed: churn.feed, attached, url, close };
}

export class Clients {
  readonly #process: ChildProcess = fork(join(import.meta.dirname, 'feed-clients.ts'), [], { serialization: 'advanced' });
  readonly #gone = new Promise<never>((_, reject) => {
    this.#process.once('exit', (code) => reject(new Error(`clients: exited with ${code}`)));
  });

  async order(order: Order): Promise<Report> {
    const answered = new Promise<Report>((resolve) => this.#process.once('message', (report) => resolve(report as Report)));
    this.#process.send(order);
    return Promise.race([answered, this.#gone]);
  }

  stop(): void {
    this.#gone.catch(() => undefined);
    this.#process.disconnect();
  }
}

export function percentile(numbers: Float64Array, share: number): number {
  const sorted = numbers.toSorted();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}
