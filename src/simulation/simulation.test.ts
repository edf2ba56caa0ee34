import { describe, expect, test } from 'vitest';
import { check, type PooledAllocator, snapshot } from '../allocator/index.ts';
import type { Connection, Handler, Message } from '../pipeline/index.ts';
import type { Scenario, ScenarioSettings } from '../workload/index.ts';
import { SimulationError } from './errors.ts';
import { EventLog } from './event-log.ts';
import { readGauges } from './gauges.ts';
import { makePipeline } from './make-pipeline.ts';
import { loadScenario, shippedScenarios } from './scenario-store.ts';
import { Simulation, type SimulationListener } from './simulation.ts';

const DAY = 86_400;
const withSettings = (name: string, settings: Partial<ScenarioSettings>): Scenario => {
  const scenario = loadScenario(name);
  return { ...scenario, settings: { ...scenario.settings, ...settings } };
};

/** Runs with a log of all events; `steps` are the times at which the owner looks. */
function logged(scenario: Scenario, seed: number, steps: readonly number[], slices = false): { log: string; simulation: Simulation } {
  const lines: string[] = [];
  const log = new EventLog((line) => lines.push(line));
  const simulation = new Simulation({ scenario, seed, pipeline: makePipeline(scenario.settings, { listener: log }), listeners: [log] });
  log.now = () => simulation.simSeconds;
  let ticks = 0;
  for (const until of steps) while (!simulation.advance(until, slices ? 0 : Infinity, () => ticks++));
  return { log: lines.join(''), simulation };
}

function liveBuffers(allocator: PooledAllocator): number {
  return snapshot(allocator).liveBuffers;
}

describe('determinism', () => {
  test('the same scenario and seed give the same event log, byte for byte', () => {
    const [one, other] = [logged(loadScenario('production'), 5, [2 * DAY]).log, logged(loadScenario('production'), 5, [2 * DAY]).log];
    expect(one.length).toBeGreaterThan(5_000);
    expect(other).toBe(one);
  });

  test('it makes no difference in which slices the owner lets time go', () => {
    const whole = logged(loadScenario('production'), 6, [DAY]);
    const sliced = logged(loadScenario('production'), 6, Array.from({ length: 100 }, (_, i) => ((i + 1) * DAY) / 100), true); // prettier-ignore
    expect(sliced.log).toBe(whole.log);
    expect(sliced.simulation.result()).toEqual(whole.simulation.result());
  });

  test('another seed gives another log', () => {
    expect(logged(loadScenario('production'), 7, [DAY / 4]).log).not.toBe(logged(loadScenario('production'), 8, [DAY / 4]).log);
  });

  test('a source that is added leaves the arrivals of the others as they are', () => {
    const arrivalsOf = (scenario: Scenario) => {
      const times: number[] = [];
      const noted: SimulationListener = { requestEnded: (source, _, bytes) => void (source === 'medium' && times.push(bytes)) };
      new Simulation({ scenario, seed: 3, listeners: [noted] }).advance(DAY / 2);
      return times;
    };
    const production = loadScenario('production');
    const { medium, small, rare } = production.traffic;
    const [few, more] = [{ medium: medium! }, { another: rare!, medium: medium! }].map((traffic) => arrivalsOf({ ...production, traffic }));
    expect(few!.length).toBeGreaterThan(50);
    expect(more!.slice().sort()).toEqual(few!.slice().sort());
    expect(small).toBeDefined();
  });
});

describe('story-serial', () => {
  test('leaves 14 chunks after 40 bodies of 20 MB, and the 41st fails on a huge allocation, as in the story', () => {
    const chunks: number[] = [];
    const scenario = loadScenario('story-serial');
    const listeners: SimulationListener[] = [{ requestEnded: () => void chunks.push(readGauges(simulation.allocator).chunks) }];
    const simulation: Simulation = new Simulation({ scenario, seed: 1, listeners });
    simulation.advance(DAY);
    const result = simulation.result();
    expect(result.requests).toEqual({ completed: 40, failed: 1, refused: 0 });
    expect(chunks[39]).toBe(14);
    expect(result.firstFailure).toMatchObject({ cause: 'huge', bodyBytes: 20 * 2 ** 20 });
    expect(result.state.strandedChunks).toBe(2); // 0 % in q075, one in each arena
  });

  test('no seed of the first eight keeps it at three chunks an arena', () => {
    for (let seed = 1; seed <= 8; seed++) {
      const simulation = new Simulation({ scenario: loadScenario('story-serial'), seed });
      simulation.advance(DAY);
      expect(simulation.result().peakReservedBytes).toBeGreaterThan(200 * 2 ** 20);
    }
  });
});

test('steady-small stays at one chunk in each arena', () => {
  const simulation = new Simulation({ scenario: loadScenario('steady-small'), seed: 1 });
  simulation.advance(30 * DAY);
  const { state, requests } = simulation.result();
  expect(requests.completed).toBeGreaterThan(40_000);
  expect(state.chunks).toBe(2);
});

test('without an aggregator every message of a batch is read and answered, in its turn', () => {
  const scenario = withSettings('streaming-uploads', { limit: 2 ** 35 });
  const { batches } = scenario.traffic;
  const traffic = { batches: { ...batches!, perDay: 20, messages: { kind: 'fixed', value: 5 } as const } };
  const simulation = new Simulation({ scenario: { ...scenario, traffic }, seed: 1 });
  simulation.advance(DAY);
  simulation.finish();
  const { requests, consolidations } = simulation.result();
  expect(requests.completed).toBeGreaterThan(25);
  expect(requests.completed % 5).toBe(0);
  expect(requests.failed).toBe(0);
  expect(consolidations).toBe(0);
  expect(simulation.tally.heldBytes).toBe(0);
  expect(liveBuffers(simulation.allocator)).toBe(0);
});

describe('the end of traffic', () => {
  test.each(shippedScenarios())('%s: nothing is live, and every invariant of the allocator holds', (name) => {
    const simulation = new Simulation({ scenario: loadScenario(name), seed: 2 });
    simulation.advance(DAY / 8);
    check(simulation.allocator);
    simulation.finish();
    check(simulation.allocator);
    expect(liveBuffers(simulation.allocator)).toBe(0);
    expect(simulation.tally.heldBytes).toBe(0);
  });

  test('a simulation that is stopped in the middle leaves nothing live', () => {
    const simulation = new Simulation({ scenario: loadScenario('production'), seed: 2 });
    for (let until = 100; liveBuffers(simulation.allocator) < 100; until += 0.1) simulation.advance(until);
    simulation.stop();
    expect(liveBuffers(simulation.allocator)).toBe(0);
    check(simulation.allocator);
  });

  test('a production that runs out again and again keeps every invariant, and goes on', () => {
    const scenario = withSettings('production', { limit: 400 * 2 ** 20, arenas: 21 });
    const traffic = { ...scenario.traffic, batches: { ...scenario.traffic.batches!, perDay: 2 } };
    const simulation = new Simulation({ scenario: { ...scenario, traffic }, seed: 1 });
    simulation.advance(5 * DAY);
    check(simulation.allocator);
    const { failures, requests } = simulation.result();
    expect(failures.chunk + failures.huge).toBe(requests.failed);
    expect(requests.failed).toBeGreaterThan(5);
    expect(requests.completed).toBeGreaterThan(300_000);
    simulation.finish();
    expect(liveBuffers(simulation.allocator)).toBe(0);
  });
});

test('gauges are the snapshot’s own sums', () => {
  const simulation = new Simulation({ scenario: loadScenario('production'), seed: 4 });
  simulation.advance(5 * DAY);
  const chunks = snapshot(simulation.allocator).arenas.flatMap((arena) => arena.lists.flatMap((list) => list.chunks));
  const sum = (value: (chunk: (typeof chunks)[number]) => number) => chunks.reduce((total, chunk) => total + value(chunk), 0);
  const gauges = readGauges(simulation.allocator);
  expect(gauges).toMatchObject({
    chunks: chunks.length,
    cachedBytes: sum((chunk) => chunk.cachedBytes),
    subpageBytes: sum((chunk) => chunk.subpageBytes),
    freeBytes: sum((chunk) => chunk.freeBytes),
    liveBytes: sum((chunk) => chunk.liveBytes),
    strandedChunks: chunks.filter((chunk) => chunk.stranded).length,
  });
});

test('each simulated day ends with one sample, whose counts add up to the whole', () => {
  const simulation = new Simulation({ scenario: loadScenario('production'), seed: 4 });
  simulation.advance(3 * DAY);
  const { days, requests } = simulation.result();
  expect(days.map(({ day }) => day)).toEqual([1, 2, 3]);
  expect(days.reduce((sum, day) => sum + day.requests.completed, 0)).toBe(requests.completed);
});

test('owners are told of every hour and day, with the time and the allocator', () => {
  const hours: number[] = [];
  const days: number[] = [];
  const listener: SimulationListener = { hourEnded: (at) => void hours.push(at), dayEnded: (_, at) => void days.push(at) };
  new Simulation({ scenario: loadScenario('steady-small'), seed: 1, listeners: [listener] }).advance(2 * DAY);
  expect(hours).toEqual(Array.from({ length: 48 }, (_, i) => (i + 1) * 3600));
  expect(days).toEqual([DAY, 2 * DAY]);
});

test('simulated and real traffic share one pipeline: real bytes come back, and nothing is live at the end', () => {
  const scenario = loadScenario('story-serial');
  const received: Buffer[] = [];
  const real: Handler = {
    onMessage(_: Connection, message: Message) {
      received.push(Buffer.concat([...message.views()]));
      pipeline.answer(message);
    },
  };
  const pipeline = makePipeline({ ...scenario.settings, limit: 2 ** 30 }, { memory: 'real', handler: real });
  const simulation = new Simulation({ scenario, seed: 1, pipeline });
  const connection = pipeline.open();
  const body = Buffer.from(Array.from({ length: 300_000 }, (_, i) => i % 251));
  for (let i = 0; i < 20; i++) {
    simulation.advance(i * 0.05);
    pipeline.begin(connection, 0, body.length);
    let at = 0;
    while (at < body.length) {
      simulation.advance(i * 0.05 + at / 1e8);
      at += pipeline.read(connection, Math.min(50_000, body.length - at), body, at);
    }
  }
  simulation.finish();
  pipeline.close(connection);
  expect(received.every((bytes) => bytes.equals(body))).toBe(true);
  expect(received.length).toBe(20);
  expect(liveBuffers(pipeline.allocator)).toBe(0);
});

test('a pipeline is driven by one simulation at a time', () => {
  const scenario = loadScenario('steady-small');
  const pipeline = makePipeline(scenario.settings);
  const drive = (seed: number) => new Simulation({ scenario, seed, pipeline });
  const first = drive(1);
  expect(() => drive(2)).toThrow(
    new SimulationError(
      'PIPELINE_IN_USE',
      'pipeline: driven by the simulation of steady-small, seed 1 (expected: one at a time; stop or finish that first)',
    ),
  );
  first.advance(1000);
  first.stop();
  const second = drive(2);
  second.finish();
  drive(3).advance(1000);
  expect(second.result().requests.failed).toBe(0);
});
