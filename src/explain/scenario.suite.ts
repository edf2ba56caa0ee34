// Random states of an allocator that can be made again, operation for operation: a prediction about one is tried on its twin.
import fc from 'fast-check';
import { type AllocatorOptions, type BufferRef, LIVE_PURPOSES, type LiveHolder, NONE, PooledAllocator } from '../allocator/index.ts';

/** Small chunks, few of them, short queues: full lists, stranded chunks, kept pages and exhaustion are frequent. */
const setups = fc
  .record({
    version: fc.constantFrom('4.1.0.CR3', '4.1.48.Final'),
    pageBytes: fc.constant(4096),
    maxOrder: fc.integer({ min: 0, max: 4 }),
    directArenas: fc.integer({ min: 1, max: 2 }),
    limitChunks: fc.constantFrom(1, 2, 2.5, 3, 5, 9, Infinity),
    normalCacheSize: fc.constantFrom(0, 1, 8),
    smallCacheSize: fc.constantFrom(0, 3),
    tinyCacheSize: fc.constantFrom(0, 4),
    cacheTrimInterval: fc.constantFrom(9, 8192),
  })
  .map(({ limitChunks, ...shape }): AllocatorOptions => ({
    ...shape,
    limitBytes: limitChunks * (shape.pageBytes << shape.maxOrder),
    memory: 'none',
  }));

const bytes = fc.oneof(fc.constantFrom(0, 1, 16, 256, 500, 1000, 2048, 4096, 8192, 16_384, 32_768, 65_536), fc.nat(70_000));
const steps = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ loop: fc.nat(2), bytes }) },
    { weight: 2, arbitrary: fc.record({ release: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ trim: fc.nat(2) }) },
  ),
  { maxLength: 120, size: 'max' },
);

export const scenarios = fc.record({ options: setups, steps });
export type Scenario = typeof scenarios extends fc.Arbitrary<infer T> ? T : never;

const LOOPS = 3;

export interface State {
  readonly allocator: PooledAllocator;
  readonly live: readonly BufferRef[];
}

export function play({ options, steps: all }: Scenario): State {
  const allocator = new PooledAllocator(options);
  for (let loop = 0; loop < LOOPS; loop++) allocator.createThreadCache();
  const live: BufferRef[] = [];
  for (const step of all) {
    allocator.clock++;
    if ('trim' in step) allocator.trimCache(step.trim);
    else if ('bytes' in step) {
      const ref = allocator.allocate(step.loop, step.bytes);
      if (ref !== NONE) live.push(ref);
    } else if (live.length > 0) allocator.release(live.splice(step.release % live.length, 1)[0]!);
  }
  return { allocator, live };
}

/** Every second buffer has an owner, with a purpose and sometimes an event loop. */
export function owners({ live }: State): LiveHolder[] {
  return live
    .filter((_, i) => i % 2 === 0)
    .map((ref, i) => ({ ref, purpose: LIVE_PURPOSES[i % LIVE_PURPOSES.length]!, cache: i % 3 === 0 ? null : i % LOOPS }));
}
