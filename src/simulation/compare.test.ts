import { describe, expect, test } from 'vitest';
import { ALTERNATIVES, withAlternative } from './alternatives.ts';
import { compare, medianOf, rowOf } from './compare.ts';
import { makePipeline } from './make-pipeline.ts';
import { runAll } from './run-all.ts';
import { runToFailure, type RunSummary } from './run-to-failure.ts';
import { loadScenario } from './scenario-store.ts';

const story = loadScenario('story-serial');
const DAYS = 0.01;

describe('alternatives', () => {
  test.each(ALTERNATIVES.map(({ name }) => name))('%s is a setting that an allocator can be made of', (name) => {
    expect(() => makePipeline(withAlternative(loadScenario('production').settings, name))).not.toThrow();
  });

  test('an unknown one is told with those that are known', () => {
    expect(() => withAlternative(story.settings, 'hope')).toThrow(/^setting: hope \(expected: one of as-it-was, .+\)$/);
  });
});

test('a run ends at its first failure', () => {
  const run = runToFailure(loadScenario('story-serial'), 1, 3);
  expect(run.firstFailure).toMatchObject({ cause: 'huge' });
  expect(run.days).toBe(1);
});

test('worker threads give what one thread gives, in the order of the plans', async () => {
  const plans = [3, 1, 2].map((seed) => ({ scenario: story, seed, days: DAYS }));
  const shares: number[] = [];
  const results = await runAll(plans, { workers: 2, onProgress: (share) => shares.push(share) });
  expect(results).toEqual(plans.map(({ scenario, seed, days }) => runToFailure(scenario, seed, days)));
  expect(shares.at(-1)).toBe(1);
});

test('jobs that have not begun when it is broken off are null', async () => {
  const abort = new AbortController();
  abort.abort();
  expect(await runAll([{ scenario: story, seed: 1, days: DAYS }], { workers: 1, signal: abort.signal })).toEqual([null]);
});

test('the story’s upload under several settings: unpooled survives and comes before what failed', async () => {
  const settings = ['as-it-was', 'unpooled', 'more-memory'];
  const { rows } = await compare(story, { settings, seeds: [1], days: DAYS, workers: 1 });
  expect(rows.map(({ setting, survived }) => [setting, survived])).toEqual([
    ['unpooled', 1],
    ['more-memory', 1],
    ['as-it-was', 0],
  ]);
});

test('a row sums up its runs', () => {
  const counts = { completed: 90, failed: 0, refused: 10 };
  const run = (seed: number, day: number | null, cause: 'huge' | 'chunk' = 'huge'): RunSummary => ({
    seed,
    days: 100,
    firstFailure:
      day === null
        ? null
        : { simSeconds: (day - 0.5) * 86_400, cause, source: 'a', bodyBytes: 1, receivedBytes: 1, askedBytes: 1, reservedBytes: 1, limitBytes: 1, arena: 0 },
    requests: counts,
    requestsBySource: { a: counts },
    peakReservedBytes: seed,
    meanRetainedBytes: seed,
    meanStrandedBytes: 0,
    copiedBytes: 100,
    chunks: 1,
    strandedChunks: 0,
  }); // prettier-ignore
  expect(rowOf('as-it-was', [run(1, 30, 'chunk'), run(2, null), run(3, 20)])).toMatchObject({
    survived: 1,
    failureDays: [20, 30],
    failures: { huge: 1, chunk: 1 },
    peakReservedBytes: 3,
    meanRetainedBytes: 2,
    copiedBytesPerDay: 1,
    refusedShare: expect.closeTo(0.1) as number,
    refusedBySource: { a: expect.closeTo(0.1) as number },
  });
});

test('the median is the middle one, the lower of two', () => {
  expect([medianOf([]), medianOf([1]), medianOf([1, 2]), medianOf([1, 2, 9])]).toEqual([undefined, 1, 1, 2]);
});
