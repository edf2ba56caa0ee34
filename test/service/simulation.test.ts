// Simulated days beside real traffic, on a clock that is turned by hand: pace, control, and that nothing stays behind.
import { describe, expect, test } from 'vitest';
import { check, snapshot } from '../../src/allocator/index.ts';
import type { Explanation } from '../../src/explain/index.ts';
import { loadScenario, Simulation } from '../../src/simulation/index.ts';
import { type Running, start, until } from './harness.ts';

const DAY = 86_400;

/** Turn the clock in steps no longer than what the simulation makes up for. */
function turn({ clock }: Running, seconds: number): void {
  for (let i = 0; i < seconds * 10; i++) clock!.turn(0.1);
}

async function change(url: string, body: unknown): Promise<Response> {
  return fetch(`${url}/api/simulation`, { method: 'POST', body: JSON.stringify(body) });
}

async function stateOf(url: string) {
  return (await (await fetch(`${url}/api/simulation`)).json()) as Record<string, never> & {
    simSeconds: number;
    requests: { completed: number };
  };
}

describe('the simulation', () => {
  test('goes on at the speed that was asked for: a day each 10 s by default', async () => {
    const one = await start(['--scenario=steady-small'], { manualClock: true });
    turn(one, 10);
    const { simSeconds, requests } = await stateOf(one.url);
    expect(simSeconds).toBeGreaterThan(0.97 * DAY);
    expect(simSeconds).toBeLessThanOrEqual(DAY);
    expect(requests.completed).toBeGreaterThan(1000);
  });

  test('makes the decisions of the same scenario and seed offline', async () => {
    const one = await start(['--scenario=production', '--seed=7', '--arenas=21', '--event-loops=32'], { manualClock: true });
    turn(one, 5);
    const live = one.service.simulation;
    const offline = new Simulation({ scenario: loadScenario('production'), seed: 7 });
    offline.advance(live.simSeconds!);
    const lists = (allocator: Simulation['allocator']) =>
      snapshot(allocator).arenas.map(({ lists, allocations }) => ({ lists, allocations }));
    expect(lists(one.service.runtime.allocator)).toEqual(lists(offline.allocator));
    expect(live.sample()!.requests.completed).toBe(offline.result().requests.completed);
  });

  test('shares its arenas with real requests, whose bytes come back whole', async () => {
    const one = await start(['--scenario=production'], { manualClock: true });
    turn(one, 2);
    const body = Buffer.alloc(3_000_000, 'arenascope');
    const before = snapshot(one.service.runtime.allocator).requestedBytes;
    const echoed = await (await fetch(`${one.url}/echo`, { method: 'POST', body })).arrayBuffer();
    expect(Buffer.from(echoed).equals(body)).toBe(true);
    expect(snapshot(one.service.runtime.allocator).requestedBytes).toBeGreaterThan(before);
    turn(one, 1);
    check(one.service.runtime.allocator);
  });

  test('stands still while paused, and goes on from there', async () => {
    const one = await start(['--scenario=steady-small', '--paused=on'], { manualClock: true });
    turn(one, 3);
    expect((await stateOf(one.url)).simSeconds).toBe(0);
    await change(one.url, { paused: false, speed: 100 });
    turn(one, 3);
    const { simSeconds } = await stateOf(one.url);
    expect(simSeconds).toBeGreaterThan(280);
    expect(simSeconds).toBeLessThanOrEqual(300);
  });

  test('begins anew with an empty allocator when scenario, seed or settings change', async () => {
    const one = await start(['--scenario=production'], { manualClock: true });
    turn(one, 2);
    const old = one.service.runtime.allocator;
    expect(old.memory.reservedBytes).toBeGreaterThan(0);
    const answer = await change(one.url, {
      scenario: 'story-serial',
      seed: 5,
      settings: { 'netty-version': '4.1.48.Final', 'max-order': 10 },
    });
    expect(await answer.json()).toMatchObject({ scenario: 'story-serial', seed: 5, simSeconds: 0, settings: { 'max-order': '10' } });
    const { allocator } = one.service.runtime;
    expect([old.memory.reservedBytes, allocator.memory.reservedBytes]).toEqual([0, 0]);
    expect([allocator.profile.version, allocator.geometry.maxOrder]).toEqual(['4.1.48.Final', 10]);
    const sent = await fetch(`${one.url}/`, { method: 'PUT', body: Buffer.alloc(100_000) }); // on a connection opened before
    expect(await sent.json()).toMatchObject({ bytes: 100_000 });
  });

  test('replays: the same seed comes to the same state again', async () => {
    const one = await start(['--scenario=production', '--seed=3'], { manualClock: true });
    const stateAt = () => snapshot(one.service.runtime.allocator).arenas.map(({ lists }) => lists);
    turn(one, 3);
    const [first, time] = [stateAt(), one.service.simulation.simSeconds];
    await change(one.url, { reset: true });
    turn(one, 3);
    expect(one.service.simulation.simSeconds).toBe(time);
    expect(stateAt()).toEqual(first);
  });

  test('does not begin anew while a real request is under way', async () => {
    const one = await start(['--scenario=none', '--peer-latency=100s'], { manualClock: true });
    const held = fetch(`${one.url}/`, { method: 'PUT', body: Buffer.alloc(1000) });
    await until(() => one.service.traffic.underWay > 0);
    const answer = await change(one.url, { scenario: 'production' });
    expect([answer.status, await answer.json()]).toEqual([409, expect.objectContaining({ code: 'BUSY' })]);
    one.clock!.turn(101);
    expect((await held).status).toBe(200);
    expect((await change(one.url, { scenario: 'production' })).status).toBe(200);
  });

  test.each([
    [{ speed: 'fast' }, 'speed'],
    [{ speed: -1 }, 'speed: -1'],
    [{ scenario: 'productoin' }, 'scenario: productoin (expected: one of none, healthy'],
    [{ settings: { port: 80 } }, 'settings: port (expected: any of direct-memory'],
    [{ settings: { arenas: 0 } }, 'arenas: 0 (expected: auto, or a whole number'],
    [{ unknown: 1 }, 'unknown'],
  ])('refuses %j and changes nothing', async (body, detail) => {
    const { url } = await start(['--scenario=steady-small', '--paused=on'], { manualClock: true });
    const before = await stateOf(url);
    const answer = await change(url, body);
    expect(answer.status).toBe(400);
    const problem = (await answer.json()) as { code: string; detail: string };
    expect(problem.code).toBe('BAD_BODY');
    expect(problem.detail).toContain(detail);
    expect(await stateOf(url)).toEqual(before);
  });

  test('shows at /metrics where it is', async () => {
    const one = await start(['--scenario=steady-small'], { manualClock: true });
    turn(one, 4);
    const text = await (await fetch(`${one.url}/metrics`)).text();
    const value = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
    expect(value('simulation_time_seconds')).toBe(one.service.simulation.simSeconds);
    expect(value('simulation_days')).toBeCloseTo(one.service.simulation.simSeconds! / DAY);
    expect(value('simulation_speed_ratio')).toBeCloseTo(8640, -2);
    expect(value('simulation_requests_total\\{outcome="completed"\\}')).toBeGreaterThan(0);
    expect(value('pipeline_message_size_bytes_count')).toBe(value('simulation_requests_total\\{outcome="completed"\\}'));
  });
});

test('the feed tells whose request found no memory', async () => {
  const { url } = await start(['--direct-memory=32m', '--arenas=1']);
  const socket = new WebSocket(`${url.replace('http', 'ws')}/events?types=memory.exhausted`);
  const events: unknown[] = [];
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(String(data)) as { events?: unknown[] };
    events.push(...(message.events ?? []));
  };
  await until(() => socket.readyState === WebSocket.OPEN);
  const answer = await fetch(`${url}/ingest`, { method: 'POST', body: Buffer.alloc(30_000_000) });
  expect(answer.status).toBe(503);
  await until(() => events.length > 0);
  expect(events[0]).toMatchObject({ type: 'memory.exhausted', request: 'POST /ingest', limitBytes: 2 ** 25 });
  socket.close();
});

test('what real requests leave in caches is dated in simulated time beside a simulation, in real time without, and explain says which', async () => {
  for (const [scenario, simulated, age] of [
    ['story-serial', true, 8640 * 40], // its 40 messages are over in the first turn: nobody else touches what the request leaves
    ['none', false, 40],
  ] as const) {
    const one = await start([`--scenario=${scenario}`, '--speed=8640', '--event-loops=1', '--arenas=1'], { manualClock: true });
    turn(one, 1);
    await fetch(`${one.url}/ingest`, { method: 'POST', body: Buffer.alloc(200_000) });
    await until(() => snapshot(one.service.runtime.allocator).liveBuffers === 0); // the answer is sent
    turn(one, 40);
    const answer = (await (await fetch(`${one.url}/api/explain`)).json()) as Explanation;
    expect(answer.simulated).toBe(simulated);
    expect(answer.clock).toBeCloseTo(one.service.simulation.simSeconds ?? 41, 4);
    const ages = answer.chunks.flatMap(({ cached }) => cached.map(({ newestAge }) => newestAge));
    expect(Math.abs(Math.min(...ages) - age) / age).toBeLessThan(0.05);
    const text = await (await fetch(`${one.url}/api/explain?format=text`)).text();
    expect(text.includes('Ages are in simulated time')).toBe(simulated);
  }
});
