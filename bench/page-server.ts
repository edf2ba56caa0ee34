// For bench/page.ts: the service with its feed, full of chunks that move at a steady rate. Ends when its parent goes.
import { type BufferRef, NONE } from '../src/allocator/index.ts';
import { readSettings, Service } from '../src/service/index.ts';
import { Random } from '../src/workload/index.ts';

const [arenas, chunks, eventsPerSecond] = process.argv.slice(2).map(Number) as [number, number, number];
const TICK_MILLISECONDS = 10;
const MIB = 1 << 20;
const SIZES = [200, 3000, 8192, 32_768, 65_536, 262_144, MIB, 2 * MIB, 4 * MIB] as const;

const flags = ['--port=0', '--scenario=none', `--arenas=${arenas}`, `--event-loops=${arenas}`, `--direct-memory=${arenas * chunks * 16}m`];
const service = new Service(readSettings({}, flags));
const { feed, runtime } = service;
const { allocator } = runtime;
const random = new Random(1, 'page');
const live: BufferRef[] = [];

function take(): boolean {
  const ref = allocator.allocate(Math.floor(random.unit() * arenas), SIZES[Math.floor(random.unit() * SIZES.length)]!);
  if (ref === NONE) return false;
  live.push(ref);
  return true;
}

function drop(): void {
  const at = Math.floor(random.unit() * live.length);
  const ref = live[at]!;
  live[at] = live.at(-1)!;
  live.pop();
  allocator.release(ref);
}

/** As much traffic as makes that many events; about half of the memory stays in use. */
function churn(events: number): void {
  const until = feed.last + events;
  while (feed.last < until) {
    if (live.length < kept && random.unit() < 0.7) take();
    else drop();
  }
}

while (allocator.arenas.some(({ chunksCreated }) => chunksCreated < chunks) && take());
const kept = live.length / 2;
while (live.length > kept) drop();

process.send!(await service.listen());
const started = performance.now();
const first = feed.last;
setInterval(() => {
  const due = ((performance.now() - started) / 1000) * eventsPerSecond - (feed.last - first);
  if (due > 0) churn(Math.min(due, eventsPerSecond / 4)); // after a stall: no flood
}, TICK_MILLISECONDS);
process.on('disconnect', () => process.exit(0));
