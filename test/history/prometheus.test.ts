// The whole way: the command writes days of production, promtool makes blocks of its files, a Prometheus answers; what it says at a time
// is what a simulation of our own holds at that time.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { run } from '../../src/cli/history.ts';
import { BLOCK_SECONDS } from '../../src/history/index.ts';
import { type Gauges, loadScenario, readGauges, Simulation, withAlternative } from '../../src/simulation/index.ts';
import { createBlocks, dataOf, LocalPrometheus } from '../dashboards/prometheus.ts';
import { needs } from '../programs.ts';

const promtool = needs('promtool');
const [HOURS, SEED] = [72, 5] as const;
const END = 317 * BLOCK_SECONDS + 20 * 3600; // the last 21 hours lie in another block of time
const timeOf = (hour: number) => END - (HOURS - hour) * 3600;

describe.skipIf(!promtool.available)('three days of production in a real Prometheus', () => {
  const folder = mkdtempSync(join(tmpdir(), 'arenascope-history-'));
  let prometheus: LocalPrometheus;
  const hours: Gauges[] = []; // ours, from hour 1
  const completed: number[] = [];

  beforeAll(async () => {
    vi.spyOn(console, 'log').mockImplementation(() => undefined);
    const output = join(folder, 'written');
    const args = ['--days', '3', '--seed', String(SEED), '--settings', 'no-caches', '--end', String(END), '--output', output];
    expect(await run(args)).toBe(0);
    for (const file of readdirSync(output)) createBlocks(promtool.path, ['--quiet', '--max-block-duration=1458h', 'openmetrics', join(output, file), dataOf(folder)]); // prettier-ignore
    prometheus = await LocalPrometheus.open(promtool.path, folder, '--query.lookback-delta=61m');
    const hourEnded = (_: number, { allocator, tally }: Simulation) => {
      hours.push(readGauges(allocator));
      completed.push(tally.requests[0]!);
    };
    const simulation: Simulation = new Simulation({
      scenario: loadScenario('production'),
      seed: SEED,
      listeners: [{ hourEnded: (simSeconds) => hourEnded(simSeconds, simulation) }],
    });
    simulation.advance(HOURS * 3600);
  });
  afterAll(async () => {
    await prometheus?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const valuesOf = async (query: string) => (await prometheus.range(query, timeOf(1), END, 3600))[0]?.values;

  test.each([
    ['direct_memory_reserved_bytes{setting="as-it-was"}', ({ reservedBytes }: Gauges) => reservedBytes],
    ['direct_memory_limit_bytes{setting="as-it-was"} - direct_memory_headroom_bytes{setting="as-it-was"}', ({ reservedBytes }: Gauges) => reservedBytes],
    ['sum(netty_allocator_arena_chunks{job="history", list="q075"})', ({ chunksByList }: Gauges) => chunksByList.q075],
    ['sum(netty_allocator_arena_chunks_by_usage)', ({ chunks }: Gauges) => chunks],
    ['sum(netty_allocator_arena_retained_bytes{cause="thread_cache"})', ({ cachedBytes }: Gauges) => cachedBytes],
    ['sum(netty_allocator_arena_retained_bytes{cause="free"})', ({ freeBytes }: Gauges) => freeBytes],
    ['sum(netty_allocator_arena_stranded_chunks)', ({ strandedChunks }: Gauges) => strandedChunks],
    ['sum(netty_allocator_arena_chunk_bytes) + sum(direct_memory_huge_bytes{setting="as-it-was"})', ({ reservedBytes }: Gauges) => reservedBytes],
  ])('%s is the simulation’s own number at every hour', async (query, own) => {
    expect(await valuesOf(query)).toEqual(hours.map(own));
  }); // prettier-ignore

  test('requests and the day run with the hours, in one series across both blocks', async () => {
    expect(await valuesOf('simulation_requests_total{setting="as-it-was", outcome="completed"}')).toEqual(completed);
    expect(await valuesOf('simulation_days{setting="as-it-was"}')).toEqual(hours.map((_, i) => (i + 1) / 24));
  });

  test('the messages are counted by size', async () => {
    const counts = await valuesOf('pipeline_message_size_bytes_count');
    expect(counts).toEqual(completed);
  });

  test('the other setting is there as an instance of its own, with its own numbers', async () => {
    const scenario = loadScenario('production');
    const other = new Simulation({ scenario: { ...scenario, settings: withAlternative(scenario.settings, 'no-caches') }, seed: SEED });
    other.advance(HOURS * 3600);
    const [series] = await prometheus.instant('direct_memory_reserved_bytes{setting="no-caches"}', END);
    expect(series).toMatchObject({
      metric: { job: 'history', instance: 'production/no-caches' },
      values: [other.allocator.memory.reservedBytes],
    });
  });

  test('nothing lies before the first simulated hour, and nothing is seen 61 minutes after the end', async () => {
    expect(await prometheus.instant('direct_memory_limit_bytes', timeOf(1) - 1)).toEqual([]);
    expect(await prometheus.instant('direct_memory_limit_bytes', END + 61 * 60 - 1)).toHaveLength(2);
    expect(await prometheus.instant('direct_memory_limit_bytes', END + 61 * 60 + 1)).toEqual([]);
  });
});
