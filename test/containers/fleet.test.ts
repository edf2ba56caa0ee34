// The profile `fleet`: three services that nobody listed, found by DNS, their samples handed on to the first Prometheus.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../programs.ts';
import { Stack, until } from './stack.ts';

const docker = needs('docker');
const MINUTES = 60_000;

describe.skipIf(!docker.available)('docker compose --profile fleet up', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await Stack.up(docker.path, { HISTORY_DAYS: '0' }, 'fleet');
  }, 10 * MINUTES);
  afterAll(() => stack?.down(), 2 * MINUTES); // there is none where `up` failed

  test('the first Prometheus holds the series of all three, and of the service that it scrapes itself', async () => {
    const count = (job: string) => stack.value(`count(direct_memory_limit_bytes{job="${job}"})`);
    await until('three services', async () => (await count('fleet')) === 3);
    expect(await count('arenascope')).toBe(1);
  });

  test('their series say which fleet they are of, and have an instance each', async () => {
    const series = await until('three of them', async () => {
      const up = await stack.prometheus.instant('up{job="fleet"}', Date.now() / 1000);
      return up.length === 3 && up;
    });
    expect(new Set(series.map(({ metric }) => metric.instance)).size).toBe(3);
    expect(series.map(({ metric }) => metric.fleet)).toEqual(['demo', 'demo', 'demo']);
  });
});
