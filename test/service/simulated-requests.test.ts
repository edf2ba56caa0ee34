// Simulated requests as events of the feed: made only while some client asks for them, each exactly once.
import { expect, test } from 'vitest';
import type { FeedEvent } from '../../src/client/index.ts';
import { type Running, start, until } from './harness.ts';

const TYPES = ['request.completed', 'request.failed', 'composite.consolidated'] as const;
type Told = FeedEvent<(typeof TYPES)[number]>;

/** A client of the feed that has everything up to some number. */
class Listener {
  readonly events: Told[] = [];
  accounted = 0;
  readonly #socket: WebSocket;

  constructor({ url }: Running, types: readonly string[]) {
    this.#socket = new WebSocket(`${url.replace('http', 'ws')}/events?types=${types.join(',')}`);
    this.#socket.onmessage = ({ data }) => {
      const { type, last, sequence, events } = JSON.parse(String(data)) as { type: string; last: number; sequence: number; events: Told[] };
      if (type === 'events') this.events.push(...events);
      this.accounted = type === 'snapshot' ? sequence : type === 'hello' ? 0 : last;
    };
  }

  /** It is one of the feed's clients, and knows where the feed stands. */
  async begins(): Promise<this> {
    await until(() => this.accounted > 0);
    return this;
  }

  async receivesAll({ service }: Running): Promise<Told[]> {
    await until(() => this.accounted === service.feed.last);
    return this.events;
  }

  async ends({ service }: Running): Promise<void> {
    this.#socket.close();
    await until(() => !service.feed.wants('request.completed'));
  }
}

const countsOf = ({ service }: Running) => TYPES.map((type) => service.metricsText().then((text) => valueOf(text, type)));
const valueOf = (text: string, type: string) => Number(new RegExp(`^feed_events_total\\{type="${type}"\\} (\\d+)$`, 'm').exec(text)?.[1]);
const requestsOf = ({ service }: Running) => ({ ...service.simulation.sample()!.requests });

/** Time goes on in steps no longer than what the simulation makes up for. */
function turn({ clock }: Running, seconds: number): void {
  for (let i = 0; i < seconds * 10; i++) clock!.turn(0.1);
}

test('each request of the simulation is one event while a client asks for it, and none at other times', async () => {
  const one = await start(['--scenario=production', '--direct-memory=96m', '--speed=200'], { manualClock: true });
  one.service.feed.publish({ type: 'settings.changed', settings: {} }); // something to begin after
  turn(one, 1);
  expect(requestsOf(one).completed).toBeGreaterThan(50);
  expect(await Promise.all(countsOf(one))).toEqual([0, 0, 0]);

  const listener = await new Listener(one, TYPES).begins();
  const before = requestsOf(one);
  turn(one, 20);
  const after = requestsOf(one);
  const events = await listener.receivesAll(one);
  const told = (type: string) => events.filter((event) => event.type === type).length;
  expect(told('request.completed')).toBe(after.completed - before.completed);
  expect(told('request.failed')).toBe(after.failed + after.refused - before.failed - before.refused);
  expect(new Set(events.map(({ source }) => source))).toEqual(new Set(['simulation']));

  await listener.ends(one);
  const counts = await Promise.all(countsOf(one));
  turn(one, 1);
  expect(requestsOf(one).completed).toBeGreaterThan(after.completed);
  expect(await Promise.all(countsOf(one))).toEqual(counts);
});

test('an event names the simulated source, its place, its bytes and how long it took in simulated time', async () => {
  const one = await start(['--scenario=story-serial', '--direct-memory=256m', '--speed=1'], { manualClock: true });
  one.service.feed.publish({ type: 'settings.changed', settings: {} });
  const listener = await new Listener(one, TYPES).begins();
  turn(one, 4);
  const events = await listener.receivesAll(one);
  const completed = events.filter((event) => event.type === 'request.completed');
  const consolidated = events.filter((event) => event.type === 'composite.consolidated');
  const exhausted = events.filter((event) => event.type === 'request.failed');
  expect(completed.length).toBeGreaterThan(10);
  for (const event of completed) {
    expect(event).toMatchObject({ source: 'simulation', request: 'uploads', bytes: 20 * 2 ** 20 });
    expect(event.durationSeconds).toBeGreaterThan(0);
    expect(event.durationSeconds).toBeLessThan(event.simSeconds);
  }
  const { loops } = one.service.runtime.pipeline;
  for (const { eventLoop, arena } of events) expect(arena).toBe(loops[eventLoop]!.arena);
  expect(consolidated.length).toBe(loops.reduce((sum, loop) => sum + loop.consolidations, 0));
  expect(consolidated.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(loops.reduce((sum, loop) => sum + loop.copiedBytes, 0));
  expect(exhausted.map(({ outcome }) => outcome)).toEqual(Array<string>(requestsOf(one).failed).fill('exhausted'));
});
