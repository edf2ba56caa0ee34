// Fresh random workloads on a real Netty 4.1.48, its allocator and its HTTP pipeline, every decision of it compared with ours. The seed is in the log: the same seed gives
// the same workloads. ARENASCOPE_ORACLE_SEED=N runs those of a log again.
import { randomInt } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseTrace, replay } from '../../src/conformance/index.ts';
import { needs } from '../programs.ts';
import { httpScript, type ScriptOptions } from './http-script.ts';
import { type ProgramOptions, recordHttpTrace, recordTrace } from './netty.ts';

const netty = needs('java-netty');
const seed = Number(process.env['ARENASCOPE_ORACLE_SEED'] ?? randomInt(1 << 30));
const MIN_OPERATIONS = 200_000;

/** The kinds of workload: what each stresses. */
const WORKLOADS: Readonly<Record<string, ProgramOptions>> = {
  'everything in turn': { mix: 'everything', ops: 60_000, threads: 4 },
  'everything in turn, under a limit': { mix: 'everything', ops: 40_000, threads: 5, arenas: 3, limit: '256m' },
  'small chunks under a limit': { mix: 'everything', ops: 30_000, pageSize: 4096, maxOrder: 4, limit: '1m', liveBytes: '1m' },
  'chunks of one page': { mix: 'everything', ops: 15_000, maxOrder: 0, limit: '512k' },
  'queues of one to eight entries': { mix: 'everything', ops: 30_000, tinyCache: 1, smallCache: 3, normalCache: 5, maxOrder: 6 },
  'no thread caches': { mix: 'mixed', ops: 20_000, tinyCache: 0, smallCache: 0, normalCache: 0, threads: 2 },
  'releases and capacity changes on other threads': { mix: 'mixed', ops: 25_000, crossFreePct: 80, reallocPct: 40, threads: 6, arenas: 4 },
  'large pages': { mix: 'http', ops: 15_000, pageSize: 65_536, maxOrder: 8, burst: 1, limit: '512m' },
};

describe.skipIf(!netty.available)('our 4.1.48 profile decides as real Netty does', { timeout: 120_000 }, () => {
  let operations = 0;
  beforeAll(() => console.log(`oracle: ARENASCOPE_ORACLE_SEED=${seed}`));

  test.each(Object.entries(WORKLOADS))('%s', async (_, options) => {
    const text = await recordTrace({ ...options, seed, snapshotEvery: 200, textEvery: 5000 });
    const trace = parseTrace(text);
    expect(trace.header.netty).toBe('4.1.48.Final');
    const result = replay(trace, { checks: true });
    expect(result.first).toEqual([]);
    expect([result.differences, result.liveBuffers]).toEqual([0, 0]);
    operations += trace.lines.filter((line) => /^[ARF] /.test(line)).length;
  });

  test(`at least ${MIN_OPERATIONS} operations were compared`, () => {
    console.log(`oracle: ${operations} operations of seed ${seed} compared`);
    expect(operations).toBeGreaterThanOrEqual(MIN_OPERATIONS);
  });
});

interface Requests {
  readonly script: Omit<ScriptOptions, 'loops'>;
  readonly options: ProgramOptions & { readonly loops: number };
  readonly limitBytes?: number;
}

/** The kinds of requests: the pipeline's read loop, predictor, decoder, aggregator and encoder. */
const REQUESTS: Readonly<Record<string, Requests>> = {
  'all sizes': {
    script: { requests: 150, concurrent: 10, largestBody: 20e6, keepAlive: 0.3 },
    options: { arenas: 3, loops: 4 },
  },
  'small ones, one after another on a few connections': {
    script: { requests: 1500, concurrent: 6, largestBody: 50_000, keepAlive: 0.95 },
    options: { arenas: 2, loops: 2 },
  },
  'all sizes, until consolidations find no memory': {
    script: { requests: 150, concurrent: 12, largestBody: 20e6, keepAlive: 0.5 },
    options: { arenas: 2, loops: 3 },
    limitBytes: 160 * 2 ** 20,
  },
  'chunks of 1 MiB, until receive buffers find no memory': {
    script: { requests: 300, concurrent: 8, largestBody: 3e6, keepAlive: 0.5 },
    options: { arenas: 2, loops: 2, maxOrder: 7 },
    limitBytes: 12 * 2 ** 20,
  },
};

describe.skipIf(!netty.available)('our pipeline of 4.1.48 does with HTTP requests as real Netty does', { timeout: 120_000 }, () => {
  test.each(Object.entries(REQUESTS))('%s', async (_, { script, options, limitBytes }) => {
    const text = await recordHttpTrace(httpScript(seed, { ...script, loops: options.loops }), options, {
      maxDirectMemoryBytes: limitBytes ?? 2 ** 50,
    });
    const trace = parseTrace(text);
    const count = (verb: string) => trace.lines.filter((line) => line.startsWith(`${verb} `)).length;
    expect([trace.header.netty, count('C') + count('N') > script.requests / 3]).toEqual(['4.1.48.Final', true]);
    expect(count('E') > 0).toBe(limitBytes !== undefined);
    const result = replay(trace, { checks: true });
    expect(result).toEqual({ operations: trace.lines.length - 1, differences: 0, first: [], liveBuffers: 0 });
    console.log(`oracle: ${count('C') + count('N')} requests of seed ${seed} in ${count('V')} readable events compared`);
  });
});
