// The feed under load, over loopback, its clients in another process. `node --expose-gc bench/feed.ts`
// Goals: 100 clients × 20,000 events/s with nothing lost and under 64 MiB of growth; 1,000 idle clients under 20 MiB; one stalled client
// among 100 changes the others' 99th percentile of delay by less than 10 %; and what an event costs while nobody listens.
import { type ChildProcess, fork } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { NONE, PooledAllocator } from '../src/allocator/index.ts';
import { attachFeed, Feed } from '../src/feed/index.ts';
import type { Order, Report } from './feed-clients.ts';
import { heading, median, spread, table } from './table.ts';

const MEBIBYTE = 2 ** 20;
const [CLIENTS, RATE, SECONDS, TURN_MILLISECONDS] = [100, 20_000, 10, 10] as const;
const IDLE_CLIENTS = 1000;
const [STALL_RATE, STALL_SECONDS, ROUNDS] = [5000, 1.5, 9] as const;
const FAT = 'x'.repeat(100_000);
const UNHEARD_EVENTS = 2_000_000;

const now = (): number => Number(process.hrtime.bigint()) / 1e6;
const rest = (milliseconds: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, milliseconds));
const rssMebibytes = (): number => {
  globalThis.gc?.();
  return process.memoryUsage().rss / MEBIBYTE;
};

/** Transitions at will: a 2 MiB allocation is huge here, and a whole chunk's worth of memory is one region. */
class Churn {
  readonly feed: Feed;
  readonly #allocator = new PooledAllocator({ directArenas: 2, limitBytes: 2 ** 30, pageBytes: 8192, maxOrder: 7, memory: 'none' });
  readonly #cache = this.#allocator.createThreadCache();
  #ref = NONE;

  constructor() {
    this.feed = new Feed({ allocator: this.#allocator, id: 'bench', wallMillis: now });
    this.#allocator.listener = this.feed.listener;
    this.#allocator.allocate(this.#cache, MEBIBYTE / 2); // keeps its chunk half used: the other half moves it between q025 and q100
    while (this.step() && this.feed.last < 100);
  }

  /** One transition: half the chunk taken (it moves up) or given back (it moves down). */
  step(): boolean {
    if (this.#ref === NONE) this.#ref = this.#allocator.allocate(this.#cache, MEBIBYTE / 2);
    else {
      this.#allocator.release(this.#ref);
      this.#ref = NONE;
    }
    return true;
  }

  /** That many a second, in turns, for that long. Returns the events made. */
  async run(rate: number, seconds: number): Promise<number> {
    const first = this.feed.last;
    const started = now();
    for (let made = 0; made < rate * seconds;) {
      const due = Math.min(rate * seconds, Math.floor(((now() - started) / 1000) * rate));
      while (made < due) {
        this.step();
        made = this.feed.last - first;
      }
      await rest(TURN_MILLISECONDS);
    }
    return this.feed.last - first;
  }
}

class Clients {
  readonly #process: ChildProcess = fork(join(import.meta.dirname, 'feed-clients.ts'));
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

const percentile = (numbers: readonly number[], share: number): number =>
  [...numbers].sort((a, b) => a - b)[Math.min(numbers.length - 1, Math.floor(numbers.length * share))] ?? NaN;

const churn = new Churn();
const { feed } = churn;
const server = createServer();
const attached = attachFeed(server, feed);
await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const clients = new Clients();
const rows: string[][] = [['what', 'measured', 'goal']];

function measureUnheard(): void {
  const loop = (): number => {
    const started = now();
    for (const end = feed.last + UNHEARD_EVENTS; feed.last < end;) churn.step();
    return ((now() - started) * 1e6) / UNHEARD_EVENTS;
  };
  loop();
  rows.push(['an event nobody listens to, with the transition that makes it', `${median([loop(), loop(), loop()]).toFixed(0)} ns`, '']);
}

async function measureIdle(): Promise<void> {
  const before = rssMebibytes();
  await clients.order({ do: 'connect', url, clients: IDLE_CLIENTS, stalled: 0 });
  await rest(1000);
  const grown = rssMebibytes() - before;
  rows.push([`${IDLE_CLIENTS} idle clients, resident memory`, `${grown.toFixed(1)} MiB`, '< 20 MiB']);
  await clients.order({ do: 'disconnect' });
  await rest(500);
}

async function measureLoad(): Promise<void> {
  await clients.order({ do: 'connect', url, clients: CLIENTS, stalled: 0 });
  await churn.run(RATE, 1); // warm
  const [before, cpuBefore, bytesBefore] = [rssMebibytes(), process.cpuUsage(), attached.sample().bytes];
  let peak = 0;
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss / MEBIBYTE)), 50);
  await clients.order({ do: 'measure' });
  const started = now();
  const events = await churn.run(RATE, SECONDS);
  const seconds = (now() - started) / 1000;
  const { reached, gaps, delays, state } = await clients.order({ do: 'report', last: feed.last });
  clearInterval(watch);
  const cpu = process.cpuUsage(cpuBefore);
  const megabytes = (attached.sample().bytes - bytesBefore) / 1e6;
  const lost = CLIENTS - reached + gaps + attached.sample().ended.too_slow;
  rows.push(
    [`${CLIENTS} clients × ${(events / seconds).toFixed(0)} events/s for ${seconds.toFixed(1)} s: lost`, `${lost}`, '0'],
    ['… growth of resident memory, peak', `${Math.max(0, peak - before).toFixed(1)} MiB`, '< 64 MiB'],
    ['… rebuilt state is the service’s own', String(isDeepStrictEqual(state, feed.state())), 'true'],
    ['… sent', `${(megabytes / seconds).toFixed(0)} MB/s`, ''],
    ['… the service’s own time', `${((cpu.user + cpu.system) / 1e4 / seconds).toFixed(0)} % of a core`, ''],
    ['… delay of a frame, p50 / p99', `${percentile(delays, 0.5).toFixed(1)} / ${percentile(delays, 0.99).toFixed(1)} ms`, ''],
  );
  await clients.order({ do: 'disconnect' });
  await rest(500);
}

/** The others' delay while one client has stopped reading and its unsent bytes pile up; or while all read. What leads up to it is the same. */
async function delayWith(stalled: number, fats: number): Promise<{ p99: number; fats: number }> {
  await clients.order({ do: 'connect', url, clients: CLIENTS - stalled, stalled });
  let sent = 0;
  while (sent < fats || (stalled > 0 && attached.sample().pendingBytes < MEBIBYTE)) {
    feed.publish({ type: 'settings.changed', settings: { fat: FAT } });
    sent++;
    await rest(TURN_MILLISECONDS);
  }
  await clients.order({ do: 'report', last: feed.last });
  await churn.run(STALL_RATE, 0.5);
  await clients.order({ do: 'measure' });
  await churn.run(STALL_RATE, STALL_SECONDS);
  if (stalled > 0 && attached.sample().pendingBytes < MEBIBYTE) throw new Error('the stalled client is gone');
  const { delays } = await clients.order({ do: 'report', last: feed.last });
  await clients.order({ do: 'disconnect' });
  await rest(200);
  return { p99: percentile(delays, 0.99), fats: sent };
}

async function measureStalled(): Promise<void> {
  const [without, one]: [number[], number[]] = [[], []];
  let fats = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const stalled = await delayWith(1, fats);
    fats = stalled.fats;
    one.push(stalled.p99);
    without.push((await delayWith(0, fats)).p99);
  }
  const change = (median(one) / median(without) - 1) * 100;
  const texts = [without, one].map((p99s) => spread(p99s));
  rows.push([
    `p99 delay at ${STALL_RATE} events/s, ms: all of ${CLIENTS} read; one stalled; change of the median`,
    `${texts.join('; ')}; ${change.toFixed(1)} %`,
    '< 10 %',
  ]);
}

measureUnheard();
await measureIdle();
await measureLoad();
await measureStalled();
clients.stop();
await attached.close();
server.close();
console.log(`${heading('feed')}, over loopback, clients in another process\n${table(rows)}`);
