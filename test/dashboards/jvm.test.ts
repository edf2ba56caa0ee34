// The dashboard Buffer pools over what a real JVM tells, before and after its Netty took a chunk.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../programs.ts';
import { filledIn, panelProblems, type Window } from './check-queries.ts';
import { END_SECONDS, STEP_SECONDS, withTarget } from './history.ts';
import { DASHBOARDS, panelsOf } from './json.ts';
import { CHUNK_BYTES, RealJvm } from './jvm.ts';
import { LocalPrometheus } from './prometheus.ts';

const java = needs('java-netty');
const promtool = needs('promtool');
const BEFORE = END_SECONDS;
const AFTER = END_SECONDS + STEP_SECONDS;
const window: Window = { start: BEFORE, end: AFTER, step: STEP_SECONDS, rateSeconds: 4 * STEP_SECONDS };

describe.skipIf(!java.available || !promtool.available)('a real JVM on Buffer pools', () => {
  const [, dashboard] = DASHBOARDS.find(([name]) => name === 'buffer-pools')!;
  let prometheus: LocalPrometheus;

  beforeAll(async () => {
    const jvm = await RealJvm.start(java.path);
    const scrape = async (at: number) => ['up 1', ...(await jvm.metrics())].map((line) => withTarget(line, 'jvm', '127.0.0.1:8080', at));
    const before = await scrape(BEFORE);
    await jvm.takeChunk();
    const after = await scrape(AFTER);
    await jvm.stop();
    prometheus = await LocalPrometheus.start(promtool.path, [...before, ...after].join(''));
  }, 30_000);
  afterAll(() => prometheus?.stop()); // there is none where the start failed

  test('fills every panel', async () => {
    expect(await panelProblems(prometheus, dashboard, window)).toEqual([]);
  });

  test.each([
    ['Count', 1],
    ['Memory used', CHUNK_BYTES],
    ['Total capacity', CHUNK_BYTES],
  ])('%s rises by the chunk, and by what the JVM itself takes for a request', async (title, least) => {
    const { expr } = panelsOf(dashboard).find((panel) => panel.title === title)!.targets![0]!;
    const [series] = await prometheus.range(filledIn(expr, window), BEFORE, AFTER, STEP_SECONDS);
    const [before, after] = series!.values as [number, number];
    expect(series!.metric).toEqual({ job: 'jvm', instance: '127.0.0.1:8080' });
    expect(after - before).toBeGreaterThanOrEqual(least);
    expect(after - before).toBeLessThan(least + 2 ** 20);
  });
});
