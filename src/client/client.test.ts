import { describe, expect, test } from 'vitest';
import { FeedClient, type FeedClientOptions } from './client.ts';
import type { FeedEvent } from './events.ts';
import { CLOSE_CODES, PROTOCOL_VERSION } from './messages.ts';
import type { SocketLike } from './socket.ts';
import type { FeedState } from './state.ts';

const LIMITS = { ringEvents: 8, pendingBytes: 1, messageBytes: 1, clients: 1, subscriptions: 1, messagesPerHeartbeat: 1 };
const HELLO = { type: 'hello', protocol: PROTOCOL_VERSION, feed: 'run-1', first: 1, last: 0, heartbeatSeconds: 10, limits: LIMITS };

const noChunks = () => ({ qInit: [], q000: [], q025: [], q050: [], q075: [], q100: [] });
const stateOf = (reservedBytes: number): FeedState => ({
  chunkBytes: 16,
  limitBytes: 256,
  reservedBytes,
  hugeBytes: 0,
  hugeCount: 0,
  exhausted: { chunk: 0, huge: 0 },
  backPressure: { http: false, simulation: false },
  simulationDay: 0,
  arenas: [{ lists: noChunks(), chunksCreated: 0, chunksDestroyed: 0, hugeBytes: 0 }],
});

const huge = (sequence: number): FeedEvent => ({
  type: 'huge.taken',
  sequence,
  wallMillis: 0,
  simSeconds: 0,
  arena: 0,
  huge: 0,
  bytes: 20,
});
const moved = (sequence: number): FeedEvent => ({
  type: 'chunk.moved', sequence, wallMillis: 0, simSeconds: 0, arena: 0, chunk: 9, from: 'q025', to: 'q050', usagePercent: 50, freeBytes: 8,
}); // prettier-ignore

const frame = (events: readonly FeedEvent[], first = events[0]!.sequence, last = events.at(-1)!.sequence) => ({
  type: 'events',
  first,
  last,
  skipped: last - first + 1 - events.length,
  events,
});

/** A client whose sockets, timers and chance are in the test's hands. */
function setUp(options: Partial<FeedClientOptions> = {}) {
  const sockets: FakeSocket[] = [];
  const timers: { seconds: number; run: () => void }[] = [];
  const told: string[] = [];
  class FakeSocket implements SocketLike {
    onmessage: SocketLike['onmessage'] = null;
    onclose: SocketLike['onclose'] = null;
    onerror: SocketLike['onerror'] = null;
    readonly url: string;
    readonly sent: string[] = [];
    closedWith: number | null = null;
    constructor(url: string) {
      this.url = url;
      sockets.push(this);
    }
    send(text: string): void {
      this.sent.push(text);
    }
    close(code = 1005): void {
      this.closedWith = code;
    }
    says(...messages: object[]): void {
      for (const message of messages) this.onmessage?.({ data: JSON.stringify(message) });
    }
    isClosed(code: number, reason = ''): void {
      this.onclose?.({ code, reason });
    }
  }
  const client = new FeedClient({
    url: 'http://127.0.0.1:1',
    WebSocket: FakeSocket,
    random: () => 0.5,
    after: (seconds, run) => {
      const timer = { seconds, run };
      timers.push(timer);
      return () => void (timers.includes(timer) && timers.splice(timers.indexOf(timer), 1));
    },
    listener: {
      onEvent: ({ sequence }) => told.push(`event ${sequence}`),
      onSnapshot: (_, sequence) => told.push(`snapshot ${sequence}`),
      onCaughtUp: (sequence) => told.push(`caught up ${sequence}`),
      onStatus: (status, why) => told.push(`${status}: ${why}`),
    },
    ...options,
  });
  client.start();
  /** Runs the only timer there is. */
  const wait = (): number => {
    const [timer] = timers.splice(0);
    timer!.run();
    return timer!.seconds;
  };
  return { client, sockets, timers, told, wait, socket: () => sockets.at(-1)! };
}

/** One that has its first snapshot, at sequence number 5. */
function live(options: Partial<FeedClientOptions> = {}) {
  const all = setUp(options);
  all.socket().says(HELLO, { type: 'snapshot', sequence: 5, state: stateOf(0) });
  all.told.length = 0;
  return all;
}

describe('a client', () => {
  test('asks for the feed at the service’s address and takes the snapshot for its state', () => {
    const { client, socket, told } = setUp();
    expect(socket().url).toBe('ws://127.0.0.1:1/events');
    socket().says(HELLO, { type: 'snapshot', sequence: 5, state: stateOf(32) });
    expect(client).toMatchObject({ sequence: 5, status: 'live', state: stateOf(32) });
    expect(told).toEqual(['connecting: ', 'snapshot 5', 'live: ']);
  });

  test('applies each event before it tells of it', () => {
    const { client, socket, told } = live({});
    socket().says(frame([huge(6), huge(7)]));
    expect(client.state).toMatchObject({ reservedBytes: 40, hugeCount: 2 });
    expect(told).toEqual(['event 6', 'event 7', 'caught up 7']);
  });

  test('accounts for what the filter left out', () => {
    const { client, socket } = live();
    socket().says(frame([huge(8)], 6, 9));
    expect(client).toMatchObject({ sequence: 9, counts: { gaps: 0 } });
    socket().says({ type: 'heartbeat', first: 10, last: 12 });
    expect(client).toMatchObject({ sequence: 12, counts: { gaps: 0 } });
  });

  test('passes over what it has been told already', () => {
    const { client, socket, told } = live();
    socket().says(frame([huge(6)]), frame([huge(6), huge(7)]));
    expect(told.filter((line) => line.startsWith('event'))).toEqual(['event 6', 'event 7']);
    expect(client.state!.reservedBytes).toBe(40);
  });

  test.each([
    ['a frame begins too late', frame([huge(7)])],
    ['a frame holds fewer events than it accounts for', { ...frame([huge(6)]), last: 8 }],
    ['a heartbeat begins too late', { type: 'heartbeat', first: 8, last: 7 }],
  ])('notices a gap where %s, and resumes after what it knows', (_, message) => {
    const { client, socket, sockets, wait } = live();
    const [before] = sockets;
    socket().says(message);
    expect(before!.closedWith).toBe(4000);
    expect(client).toMatchObject({ status: 'waiting', sequence: 5, counts: { gaps: 1 } });
    expect(wait()).toBe(0.25); // half of half a second
    expect(socket().url).toBe('ws://127.0.0.1:1/events?since=5&feed=run-1');
  });

  test('drops a state that an event does not fit, and asks for a snapshot', () => {
    const { client, socket, told, wait } = live();
    socket().says(frame([huge(6), moved(7)]));
    expect(told).toContain('waiting: gap: event 7: chunk 9 (expected: in q025 of arena 0)');
    expect(client.state).toBeNull();
    wait();
    expect(socket().url).toBe('ws://127.0.0.1:1/events');
  });

  test('keeps state and place over a connection that was cut, and goes on', () => {
    const { client, socket, wait } = live();
    socket().says(frame([huge(6)]));
    socket().isClosed(1006);
    expect(client).toMatchObject({ status: 'waiting', sequence: 6 });
    wait();
    socket().says(HELLO, frame([huge(7)]));
    expect(client).toMatchObject({ status: 'live', sequence: 7, state: { reservedBytes: 40 } });
  });

  test('takes a new snapshot where the service says that what it knew is gone', () => {
    const { client, socket, wait } = live();
    socket().isClosed(1006);
    wait();
    socket().says({ ...HELLO, feed: 'run-2' }, { type: 'gone', since: 5, first: 1, reason: '' }, { type: 'snapshot', sequence: 1, state: stateOf(16) });
    expect(client).toMatchObject({ sequence: 1, state: stateOf(16), counts: { gone: 1, gaps: 0 } });
    socket().isClosed(1006);
    wait();
    expect(socket().url).toContain('since=1&feed=run-2');
  }); // prettier-ignore

  test('waits up to twice as long after each failure, with jitter, and starts over after success', () => {
    const { socket, wait } = live();
    const pauses = Array.from({ length: 9 }, () => {
      socket().isClosed(1006);
      return wait();
    });
    expect(pauses).toEqual([0.25, 0.5, 1, 2, 4, 8, 15, 15, 15]);
    socket().says(HELLO, { type: 'heartbeat', first: 6, last: 5 });
    socket().isClosed(1006);
    expect(wait()).toBe(0.25);
  });

  test('leaves a service that is silent for two and a half heartbeats', () => {
    const { client, socket, wait, told } = live();
    socket().says({ type: 'heartbeat', first: 6, last: 5 });
    expect(wait()).toBe(25); // heard since
    expect(client.status).toBe('live');
    expect(wait()).toBe(25);
    expect(told).toContain('waiting: silent for 25 s');
    expect(socket().closedWith).toBe(4000);
  });

  test('leaves a service that never says hello', () => {
    const { client, wait } = setUp();
    expect(wait()).toBe(10);
    expect(client.status).toBe('waiting');
  });

  test('does not come back after a mistake of its own', () => {
    const { client, socket, timers, told } = live();
    socket().says({ type: 'error', code: 'BAD_MESSAGE', detail: 'types: "x"' });
    socket().isClosed(CLOSE_CODES.BAD_MESSAGE.code);
    expect(client.status).toBe('refused');
    expect(told).toContain('refused: types: "x"');
    expect(timers).toEqual([]);
  });

  test('refuses a protocol that it does not know', () => {
    const { client, socket } = setUp();
    socket().says({ ...HELLO, protocol: 2 });
    expect(client.status).toBe('refused');
  });

  test('comes back without a place where its place lies in the future', () => {
    const { socket, wait } = live();
    socket().isClosed(CLOSE_CODES.FUTURE.code);
    wait();
    expect(socket().url).toBe('ws://127.0.0.1:1/events');
  });

  test('counts that it was too slow, and resumes', () => {
    const { client, socket, wait } = live();
    socket().says({ type: 'too_slow', sequence: 9, pendingBytes: 1 });
    socket().isClosed(CLOSE_CODES.TOO_SLOW.code);
    wait();
    expect(client.counts.tooSlow).toBe(1);
    expect(socket().url).toContain('since=5');
  });

  test('holds no state where its filter leaves out what the state needs', () => {
    const { client, socket } = setUp({ arenas: [1], types: ['chunk.moved', 'request.failed'] });
    expect(socket().url).toBe('ws://127.0.0.1:1/events?types=chunk.moved%2Crequest.failed&arenas=1');
    socket().says(HELLO, { type: 'snapshot', sequence: 5, state: stateOf(0) }, frame([moved(6)]));
    expect(client).toMatchObject({ state: null, sequence: 6, counts: { events: 1, gaps: 0 } });
  });

  test('changes its filter in place, and asks for a snapshot when it can follow the state again', () => {
    const { client, socket, wait } = live();
    client.subscribe(['request.failed']);
    expect(client.state).toBeNull();
    expect(JSON.parse(socket().sent[0]!)).toEqual({ type: 'subscribe', types: ['request.failed'], arenas: null });
    client.subscribe(null);
    wait();
    expect(socket().url).toBe('ws://127.0.0.1:1/events');
  });

  test('stops for good, and hears nothing more', () => {
    const { client, socket, timers, told } = live();
    client.stop();
    socket().says(frame([huge(6)]));
    expect(client).toMatchObject({ status: 'stopped', sequence: 5 });
    expect(socket().closedWith).toBe(1000);
    expect(timers).toEqual([]);
    expect(told).toEqual(['stopped: asked to']);
  });

  test('can be stopped by its own listener, in the middle of a frame', () => {
    const seen: number[] = [];
    const { client, socket } = live({ listener: { onEvent: ({ sequence }) => (seen.push(sequence), client.stop()) } });
    socket().says(frame([huge(6), huge(7)]));
    expect(seen).toEqual([6]);
    expect(client).toMatchObject({ status: 'stopped', sequence: 6 });
  });
});
