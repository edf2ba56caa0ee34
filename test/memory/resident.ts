// Run as a process of its own by memory.test.ts: touches chunks and a huge buffer, releases them, and prints what stayed resident.
// `resident.ts service`: with the memory of the service.
import { PooledAllocator, snapshot, viewBytes } from '../../src/allocator/index.ts';
import { systemClock } from '../../src/service/clock.ts';
import { memoryMapper } from '../../src/service/memory-mapper.ts';

const CHUNKS = 24;
const HUGE_BYTES = 200 << 20;
const PATIENCE_MILLISECONDS = 2000;
const mapper = process.argv[2] === 'service' ? memoryMapper(systemClock) : undefined;
const allocator = new PooledAllocator({
  version: '4.1.48.Final',
  directArenas: 1,
  limitBytes: Infinity,
  memory: 'real',
  ...(mapper && { mapper }),
});
const cache = allocator.createThreadCache();
const rss = () => process.memoryUsage.rss();

async function measure(take: () => readonly number[]) {
  const before = rss();
  const refs = take();
  const reserved = rss();
  for (const ref of refs) viewBytes(allocator, ref).fill(1);
  const touched = rss();
  const started = performance.now();
  for (const ref of refs) allocator.release(ref);
  let after = rss(); // read at once: nothing was collected in between
  const waited = () => performance.now() - started;
  for (; (after - before) / (touched - before) > 0.02 && waited() < PATIENCE_MILLISECONDS; after = rss())
    await new Promise<void>((resolve) => void setImmediate(resolve));
  return { before, reserved, touched, after, milliseconds: waited() };
}

// Something larger than a chunk, freed: from then on a malloc would carve chunks from its heap and keep them.
const large = allocator.allocate(cache, 30 << 20);
viewBytes(allocator, large).fill(1);
allocator.release(large);

let last = 0;
const kept = () => allocator.allocate(cache, 16 << 20); // made last, so that what is released does not lie at the end of anything
const chunks = await measure(() => {
  const refs = Array.from({ length: CHUNKS }, () => allocator.allocate(cache, 16 << 20));
  last = kept();
  viewBytes(allocator, last).fill(1, 0, 4096);
  return refs;
});
allocator.release(last);
const huge = await measure(() => [allocator.allocate(cache, HUGE_BYTES)]);
console.log(
  JSON.stringify({ chunkBytes: CHUNKS * (16 << 20), hugeBytes: HUGE_BYTES, chunks, huge, reserved: snapshot(allocator).reservedBytes }),
);
