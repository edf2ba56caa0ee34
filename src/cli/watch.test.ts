import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PooledAllocator } from '../allocator/index.ts';
import { attachFeed, type AttachedFeed, Feed } from '../feed/index.ts';
import { run } from './watch.ts';

let feed: Feed;
let server: Server;
let attached: AttachedFeed;
let url: string;

beforeEach(async () => {
  const allocator = new PooledAllocator({ directArenas: 2, limitBytes: 2 ** 26, memory: 'none' });
  feed = new Feed({ allocator, id: 'run', wallMillis: () => Date.UTC(2026, 0, 1, 12), simSeconds: () => 86_400 });
  allocator.listener = feed.listener;
  server = createServer();
  attached = attachFeed(server, feed);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  allocator.allocate(allocator.createThreadCache(), 2 ** 24);
  feed.publish({ type: 'backpressure.started', source: 'http', headroomBytes: 1536 });
});

afterEach(async () => {
  await attached.close();
  await new Promise((resolve) => void server.close(resolve));
});

/** Runs the command to its end; `during` runs when it is live. */
async function watch(args: readonly string[], during: (interrupt: () => void) => void = () => undefined) {
  const [printed, noted]: [string[], string[]] = [[], []];
  let interrupt = (): void => undefined;
  const code = await run(args, {
    print: (line) => void printed.push(line),
    note: (line) => {
      noted.push(line);
      if (line === '-- live') during(interrupt);
    },
    onInterrupt: (stop) => {
      interrupt = stop;
      return () => undefined;
    },
  });
  return { code, printed, noted };
}

test('prints what happened since, one line an event', async () => {
  expect(await watch([url, '--since', '0', '--count', '2'])).toEqual({
    code: 0,
    noted: [],
    printed: [
      '       1  12:00:00.000  day 2    chunk.created          arena 0: chunk 0 created (16 MiB), in q100 at 100 %',
      '       2  12:00:00.000  day 2    backpressure.started   http: back-pressure on, 1.5 KiB of headroom',
    ],
  });
});

test('prints what happens from now on', async () => {
  const during = (): void => feed.publish({ type: 'settings.changed', settings: { seed: '7' } });
  const { code, printed, noted } = await watch([url, '--types', 'settings.changed', '--count', '1'], during);
  expect(code).toBe(0);
  expect(noted).toEqual(['-- at 2: 2 arenas, 16777216 of 67108864 bytes reserved', '-- live']);
  expect(printed).toEqual(['       3  12:00:00.000  day 2    settings.changed       settings changed: seed 7']);
});

test('ends when it is interrupted', async () => {
  const { code, printed } = await watch([url], (interrupt) => interrupt());
  expect({ code, printed }).toEqual({ code: 0, printed: [] });
});

test('prints JSON for programs', async () => {
  const { printed } = await watch([url, '--since', '1', '--count', '1', '--json']);
  expect(JSON.parse(printed[0]!)).toEqual({
    sequence: 2, type: 'backpressure.started', wallMillis: Date.UTC(2026, 0, 1, 12), simSeconds: 86_400, source: 'http', headroomBytes: 1536,
  }); // prettier-ignore
});

test('ends when the service refuses what it asks for', async () => {
  const { code, noted } = await watch([url, '--arenas', '7']);
  expect(code).toBe(2);
  expect(noted).toEqual(['-- refused: arenas: [7] (expected: null, or at most 2 whole numbers below 2)']);
});

test.each([
  [['--types', 'chunk.moved,nonsense'], '--types: nonsense (expected: some of chunk.created'],
  [['--arenas', 'x'], '--arenas: x (expected: a whole number)'],
  [['--since', '-1'], "Option '--since' argument is ambiguous"],
  [['ftp://a'], 'URL: ftp://a (expected: http://… or ws://…)'],
  [['http://a', 'http://b'], 'URL: http://a http://b (expected: one service)'],
  [['--colour'], "Unknown option '--colour'"],
])('refuses %j', async (args, text) => {
  const { code, noted } = await watch(args);
  expect(code).toBe(2);
  expect(noted.join()).toContain(text);
});
