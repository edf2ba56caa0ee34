// Every query of every panel, variable and annotation, run by a real Prometheus over half an hour of a service and of a JVM beside it.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../programs.ts';
import { filledIn, panelProblems, variableValues, type Window } from './check-queries.ts';
import { END_SECONDS, historyOf, micrometerHistory, START_SECONDS, STEP_SECONDS } from './history.ts';
import { DASHBOARDS } from './json.ts';
import { LocalPrometheus } from './prometheus.ts';

const promtool = needs('promtool');
const window: Window = { start: START_SECONDS + 10 * STEP_SECONDS, end: END_SECONDS, step: STEP_SECONDS, rateSeconds: 4 * STEP_SECONDS };

describe.skipIf(!promtool.available)('against a real Prometheus', () => {
  let prometheus: LocalPrometheus;

  beforeAll(async () => {
    const samples = (await historyOf('arenascope', '127.0.0.1:3000')) + (await historyOf('arenascope', '127.0.0.1:3001')) + micrometerHistory('netty', '127.0.0.1:8080'); // prettier-ignore
    prometheus = await LocalPrometheus.start(promtool.path, samples);
  });
  afterAll(() => prometheus?.stop()); // there is none where the start failed

  describe.each(DASHBOARDS)('%s', (_, dashboard) => {
    test('every panel has data with the labels of its legend, and no NaN', async () => {
      expect(await panelProblems(prometheus, dashboard, window)).toEqual([]);
    });

    test('every variable has values', async () => {
      const values = await variableValues(prometheus, dashboard, window);
      expect(values.job).toContain('arenascope');
      expect(values.instance).toContain('127.0.0.1:3000');
      if ('arena' in values) expect(values.arena).toEqual(['0', '1']);
    });

    test('every annotation is a query that Prometheus takes', async () => {
      for (const { name, expr } of dashboard.annotations.list ?? []) {
        const series = await prometheus.range(filledIn(expr, window), window.start, window.end, window.step);
        if (name === 'Out of direct memory') expect(series.map(({ metric }) => metric.cause)).toContain('chunk');
      }
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
