// The feed at a real HTTP server: who may connect, what a stranger can send, and what happens to those who do not read.
import { connect as connectTcp } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { WebSocket as NodeSocket } from 'ws';
import { FeedClient, SERVER_MESSAGES, type ServerMessageType } from '../../src/client/index.ts';
import { asyncApiDocument } from '../../src/feed/index.ts';
import { Random } from '../../src/workload/index.ts';
import { Load, Reader, type Running, startFeed, turn, until } from './harness.ts';

let running: Running | null = null;
afterEach(() => running?.stop());

const fat = (characters: number) => ({ type: 'settings.changed', settings: { seed: 'x'.repeat(characters) } }) as const;

describe('who may connect', () => {
  test.each([
    ['a program, which has no origin', {}, null],
    ['a page of the service itself', { origin: 'SELF' }, null],
    ['a page that was allowed', { origin: 'https://grafana.example' }, null],
    ['a page of elsewhere', { origin: 'https://example.org' }, 403],
    ['a page without a place', { origin: 'null' }, 403],
  ])('%s: HTTP %s %s', async (_, headers: Record<string, string>, status) => {
    running = await startFeed({ allowedOrigins: ['https://grafana.example'] });
    const { url, attached } = running;
    const own = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.replace('SELF', url)]));
    const reader = new Reader(url, '', own);
    await until(() => reader.refusedWith !== null || reader.messages.length > 0);
    expect(reader.refusedWith).toBe(status);
    expect(attached.sample().refused.origin).toBe(status === null ? 0 : 1);
    reader.socket.terminate();
  });

  test('as many as are allowed, and again when one has left', async () => {
    running = await startFeed({ limits: { clients: 2 } });
    const { url, attached } = running;
    const [first, second] = [new Reader(url), new Reader(url)];
    await Promise.all([first.got('snapshot'), second.got('snapshot')]);
    const third = new Reader(url);
    await until(() => third.refusedWith !== null);
    expect(third.refusedWith).toBe(503);
    expect(attached.sample().refused.clients).toBe(1);
    first.socket.terminate();
    await until(() => attached.sample().clients === 1);
    const fourth = new Reader(url);
    await fourth.got('snapshot');
    for (const { socket } of [second, fourth]) socket.terminate();
  });

  test('nobody at another path, nor without a WebSocket handshake', async () => {
    running = await startFeed();
    const { url, attached } = running;
    const answers = await Promise.all(
      ['GET /other HTTP/1.1', 'GET // HTTP/1.1', 'GET /events HTTP/1.1'].map(async (line) => {
        const socket = connectTcp(Number(new URL(url).port), '127.0.0.1');
        socket.write(`${line}\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
        let text = '';
        for await (const data of socket) text += String(data);
        return text.split('\r\n')[0];
      }),
    );
    expect(answers).toEqual(['HTTP/1.1 404 Not Found', 'HTTP/1.1 404 Not Found', 'HTTP/1.1 400 Bad Request']);
    await until(() => attached.sample().clients === 0);
  });
});

describe('what a stranger can send', () => {
  test.each([
    ['no JSON', '{', 4400, 'bad_message'],
    ['bytes', Buffer.from([1, 2]), 4400, 'bad_message'],
    ['too much', 'x'.repeat(5000), 1009, 'message_too_big'],
  ] as const)('%s ends the connection, counted', async (_, message, code, end) => {
    running = await startFeed();
    const { url, attached } = running;
    const reader = new Reader(url);
    await reader.got('snapshot');
    reader.socket.send(message);
    expect((await reader.closed()).code).toBe(code);
    await until(() => attached.sample().clients === 0);
    expect(attached.sample().ended[end]).toBe(1);
  });

  test('a wrong address is answered before the end', async () => {
    running = await startFeed();
    const reader = new Reader(running.url, '?types=nonsense');
    expect(await reader.closed()).toEqual({ code: 4400, reason: 'bad_message' });
    expect(reader.types()).toEqual(['hello', 'error']);
  });

  test('bytes that are no WebSocket frame end the connection', async () => {
    running = await startFeed();
    const { url, attached } = running;
    const reader = new Reader(url);
    await reader.got('snapshot');
    (reader.socket as unknown as { _socket: { write(bytes: Buffer): void } })._socket.write(Buffer.from('ffffffff', 'hex'));
    expect((await reader.closed()).code).toBe(1002);
    await until(() => attached.sample().clients === 0);
    expect(attached.sample().ended.bad_message).toBe(1);
  });
});

test('one that stops reading costs a bounded number of bytes, is told so, and resumes without loss', async () => {
  running = await startFeed({ limits: { pendingBytes: 50_000 } });
  const { url, feed, attached, clock } = running;
  const sockets: NodeSocket[] = [];
  class Tracked extends NodeSocket {
    constructor(address: string) {
      super(address);
      sockets.push(this);
    }
  }
  const seen: number[] = [];
  const client = new FeedClient({ url, WebSocket: Tracked, after: clock.after, random: () => 0, listener: { onEvent: ({ sequence }) => seen.push(sequence) } });
  client.start();
  await until(() => client.status === 'live');
  sockets[0]!.pause();
  let mostPending = 0;
  while (mostPending <= 50_000 && feed.last < 900) {
    feed.publish(fat(40_000));
    await turn();
    mostPending = Math.max(mostPending, attached.sample().pendingBytes);
  }
  expect(mostPending).toBeLessThan(50_000 + 2 * 41_000);
  feed.publish(fat(1));
  await turn();
  sockets[0]!.resume();
  await until(() => (clock.advance(0.1), client.counts.tooSlow === 1 && client.sequence === feed.last));
  expect(seen).toEqual(Array.from({ length: feed.last }, (_, i) => i + 1));
  expect(attached.sample()).toMatchObject({ ended: { too_slow: 1 }, begun: { resumed: 1 } });
  client.stop();
}); // prettier-ignore

test('Node’s own WebSocket resumes after the service was away, on another run of the feed', async () => {
  running = await startFeed();
  const client = new FeedClient({ url: running.url, after: running.clock.after, random: () => 0 });
  client.start();
  await until(() => client.status === 'live');
  running.feed.publish(fat(1));
  await until(() => client.sequence === 1);
  const { port } = new URL(running.url);
  await running.stop();
  await until(() => client.status === 'waiting');
  const { clock } = running;
  running = await startFeed({ id: 'run-2', port: Number(port) });
  running.feed.publish({ type: 'simulation.day_ended', day: 9, completed: 1, failed: 0, refused: 0, peakReservedBytes: 0, liveBytes: 0, cachedBytes: 0, subpageBytes: 0, freeBytes: 0, strandedChunks: 0 });
  await until(() => (clock.advance(1), client.status === 'live'));
  expect(client).toMatchObject({ sequence: 1, state: { simulationDay: 9 }, counts: { gone: 1, gaps: 0 } });
  client.stop();
}); // prettier-ignore

test('all that the service says keeps to its AsyncAPI document', async () => {
  running = await startFeed({ ringEvents: 64, limits: { pendingBytes: 50_000 } });
  const { url, feed, allocator, clock } = running;
  const load = new Load(allocator, new Random(3, 'feed'));
  const readers = [new Reader(url), new Reader(url, '?since=99')];
  await readers[0]!.got('heartbeat');
  for (let i = 0; i < 2000; i++) load.step();
  feed.publish({ type: 'backpressure.started', source: 'http', headroomBytes: 1 });
  feed.publish({ type: 'simulation.day_ended', day: 1, completed: 1, failed: 0, refused: 0, peakReservedBytes: 0, liveBytes: 0, cachedBytes: 0, subpageBytes: 0, freeBytes: 0, strandedChunks: 0 });
  feed.publish({ type: 'alert.fired', alert: 'A', severity: 'critical', summary: 'S.', labels: { a: 'b' } });
  await readers[0]!.got('events');
  readers.push(new Reader(url, '?since=1'), new Reader(url, '?types=request.completed,composite.consolidated'));
  readers[0]!.socket.send('{"type":"subscribe"}');
  await Promise.all([readers[0]!.got('subscribed'), readers[2]!.got('gone'), readers[3]!.got('heartbeat')]);
  feed.publish({ type: 'request.completed', source: 'http', request: '1', eventLoop: 0, arena: 0, bytes: 5, durationSeconds: 0.25 });
  readers[0]!.socket.pause();
  while (readers[0]!.last('too_slow') === undefined && feed.last < 5000) {
    for (let i = 0; i < 10; i++) feed.publish(fat(40_000));
    await turn();
    if (running.attached.sample().pendingBytes > 50_000) readers[0]!.socket.resume();
    clock.advance(0.001);
  }
  await Promise.all([readers[0]!.got('too_slow'), readers[3]!.got('events')]);

  const { components } = asyncApiDocument('1') as { components: { schemas: object } };
  const said = readers.flatMap(({ messages }) => messages);
  const schemas = new Map(Object.entries(SERVER_MESSAGES).map(([type, { json }]) => [type, readerOf(json, components.schemas)]));
  for (const message of said) schemas.get(message.type as ServerMessageType)!.parse(message);
  expect(new Set(said.map(({ type }) => type))).toEqual(new Set(Object.keys(SERVER_MESSAGES)));
  for (const { socket } of readers) socket.terminate();
}); // prettier-ignore

/** zod reads references only to `$defs`. */
function readerOf(schema: object, schemas: object): z.ZodType {
  const text = JSON.stringify({ ...schema, $defs: schemas }).replaceAll('#/components/schemas/', '#/$defs/');
  return z.fromJSONSchema(JSON.parse(text) as Parameters<typeof z.fromJSONSchema>[0]);
}
