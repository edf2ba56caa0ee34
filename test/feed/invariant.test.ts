// The promise of the feed, over real sockets: whatever happens to a connection, the state that a client has rebuilt at a sequence number
// is the service's own at that number.
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { snapshot } from '../../src/allocator/index.ts';
import { FeedClient } from '../../src/client/index.ts';
import { Feed } from '../../src/feed/index.ts';
import { Random } from '../../src/workload/index.ts';
import { createAllocator, Load, type Running, startFeed, turn, until } from './harness.ts';

const [CLIENTS, DISCONNECTS, TURNS_AT_LEAST] = [8, 1000, 2500] as const;
const FAT_CHARACTERS = 60_000; // of some events, so that a client that does not read fills its buffers

let running: Running | null = null;
afterEach(() => running?.stop());

/** A client whose state is held against the service's at every sequence number that is known. */
class Witness {
  readonly client: FeedClient;
  readonly sockets: WebSocket[] = [];
  checks = 0;
  differences: string[] = [];
  pausedTurns = 0;

  constructor({ url, clock }: Running, states: ReadonlyMap<number, string>, random: Random) {
    const { sockets } = this;
    class Tracked extends WebSocket {
      constructor(address: string) {
        super(address);
        sockets.push(this);
      }
    }
    const compare = (): void => {
      const expected = states.get(this.client.sequence!);
      if (expected === undefined) return;
      this.checks++;
      const got = JSON.stringify(this.client.state);
      if (got !== expected) this.differences.push(`at ${this.client.sequence}:\n${got}\n${expected}`);
    };
    this.client = new FeedClient({
      url,
      WebSocket: Tracked,
      random: () => random.unit(),
      after: clock.after,
      listener: { onEvent: compare, onSnapshot: compare, onCaughtUp: compare },
    });
    this.client.start();
  }

  get socket(): WebSocket | undefined {
    return this.sockets.at(-1);
  }

  /** Cut off without a word, as a network does. */
  cut(): boolean {
    if (this.client.status !== 'live' || this.pausedTurns > 0) return false;
    this.socket!.terminate();
    return true;
  }

  pause(turns: number): void {
    if (this.client.status !== 'live') return;
    this.pausedTurns = turns;
    this.socket!.pause();
  }

  endTurn(): void {
    if (this.pausedTurns > 0 && --this.pausedTurns === 0) this.socket!.resume();
  }
}

test('the rebuilt state is the service’s own at every sequence number, through 1,000 disconnects and slow reading', async () => {
  running = await startFeed({ ringEvents: 256, limits: { pendingBytes: 100_000 } });
  const { feed, allocator, clock, attached } = running;
  const random = new Random(20_261_122, 'feed');
  const states = new Map<number, string>([[0, JSON.stringify(feed.state())]]);
  const load = new Load(allocator, random);
  const witnesses = Array.from({ length: CLIENTS }, (_, i) => new Witness(running!, states, new Random(i, 'witness')));

  let disconnects = 0;
  for (let turns = 0; disconnects < DISCONNECTS || turns < TURNS_AT_LEAST; turns++) {
    for (let i = 0; i < 12; i++) {
      load.step();
      if (random.unit() < 0.02) feed.publish({ type: 'settings.changed', settings: { seed: 'x'.repeat(FAT_CHARACTERS) } });
      states.set(feed.last, JSON.stringify(feed.state()));
    }
    const witness = witnesses[Math.floor(random.unit() * CLIENTS)]!;
    if (disconnects < DISCONNECTS && random.unit() < 0.6 && witness.cut()) disconnects++;
    if (turns % 800 === 0) witnesses[0]!.pause(700);
    clock.advance(0.02);
    for (const each of witnesses) each.endTurn();
    await turn();
  }
  for (const each of witnesses) if (each.pausedTurns > 0) each.socket!.resume();
  await until(() => {
    clock.advance(0.02);
    return witnesses.every(({ client }) => client.sequence === feed.last);
  });

  const counts = witnesses.map(({ client }) => client.counts);
  const sum = (name: keyof (typeof counts)[number]): number => counts.reduce((total, count) => total + count[name], 0);
  expect(witnesses.flatMap(({ differences }) => differences)).toEqual([]);
  for (const { client } of witnesses) expect(client.state).toEqual(feed.state());
  expect(sum('gaps')).toBe(0);
  // The way there was as rough as it was meant to be.
  expect(disconnects).toBe(DISCONNECTS);
  expect(witnesses.every(({ checks }) => checks > 1000)).toBe(true);
  const { begun, ended } = attached.sample();
  expect(begun.resumed).toBeGreaterThan(500);
  expect(begun.gone).toBeGreaterThan(0);
  expect(ended.too_slow).toBeGreaterThan(0);
  const { events } = attached.sample();
  for (const type of ['chunk.created', 'chunk.moved', 'chunk.destroyed', 'huge.taken', 'huge.released', 'memory.exhausted', 'cache.trimmed'] as const)
    expect(events[type], type).toBeGreaterThan(100); // prettier-ignore
  for (const each of witnesses) each.client.stop();
});

test.each(['4.1.0.CR3', '4.1.48.Final'] as const)('the service’s own state is what the allocator’s snapshot says (%s)', (version) => {
  const allocator = createAllocator(version);
  const feed = new Feed({ allocator, id: 'run' });
  allocator.listener = feed.listener;
  const load = new Load(allocator, new Random(7, 'feed'));
  for (let i = 0; i < 3000; i++) {
    load.step();
    if (i % 50 > 0) continue;
    const whole = snapshot(allocator);
    const state = feed.state();
    expect(state).toMatchObject({
      limitBytes: whole.limitBytes,
      reservedBytes: whole.reservedBytes,
      hugeBytes: whole.hugeBytes,
      hugeCount: whole.hugeCount,
      exhausted: whole.exhausted,
    });
    const idsOf = (lists: readonly { name: string; chunks: readonly { id: number }[] }[]) =>
      Object.fromEntries(lists.map(({ name, chunks }) => [name, chunks.map(({ id }) => id)]));
    expect(
      state.arenas.map(({ lists }) => idsOf(Object.entries(lists).map(([name, chunks]) => ({ name, chunks })))),
    ).toEqual(whole.arenas.map(({ lists }) => idsOf(lists))); // prettier-ignore
  }
});
