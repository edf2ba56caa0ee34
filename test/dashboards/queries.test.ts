// Every query of every panel, variable and annotation, run by a real Prometheus over half an hour of a service, of a JVM beside it, and over
// the simulated days that end before.
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { DEMO_CLOCK, ruleFile } from '../../src/dashboards/index.ts';
import { needs } from '../programs.ts';
import { filledIn, openedOn, panelProblems, variableValues, type Window, withLeastStep } from './check-queries.ts';
import { END_SECONDS, FAILING_DAYS, historyOf, micrometerHistory, START_SECONDS, STEP_SECONDS, writeFailingDays } from './history.ts';
import { DASHBOARDS, panelsOf } from './json.ts';
import { createBlocks, dataOf, LocalPrometheus } from './prometheus.ts';

const promtool = needs('promtool');
/** As the stack's Prometheus has it. */
const [lookBack] = /--query\.lookback-delta=\w+/.exec(readFileSync(join(import.meta.dirname, '../../docker-compose.yml'), 'utf8'))!;
const window: Window = { start: START_SECONDS + 10 * STEP_SECONDS, end: END_SECONDS, step: STEP_SECONDS, rateSeconds: 4 * STEP_SECONDS };

describe.skipIf(!promtool.available)('against a real Prometheus', () => {
  let prometheus: LocalPrometheus;

  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'arenascope-queries-'));
    await writeFailingDays(folder);
    const samples = (await historyOf('arenascope', '127.0.0.1:3000')) + (await historyOf('arenascope', '127.0.0.1:3001')) + micrometerHistory('netty', '127.0.0.1:8080'); // prettier-ignore
    writeFileSync(join(folder, 'live.om'), `${samples}# EOF\n`);
    for (const file of readdirSync(folder)) createBlocks(promtool.path, ['--quiet', '--max-block-duration=1458h', 'openmetrics', join(folder, file), dataOf(folder)]); // prettier-ignore
    prometheus = await LocalPrometheus.open(promtool.path, folder, lookBack);
  });
  afterAll(() => prometheus?.stop()); // there is none where the start failed

  describe.each(DASHBOARDS)('%s', (name, dashboard) => {
    const range = name === 'simulated-days' ? openedOn(dashboard, window) : window;

    test('every panel has data with the labels of its legend, and no NaN', async () => {
      expect(await panelProblems(prometheus, dashboard, range)).toEqual([]);
    });

    test('every variable has values', async () => {
      const values = await variableValues(prometheus, dashboard, range);
      expect(values.job).toContain('arenascope');
      expect(values.job).not.toContain('history'); // which would be added to what is live
      expect(values.instance).toContain('127.0.0.1:3000');
      if ('arena' in values) expect(values.arena).toEqual(['0', '1']);
    });

    test('every annotation is a query that Prometheus takes', async () => {
      for (const { name: own, expr, step } of dashboard.annotations.list ?? []) {
        const asked = withLeastStep(range, step);
        const series = await prometheus.range(filledIn(expr, asked), asked.start, asked.end, asked.step);
        if (own === 'Out of direct memory')
          expect(series.map(({ metric }) => metric.cause)).toContain(name === 'simulated-days' ? 'huge' : 'chunk');
      }
    });
  });

  describe('the year', () => {
    const [, dashboard] = DASHBOARDS.find(([name]) => name === 'simulated-days')!;
    const { start, end, survivor } = { ...openedOn(dashboard, window), ...FAILING_DAYS };
    /** What an instant panel tells, by setting. */
    const told = async (title: string) => {
      const [target] = panelsOf(dashboard).find((panel) => panel.title === title)!.targets!;
      const asked = withLeastStep({ ...window, start }, target!.interval);
      const series = await prometheus.instant(filledIn(target!.expr, asked), end);
      return Object.fromEntries(series.map(({ metric, values }) => [metric.setting ?? 'all', values[0]]));
    };

    test('tells the day of the first failure, and of every setting the day or none', async () => {
      expect(await told('First failure, on day')).toEqual({ 'as-it-was': FAILING_DAYS.firstFailure });
      expect(await told('First failure on day, by setting')).toEqual({ 'as-it-was': FAILING_DAYS.firstFailure, [survivor]: 0 });
    });

    test('counts the failures of each setting', async () => {
      const { 'as-it-was': failures, [survivor]: survived } = await told('Failed requests, by setting');
      expect(survived).toBe(0);
      expect(failures).toBeGreaterThan(0);
      expect((await told('Failures in this range')).all).toBeCloseTo(failures!);
    });

    test('is the same half an hour off, as east of Suez: each step finds its sample', async () => {
      const shifted = { start: FAILING_DAYS.endSeconds - 86_400 - 1800, end: FAILING_DAYS.endSeconds - 1800, step: 3600 };
      const series = await prometheus.range('direct_memory_headroom_bytes{job="history", setting="as-it-was"}', shifted.start, shifted.end, shifted.step); // prettier-ignore
      expect(series.map(({ values }) => values.length)).toEqual([25]);
    });

    test('is out of sight of the rules that watch what is live', async () => {
      const { groups } = parse(readFileSync(join(import.meta.dirname, '../..', ruleFile(DEMO_CLOCK)), 'utf8')) as { groups: { rules: { expr: string }[] }[] }; // prettier-ignore
      const jobsAt = async (time: number) => {
        const answers = await Promise.all(groups.flatMap(({ rules }) => rules.map(({ expr }) => prometheus.instant(expr, time))));
        return new Set(answers.flat().map(({ metric }) => metric.job));
      };
      expect(await jobsAt(FAILING_DAYS.endSeconds)).toContain('history');
      expect(await jobsAt(END_SECONDS)).toEqual(new Set(['arenascope']));
    });
  });

  test('real Netty services are on their dashboard and on Buffer pools, not on ours', async () => {
    const jobs = async (name: string) => (await variableValues(prometheus, DASHBOARDS.find(([own]) => own === name)![1], window)).job;
    expect(await jobs('netty-fleet')).toEqual(['arenascope', 'netty']);
    expect(await jobs('buffer-pools')).toEqual(['arenascope', 'netty']);
    expect(await jobs('direct-memory')).toEqual(['arenascope']);
  });

  test('the checker notices a metric without data, a lost label, two series of one name, and what is not a number', async () => {
    const problemsOf = (expr: string, legendFormat: string) =>
      panelProblems(prometheus, { panels: [{ type: 'timeseries', title: 'T', targets: [{ refId: 'A', expr, legendFormat }] }] } as never, window); // prettier-ignore
    expect(await problemsOf('direct_memory_headroom', 'x')).toEqual(['T A: no data: direct_memory_headroom']);
    expect(await problemsOf('sum(up)', '{{job}}')).toEqual(['T A: no label job in {}']);
    expect(await problemsOf('direct_memory_limit_bytes', '{{job}}')).toEqual(['T A: two series are called arenascope']);
    expect(await problemsOf('0 * sum(up) / 0', 'x')).toEqual(['T A: NaN in x']);
    expect(await problemsOf('sum(', 'x')).toHaveLength(1);
  });
});
