// How long a scrape takes: the snapshot, our rows as text, the process metrics of prom-client. `node bench/scrape.ts`
// Goal: under 10 ms with 64 arenas and 1,000 chunks. Baseline: the same gauges and counters written by prom-client, which is why
// src/metrics/text-format.ts exists. Services are interleaved round by round.
import { cpus } from 'node:os';
import { Counter, Gauge, Registry } from 'prom-client';
import { type AllocatorSnapshot, PooledAllocator, snapshot } from '../src/allocator/index.ts';
import { HttpMeter, METRICS, type MetricsInput, PipelineMeter, PoolMeter, renderText, Scraper } from '../src/metrics/index.ts';
import { BackPressure, Peer, Pipeline, PROMPT_PEER } from '../src/pipeline/index.ts';

const [WARM_UP_ROUNDS, ROUNDS] = [20, 60] as const;
const CHUNKS = 1000;

interface Service {
  readonly name: string;
  readonly allocator: PooledAllocator;
  readonly input: (taken: AllocatorSnapshot) => MetricsInput;
}

/** An allocator with 1,000 chunks in all lists and one event loop for each arena. */
function createService(arenas: number, cacheShare: number): Service {
  const pool = new PoolMeter(() => 0);
  const cacheTrimInterval = 2 ** 31 - 1; // a trim would empty what is being filled
  const allocator = new PooledAllocator({ directArenas: arenas, limitBytes: Infinity, memory: 'none', cacheTrimInterval, listener: pool });
  const pipeline = new Pipeline(allocator, { onMessage: (_, message) => pipeline.drop(message) }, { eventLoops: arenas });
  const backPressure = new BackPressure({ mode: 'off', lowBytes: 0, highBytes: 0 });
  const peer = new Peer(PROMPT_PEER, () => undefined, () => undefined, () => 0); // prettier-ignore
  const [messages, http] = [new PipelineMeter(), new HttpMeter(() => 0)];
  fillChunks(allocator);
  for (let cache = 0; cache < arenas; cache++) fillCache(allocator, cache, cacheShare);
  for (const method of ['GET', 'PUT', 'POST'])
    for (const code of [200, 404, 503]) http.requestAnswered(method, code, http.requestStarted());
  return {
    name: `${arenas} arenas and event loops, caches ${Math.round(cacheShare * 100)} % full`,
    allocator,
    input: (taken) => ({
      allocator: taken,
      pool: pool.sample(),
      pipeline: messages.sample(pipeline, backPressure, peer),
      http: http.sample(),
    }),
  };
}

/** Runs of 64 KiB to 8 MiB in turn on all loops until there are 1,000 chunks; then each second one of them is released. */
function fillChunks(allocator: PooledAllocator): void {
  const taken: number[] = [];
  const chunks = () => allocator.arenas.reduce((sum, arena) => sum + arena.chunksCreated, 0);
  for (let i = 0; chunks() < CHUNKS; i++) taken.push(allocator.allocate(i % allocator.caches.count, 65_536 << ((i * 7) % 8)));
  for (let i = 0; i < taken.length; i += 2) allocator.release(taken[i]!);
}

/** This share of each queue's capacity, filled. */
function fillCache(allocator: PooledAllocator, cache: number, share: number): void {
  for (const { classBytes, capacity } of snapshot(allocator).caches[cache]!.queues) {
    const refs = Array.from({ length: Math.round(capacity * share) }, () => allocator.allocate(cache, classBytes));
    for (const ref of refs) allocator.release(ref);
  }
}

/** The baseline: each row a metric of prom-client, set anew for each scrape. Histograms are left out: it takes none that was counted elsewhere. */
function createBaseline(): (input: MetricsInput) => Promise<string> {
  const registry = new Registry();
  const setters = METRICS.flatMap((row) => {
    if (row.type === 'histogram') return [];
    const options = { name: row.name, help: row.help, labelNames: Object.keys(row.labels), registers: [registry] };
    const metric = row.type === 'gauge' ? new Gauge(options) : new Counter(options);
    return (input: MetricsInput) => {
      metric.reset();
      row.collect(input, (labels, value) => (metric instanceof Gauge ? metric.set(labels, value) : metric.inc(labels, value)));
    };
  });
  return (input) => {
    for (const set of setters) set(input);
    return registry.metrics();
  };
}

const services = [createService(2, 0.1), createService(16, 0.1), createService(64, 0.1), createService(64, 1)];
const scraper = new Scraper();
const baseline = createBaseline();
const COLUMNS = ['snapshot', 'text', 'whole scrape', 'text by prom-client'] as const;
const times = services.map(() => COLUMNS.map((): number[] => []));
const sizes: number[] = [];
for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++)
  for (const [i, { allocator, input }] of services.entries()) {
    const marks = [performance.now()];
    const mark = () => marks.push(performance.now());
    const taken = snapshot(allocator);
    mark();
    sizes[i] = renderText(METRICS, input(taken)).length;
    mark();
    sizes[i] = (await scraper.text(input(snapshot(allocator)))).length;
    mark();
    await baseline(input(taken));
    mark();
    if (round >= WARM_UP_ROUNDS) COLUMNS.forEach((_, c) => times[i]![c]!.push(marks[c + 1]! - marks[c]!));
  }

const milliseconds = (values: number[]): string => {
  const sorted = values.toSorted((a, b) => a - b);
  return [sorted[0]!, sorted[sorted.length >> 1]!, sorted.at(-1)!].map((value) => value.toFixed(2)).join(' / ');
};
console.log(`${cpus()[0]!.model}, ${cpus().length} cores, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}`);
console.log(`${CHUNKS} chunks; milliseconds, minimum / median / maximum of ${ROUNDS} rounds`);
console.table(
  services.map(({ name }, i) => ({
    service: name,
    ...Object.fromEntries(COLUMNS.map((column, c) => [column, milliseconds(times[i]![c]!)])),
    KiB: Math.round(sizes[i]! / 1024),
  })),
);
