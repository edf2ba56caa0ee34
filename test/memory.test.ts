// Memory: no garbage on the hot path, and what is destroyed goes back to the operating system at once.
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { PooledAllocator } from '../src/allocator/index.ts';
import { type Handler, Pipeline } from '../src/pipeline/index.ts';

/** As bin/arenascope.js sets it. */
const LAUNCHER_TUNABLES = 'glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=1048576';
const collect = (globalThis as { gc?: () => void }).gc!;

const ROUNDS = 10;
const OPERATIONS = 200_000; // of a round: few enough that the garbage of even large objects fits the young generation, uncollected

/** Bytes of garbage per operation: what the heap grew by over a round; the median round, since any one may be disturbed. */
function garbageBytes(run: (operations: number) => void): number {
  run(OPERATIONS); // compiled, tables grown
  const used = () => {
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const rounds = Array.from({ length: ROUNDS }, () => {
    collect();
    const before = used();
    run(OPERATIONS);
    return (used() - before) / OPERATIONS;
  });
  return rounds.sort((a, b) => a - b)[ROUNDS / 2]!;
}

const create = (normalCacheSize = 64) => {
  const allocator = new PooledAllocator({ directArenas: 2, limitBytes: 1 << 30, memory: 'real', normalCacheSize });
  allocator.createThreadCache();
  return allocator;
};

describe('take and release make under 1 byte of garbage per operation', () => {
  test('can see garbage', () => {
    let last: unknown;
    const perOperation = garbageBytes((count) => {
      for (let i = 0; i < count; i++) last = { i };
    });
    expect([perOperation > 8, last]).toEqual([true, { i: OPERATIONS - 1 }]);
  });

  test.each([
    ['tiny, from the cache', 256, 64],
    ['small, from the cache', 4096, 64],
    ['normal, from the cache', 16_384, 64],
    ['from the tree', 65_536, 64],
    ['a large run from the tree', 1 << 20, 64],
    ['a page from the tree, without caches', 8192, 0],
  ])('%s: %i bytes', (_, bytes, normalCacheSize) => {
    const allocator = create(normalCacheSize);
    const kept = allocator.allocate(0, bytes); // its chunk stays
    const perOperation = garbageBytes((count) => {
      for (let i = 0; i < count; i++) allocator.release(allocator.allocate(0, bytes));
    });
    allocator.release(kept);
    expect(perOperation).toBeLessThan(1);
  });

  test('changes of capacity in place and by moving', () => {
    const allocator = new PooledAllocator({ directArenas: 1, limitBytes: 1 << 30, memory: 'none' });
    const cache = allocator.createThreadCache();
    const ref = allocator.allocate(cache, 1000);
    const perOperation = garbageBytes((count) => {
      for (let i = 0; i < count; i++) allocator.capacity(cache, ref, i % 3 === 0 ? 1000 : i % 3 === 1 ? 1020 : 70_000);
    });
    expect(perOperation).toBeLessThan(1);
  });

  test('a request through the pipeline, answered at once', () => {
    const allocator = new PooledAllocator({ directArenas: 2, limitBytes: 1 << 30, memory: 'none' });
    const handler: Handler = { onMessage: (_, message) => void pipeline.answer(message) };
    const pipeline = new Pipeline(allocator, handler, { eventLoops: 2 });
    const connection = pipeline.open();
    const perRequest = garbageBytes((count) => {
      for (let i = 0; i < count; i++) {
        pipeline.begin(connection, 120, 1000);
        pipeline.read(connection, 1120, null);
      }
    });
    console.log(`pipeline: ${perRequest.toFixed(2)} bytes of garbage per request`);
    expect(connection.loop.messages).toBe((ROUNDS + 1) * OPERATIONS);
    expect(perRequest).toBeLessThan(1);
  });
});

describe.each([
  ['the allocator’s own memory', [], undefined],
  ['the service’s, where the C library is told how', ['service'], LAUNCHER_TUNABLES],
] as const)('memory that is given back: %s', (_, flags, tunables) => {
  type Result = Record<'chunkBytes' | 'hugeBytes' | 'reserved', number> &
    Record<'chunks' | 'huge', Record<'before' | 'reserved' | 'touched' | 'after' | 'milliseconds', number>>;
  let child: SpawnSyncReturns<string>;
  let result: Result;
  beforeAll(() => {
    const env = { ...process.env, ...(tunables && { GLIBC_TUNABLES: tunables }) };
    child = spawnSync(process.execPath, [join(import.meta.dirname, 'memory', 'resident.ts'), ...flags], { encoding: 'utf8', env });
    result = JSON.parse(child.stdout) as Result;
  });

  test.each(['chunks', 'huge'] as const)('%s: resident memory falls within 100 ms, without a collection', (kind) => {
    const { before, reserved, touched, after, milliseconds } = result[kind];
    const bytes = result[kind === 'chunks' ? 'chunkBytes' : 'hugeBytes'];
    console.log(`${kind}: ${[before, reserved, touched, after].map((n) => Math.round(n / 1e6)).join(' → ')} MB, ${milliseconds.toFixed(1)} ms`); // prettier-ignore
    expect((reserved - before) / bytes).toBeLessThan(0.1); // pages come only when they are touched
    expect((touched - before) / bytes).toBeGreaterThan(0.9);
    expect((after - before) / bytes).toBeLessThan(0.1);
    expect(milliseconds).toBeLessThan(100);
  });

  test('and none stays reserved', () => {
    expect([child.status, child.stderr, result.reserved]).toEqual([0, '', 0]);
  });
});
