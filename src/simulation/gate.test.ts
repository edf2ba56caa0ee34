import { describe, expect, test } from 'vitest';
import type { Scenario, ScenarioSettings } from '../workload/index.ts';
import { loadScenario } from './scenario-store.ts';
import { Simulation, type SimulationListener } from './simulation.ts';

const LIMIT = 400 * 2 ** 20; // 21 chunks, one in each arena, take 336 MiB of it
const production = loadScenario('production');
const { batches } = production.traffic;
const busy = { ...production.traffic, batches: { ...batches!, perDay: 2 } };
const scenario = (backPressure: ScenarioSettings['backPressure']): Scenario => ({
  ...production,
  traffic: busy,
  settings: { ...production.settings, limit: LIMIT, arenas: 21, backPressure },
});

function run(backPressure: ScenarioSettings['backPressure'], days: number) {
  const changes: boolean[] = [];
  const listener: SimulationListener = { backPressureChanged: (reading) => void changes.push(reading) };
  const simulation = new Simulation({ scenario: scenario(backPressure), seed: 1, listeners: [listener] });
  simulation.advance(days * 86_400);
  return { result: simulation.result(), changes, simulation };
}

describe('back-pressure', () => {
  test('refusing large uploads below a headroom turns only those away', () => {
    const { requestsBySource } = run({ mode: 'refuse', low: 200e6, from: 1e6 }, 3).result;
    expect(requestsBySource.small!.refused).toBe(0);
    expect(requestsBySource.medium!.refused).toBe(0);
    expect(requestsBySource.batches!.refused + requestsBySource.rare!.refused).toBeGreaterThan(0);
  });

  test('a watermark that stays under water turns all clients away, and never runs out', () => {
    const { result, changes, simulation } = run({ mode: 'watermark', low: 100 * 2 ** 20, high: 120 * 2 ** 20, patience: 60 }, 2);
    expect(changes[0]).toBe(false);
    expect(result.requests.refused).toBeGreaterThan(10_000);
    expect(result.requests.failed).toBe(0);
    simulation.finish();
    expect(simulation.tally.heldBytes).toBe(0);
  });

  test('with one message at a time on a connection, less is held at once', () => {
    const [off, one] = [run({ mode: 'off' }, 4), run({ mode: 'connection' }, 4)];
    expect(one.result.peakHeldBytes).toBeLessThan(off.result.peakHeldBytes);
  });
});
