import { describe, expect, test } from 'vitest';
import { NONE, PooledAllocator } from '../allocator/index.ts';
import type { EventBody, ServerMessage } from '../client/index.ts';
import { Feed } from './feed.ts';
import { makeFilter } from './filter.ts';
import { Hub } from './hub.ts';
import { DEFAULT_LIMITS, type HubLimits } from './limits.ts';
import { type Asked, readQuery } from './request.ts';
import type { Peer } from './subscriber.ts';

class FakePeer implements Peer {
  bufferedAmount = 0;
  readonly frames: Buffer[] = [];
  readonly dones: (() => void)[] = [];
  pings = 0;
  closedWith: { code: number; reason: string } | null = null;
  isTerminated = false;
  send(frame: Buffer, done?: () => void): void {
    this.frames.push(frame);
    if (done !== undefined) this.dones.push(done);
  }
  ping(): void {
    this.pings++;
  }
  close(code: number, reason: string): void {
    this.closedWith = { code, reason };
  }
  terminate(): void {
    this.isTerminated = true;
  }
  get messages(): ServerMessage[] {
    return this.frames.map((frame) => JSON.parse(frame.toString()) as ServerMessage);
  }
  types(): string[] {
    return this.messages.map(({ type }) => type);
  }
  last<T extends ServerMessage['type']>(type: T): ServerMessage<T> {
    return this.messages.findLast((message) => message.type === type) as ServerMessage<T>;
  }
}

const settings = (name: string): EventBody => ({ type: 'settings.changed', settings: { name } });
const trimmedIn = (arena: number): EventBody => ({ type: 'cache.trimmed', arena, eventLoop: 0, entries: 1 });

/** A hub whose turns end, and whose heartbeats come, when the test says so. */
function setUp(limits: Partial<HubLimits> = {}, ringEvents = 64) {
  const allocator = new PooledAllocator({ directArenas: 2, limitBytes: 2 ** 26, memory: 'none' });
  const feed = new Feed({ allocator, id: 'run-1', ringEvents, wallMillis: () => 1000, simSeconds: () => 2.5 });
  allocator.listener = feed.listener;
  const turns: (() => void)[] = [];
  let heartbeat: (() => void) | null = null;
  const hub = new Hub(feed, {
    limits: { ...DEFAULT_LIMITS, ...limits },
    heartbeatSeconds: 15,
    after: (_, run) => {
      heartbeat = run;
      return () => (heartbeat = null);
    },
    soon: (run) => turns.push(run),
  });
  const endTurn = (): void => turns.splice(0).forEach((run) => run());
  const connect = (query = '') => {
    const peer = new FakePeer();
    const subscriber = hub.connect(peer, readQuery(new URLSearchParams(query), 2));
    return { peer, subscriber };
  };
  const publish = (...bodies: EventBody[]): void => bodies.forEach((body) => feed.publish(body));
  return { allocator, feed, hub, turns, endTurn, connect, publish, beat: () => heartbeat!(), isBeating: () => heartbeat !== null };
}

describe('a client without `since`', () => {
  test('is greeted, gets the state, and is told that this is all', () => {
    const { connect, publish, feed } = setUp();
    publish(settings('a'));
    const { peer } = connect();
    expect(peer.messages).toMatchObject([
      { type: 'hello', protocol: 1, feed: 'run-1', first: 1, last: 1, heartbeatSeconds: 15, limits: { ringEvents: 64, clients: 1024 } },
      { type: 'snapshot', sequence: 1, state: feed.state() },
      { type: 'heartbeat', first: 2, last: 1 },
    ]);
  });

  test('gets the events of one turn in one frame', () => {
    const { connect, publish, endTurn } = setUp();
    const { peer } = connect();
    publish(settings('a'), settings('b'));
    expect(peer.types()).not.toContain('events');
    endTurn();
    expect(peer.last('events')).toEqual({
      type: 'events', first: 1, last: 2, skipped: 0,
      events: [
        { sequence: 1, wallMillis: 1000, simSeconds: 2.5, ...settings('a') },
        { sequence: 2, wallMillis: 1000, simSeconds: 2.5, ...settings('b') },
      ],
    }); // prettier-ignore
  });

  test('gets what the allocator tells, field by field', () => {
    const { connect, endTurn, allocator, feed } = setUp();
    const { peer } = connect();
    const cache = allocator.createThreadCache();
    feed.request = '17';
    const half = allocator.allocate(cache, 2 ** 23);
    const large = allocator.allocate(cache, 20_000_000);
    expect(allocator.allocate(cache, 50_000_000)).toBe(NONE);
    allocator.release(large);
    allocator.release(half);
    endTurn();
    const chunk = { arena: 0, chunk: 0 };
    expect(peer.last('events').events).toMatchObject([
      { type: 'chunk.created', ...chunk, bytes: 2 ** 24, list: 'q025', usagePercent: 50, freeBytes: 2 ** 23 },
      { type: 'huge.taken', arena: 0, huge: 0, bytes: 20_000_000 },
      { type: 'memory.exhausted', arena: 0, cause: 'huge', askedBytes: 50_000_000, reservedBytes: 36_777_216, limitBytes: 2 ** 26, request: '17' },
      { type: 'huge.released', arena: 0, huge: 0, bytes: 20_000_000 },
      { type: 'chunk.moved', ...chunk, from: 'q025', to: 'q000', usagePercent: 0, freeBytes: 2 ** 24 },
    ]); // prettier-ignore
  });

  test('shares its frames with all of the same filter', () => {
    const { connect, publish, endTurn } = setUp();
    const [one, other] = [connect('types=settings.changed'), connect('types=settings.changed')];
    publish(settings('a'));
    endTurn();
    expect(one.peer.frames.at(-1)).toBe(other.peer.frames.at(-1));
  });
});

describe('a client with `since`', () => {
  test('gets exactly the events after it', () => {
    const { connect, publish } = setUp();
    publish(settings('a'), settings('b'), settings('c'));
    const { peer } = connect('since=1&feed=run-1');
    expect(peer.types()).toEqual(['hello', 'events']);
    expect(peer.last('events').events.map(({ sequence }) => sequence)).toEqual([2, 3]);
    peer.dones[0]!();
    expect(peer.messages.at(-1)).toEqual({ type: 'heartbeat', first: 4, last: 3 });
  });

  test('gets nothing where it has everything', () => {
    const { connect, publish } = setUp();
    publish(settings('a'));
    expect(connect('since=1').peer.types()).toEqual(['hello', 'heartbeat']);
  });

  test('gets replayed events one frame at a time, at its own pace, then goes live without a hole', () => {
    const { connect, publish, endTurn } = setUp({}, 8192);
    for (let i = 0; i < 2000; i++) publish(settings(String(i)));
    const { peer } = connect('since=0');
    publish(settings('meanwhile'));
    endTurn();
    expect(peer.types()).toEqual(['hello', 'events']);
    while (peer.dones.length > 0) peer.dones.shift()!();
    publish(settings('live'));
    endTurn();
    const frames = peer.messages.filter((message) => message.type === 'events');
    expect(frames.map(({ first, last }) => [first, last])).toEqual([[1, 1024], [1025, 2001], [2002, 2002]]); // prettier-ignore
  });

  test.each([
    ['no longer held', 'since=3'],
    ['of another run', 'since=9&feed=run-0'],
  ])('is told that they are gone where they are %s, and gets a snapshot', (_, query) => {
    const { connect, publish, hub } = setUp({}, 4);
    for (let i = 0; i < 10; i++) publish(settings(String(i)));
    const { peer } = connect(query);
    expect(peer.types()).toEqual(['hello', 'gone', 'snapshot', 'heartbeat']);
    expect(peer.last('gone')).toMatchObject({ first: 7 });
    expect(hub.sample().begun).toEqual({ snapshot: 0, resumed: 0, gone: 1 });
  });

  test('is told so where the ring overtakes its reading', () => {
    const { connect, publish, endTurn } = setUp({}, 2048);
    for (let i = 0; i < 2048; i++) publish(settings(String(i)));
    const { peer } = connect('since=0');
    for (let i = 0; i < 2048; i++) publish(settings(String(i)));
    endTurn();
    peer.dones[0]!();
    expect(peer.types()).toEqual(['hello', 'events', 'gone', 'snapshot', 'heartbeat']);
  });

  test('is refused where it comes from the future', () => {
    const { connect, hub } = setUp();
    const { peer, subscriber } = connect('since=1');
    expect(peer.last('error')).toEqual({ type: 'error', code: 'FUTURE', detail: 'since: 1 (expected: at most 0)' });
    expect(peer.closedWith).toEqual({ code: 4416, reason: 'future' });
    hub.disconnected(subscriber);
    expect(hub.sample()).toMatchObject({ clients: 0, ended: { future: 1 } });
  });
});

describe('filters', () => {
  test('leave events out and mark the gap', () => {
    const { connect, publish, endTurn } = setUp();
    const { peer } = connect('types=cache.trimmed&arenas=1');
    publish(trimmedIn(0), trimmedIn(1), settings('a'), trimmedIn(1));
    endTurn();
    expect(peer.last('events')).toMatchObject({ first: 1, last: 4, skipped: 2, events: [{ sequence: 2 }, { sequence: 4 }] });
  });

  test('make the next frame or heartbeat account for turns of which nothing passed', () => {
    const { connect, publish, endTurn, beat } = setUp();
    const { peer } = connect('types=cache.trimmed');
    publish(settings('a'));
    endTurn();
    expect(peer.types()).not.toContain('events');
    publish(trimmedIn(0));
    endTurn();
    expect(peer.last('events')).toMatchObject({ first: 1, last: 2, skipped: 1 });
    publish(settings('b'));
    beat();
    expect(peer.last('heartbeat')).toEqual({ type: 'heartbeat', first: 3, last: 3 });
  });

  test('let events of no arena pass whatever the arenas', () => {
    const { connect, publish, endTurn } = setUp();
    const { peer } = connect('arenas=1');
    publish(settings('a'), trimmedIn(0));
    endTurn();
    expect(peer.last('events')).toMatchObject({ skipped: 1, events: [{ type: 'settings.changed' }] });
  });

  test('can be changed: what has happened passes by the old one', () => {
    const { connect, publish, endTurn } = setUp();
    const { peer, subscriber } = connect('types=cache.trimmed');
    publish(settings('a'), trimmedIn(0));
    subscriber.onMessage('{"type":"subscribe","types":["settings.changed"],"arenas":null}');
    expect(peer.types().slice(-3)).toEqual(['events', 'heartbeat', 'subscribed']);
    expect(peer.last('subscribed')).toEqual({ type: 'subscribed', sequence: 2, types: ['settings.changed'], arenas: null });
    publish(settings('b'), trimmedIn(0));
    endTurn();
    expect(peer.last('events')).toMatchObject({ first: 3, last: 4, skipped: 1, events: [{ type: 'settings.changed' }] });
  });

  test('decide whether events on demand are made at all', () => {
    const { connect, feed, hub } = setUp();
    const body: EventBody = { type: 'composite.consolidated', source: 'http', eventLoop: 0, arena: 0, bytes: 1 };
    connect();
    feed.publish(body);
    expect([feed.wants('composite.consolidated'), feed.wants('chunk.moved'), feed.last]).toEqual([false, true, 0]);
    const { subscriber } = connect('types=composite.consolidated');
    feed.publish(body);
    expect([feed.wants('composite.consolidated'), feed.last]).toEqual([true, 1]);
    hub.disconnected(subscriber);
    expect(feed.wants('composite.consolidated')).toBe(false);
  });
});

describe('bounds', () => {
  test('end a client with too many unsent bytes, told so, and no other', () => {
    const { connect, publish, endTurn, hub } = setUp({ pendingBytes: 1000 });
    const [slow, quick] = [connect(), connect()];
    slow.peer.bufferedAmount = 1001;
    quick.peer.bufferedAmount = 1000;
    publish(settings('a'));
    endTurn();
    publish(settings('b'));
    endTurn();
    expect(slow.peer.types()).toEqual(['hello', 'snapshot', 'heartbeat', 'too_slow']);
    expect(slow.peer.last('too_slow')).toEqual({ type: 'too_slow', sequence: 0, pendingBytes: 1001 });
    expect(slow.peer.closedWith).toEqual({ code: 4408, reason: 'too_slow' });
    expect(quick.peer.last('events').last).toBe(2);
    expect(hub.clients).toBe(2); // until its connection is closed
    hub.disconnected(slow.subscriber);
    expect(hub.sample()).toMatchObject({ clients: 1, ended: { too_slow: 1, client: 0 } });
  });

  test('hold for different filters, over all clients', () => {
    const { connect, hub } = setUp({ subscriptions: 2 });
    const [first] = [connect(), connect('arenas=0'), connect('arenas=0')];
    const { peer, subscriber } = connect('arenas=1');
    expect(peer.last('error').code).toBe('TOO_MANY');
    expect(peer.closedWith!.code).toBe(4429);
    hub.disconnected(subscriber);
    hub.disconnected(first.subscriber);
    expect(connect('arenas=1').peer.closedWith).toBeNull();
  });

  test('hold for messages between two heartbeats', () => {
    const { connect, beat } = setUp({ messagesPerHeartbeat: 2 });
    const { peer, subscriber } = connect();
    const say = (): void => subscriber.onMessage('{"type":"subscribe"}');
    [say, say, beat, say, say].forEach((act) => act());
    expect(peer.closedWith).toBeNull();
    say();
    expect(peer.closedWith!.code).toBe(4429);
  });

  test('make a very long turn travel in several frames before the ring forgets it', () => {
    const { connect, publish, endTurn } = setUp({}, 16);
    const { peer } = connect();
    for (let i = 0; i < 40; i++) publish(settings(String(i)));
    endTurn();
    const frames = peer.messages.filter((message) => message.type === 'events');
    expect(frames.map(({ first, last }) => [first, last])).toEqual([[1, 16], [17, 32], [33, 40]]); // prettier-ignore
  });
});

describe('mistakes', () => {
  test.each([
    ['since=-1', 'since: "-1" (expected: a sequence number)'],
    ['types=chunk.moved,nonsense', 'types: ["chunk.moved","nonsense"] (expected: null, or at most '],
    ['arenas=2', 'arenas: [2] (expected: null, or at most 2 whole numbers below 2)'],
    ['arenas=x', 'arenas: ["x"]'],
  ])('in the address are answered and end the connection: %s', (query, detail) => {
    const { peer } = setUp().connect(query);
    expect(peer.types()).toEqual(['hello', 'error']);
    expect(peer.last('error').detail).toContain(detail);
    expect(peer.closedWith!.code).toBe(4400);
  });

  test.each([
    ['{', 'message: "{" (expected: JSON)'],
    ['null', 'type: nothing (expected: "subscribe")'],
    ['{"type":"shout"}', 'type: "shout" (expected: "subscribe")'],
    ['{"type":"subscribe","types":"all"}', 'types: "all"'],
    ['{"type":"subscribe","arenas":[0.5]}', 'arenas: [0.5]'],
    [`{"type":"subscribe","types":[${'"chunk.moved",'.repeat(99)}"chunk.moved"]}`, 'types: ["chunk.moved"'],
    [null, 'message: bytes (expected: text)'],
  ])('in a message are answered and end the connection: %s', (text, detail) => {
    const { connect, publish, endTurn } = setUp();
    const { peer, subscriber } = connect();
    subscriber.onMessage(text);
    expect(peer.last('error').detail).toContain(detail);
    expect(peer.last('error').detail.length).toBeLessThan(700);
    expect(peer.closedWith!.code).toBe(4400);
    publish(settings('after'));
    endTurn();
    subscriber.onMessage('{"type":"subscribe"}');
    expect(peer.types().at(-1)).toBe('error');
  });
});

describe('a peer', () => {
  test('is dropped when it has not answered for a heartbeat', () => {
    const { connect, hub, beat, isBeating } = setUp();
    const [quiet, answering] = [connect(), connect()];
    beat();
    answering.subscriber.onPong();
    beat();
    expect([quiet.peer.isTerminated, answering.peer.isTerminated]).toEqual([true, false]);
    hub.disconnected(quiet.subscriber);
    expect(hub.sample().ended.dead).toBe(1);
    hub.disconnected(answering.subscriber);
    expect(isBeating()).toBe(false);
  });

  test('hears of a new allocator by a snapshot, and cannot resume from before it', () => {
    const { connect, publish, endTurn, feed } = setUp();
    const { peer } = connect();
    publish(settings('a'));
    const other = new PooledAllocator({ directArenas: 3, limitBytes: 2 ** 28, memory: 'none' });
    feed.reset(other, 'settings');
    expect(peer.types().slice(3)).toEqual(['events', 'gone', 'snapshot', 'heartbeat']);
    expect(peer.last('snapshot')).toMatchObject({ sequence: 2, state: { limitBytes: 2 ** 28, arenas: [{}, {}, {}] } });
    expect(connect('since=1').peer.types()).toContain('gone');
    expect(connect('since=2').peer.types()).not.toContain('gone');
    publish(settings('b'));
    endTurn();
    expect(peer.last('events')).toMatchObject({ first: 3, last: 3 });
  });

  test('hears nothing more of the allocator that was replaced', () => {
    const { connect, endTurn, feed, allocator } = setUp();
    const cache = allocator.createThreadCache();
    const refs = [allocator.allocate(cache, 100_000), allocator.allocate(cache, 20_000_000)];
    feed.reset(new PooledAllocator({ directArenas: 2, limitBytes: 2 ** 26, memory: 'none' }), 'settings');
    const { peer } = connect();
    for (const ref of refs) allocator.release(ref);
    allocator.allocate(cache, 2 ** 24);
    endTurn();
    expect(peer.types()).not.toContain('events');
    expect(feed.state().reservedBytes).toBe(0);
  });

  test('is told when the service stops', () => {
    const { connect, hub } = setUp();
    const { peer } = connect();
    hub.close();
    expect(peer.closedWith).toEqual({ code: 1001, reason: 'going_away' });
  });
});

test('nothing is scheduled while nobody listens', () => {
  const { publish, turns } = setUp();
  publish(settings('a'));
  expect(turns).toEqual([]);
});

test('equal filters have equal keys, however they were written', () => {
  const asked = readQuery(new URLSearchParams('arenas=1,0&types=huge.taken,chunk.moved'), 2) as Asked;
  expect(asked.filter.key).toBe(makeFilter(['chunk.moved', 'huge.taken'], [0, 1]).key);
});
