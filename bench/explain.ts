// GET /api/explain on the largest allocator we promise it for: 64 arenas × 1,000 chunks. Goal: under 100 ms of processor time in all.
//   node bench/explain.ts
import { type BufferRef, holders, PooledAllocator } from '../src/allocator/index.ts';
import { explain } from '../src/explain/index.ts';
import { heading, spread, table } from './table.ts';

const PAGE_BYTES = 4096;
const [ARENAS, ROUNDS_PER_ARENA] = [64, 950];
const ROUNDS = 9;

/** Chunks with live buffers, cached regions and slots, and stranded ones. */
function createLarge(): PooledAllocator {
  const allocator = new PooledAllocator({
    directArenas: ARENAS,
    limitBytes: Infinity,
    pageBytes: PAGE_BYTES,
    maxOrder: 3,
    memory: 'none',
  });
  const released: BufferRef[] = [];
  for (let arena = 0; arena < ARENAS; arena++) {
    const cache = allocator.createThreadCache();
    for (let round = 0; round < ROUNDS_PER_ARENA; round++) {
      const whole = allocator.allocate(cache, PAGE_BYTES << 3);
      if (round % 3 === 0) released.push(whole); // beyond the queue they go back, each to a chunk of its own
      if (round % 3 === 1) for (const bytes of [PAGE_BYTES << 2, PAGE_BYTES, 100]) released.push(allocator.allocate(cache, bytes));
    }
  }
  for (const ref of released) allocator.release(ref);
  return allocator;
}

/** Processor time of `run`, milliseconds. */
function timed<T>(run: () => T): [T, number] {
  const before = process.cpuUsage();
  const result = run();
  const { user, system } = process.cpuUsage(before);
  return [result, (user + system) / 1000];
}

const allocator = createLarge();
const times: Record<string, number[]> = { holders: [], 'explain, 1,000 sentences': [], 'explain, all sentences': [] };
for (let round = 0; round < ROUNDS; round++) {
  const [state, taken] = timed(() => holders(allocator));
  times['holders']!.push(taken);
  times['explain, 1,000 sentences']!.push(timed(() => explain(state, { mostChunks: 1000 }))[1]);
  times['explain, all sentences']!.push(timed(() => explain(state))[1]);
}
const chunks = allocator.arenas.reduce((sum, { lists }) => sum + lists.reduce((all, { size }) => all + size, 0), 0);
console.log(`${heading('explain')}; ${chunks} chunks in ${ARENAS} arenas, ${allocator.recordCount} regions\n`);
console.log(
  table([['processor time, ms', 'min / median / max'], ...Object.entries(times).map(([name, values]) => [name, spread(values)])]),
);
