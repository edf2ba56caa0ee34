// The explanation of a running service: by HTTP, by the command, and from a snapshot that was saved.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { HoldersSnapshot } from '../../src/allocator/index.ts';
import { explain, explanationText, type Explanation } from '../../src/explain/index.ts';
import { putHead, RawClient, send, start, until } from '../service/harness.ts';

const MIB = 1 << 20;
const launcher = join(import.meta.dirname, '../../bin/arenascope.js');
const folder = mkdtempSync(join(tmpdir(), 'arenascope-explain-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The command, while this process goes on serving it. */
function run(...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [launcher, 'explain', ...args], (error, stdout, stderr) =>
      resolve({ status: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
  });
}

const explanationOf = async (url: string, query = ''): Promise<Explanation> => (await (await fetch(`${url}/api/explain${query}`)).json()) as Explanation; // prettier-ignore
const snapshotOf = async (url: string): Promise<HoldersSnapshot> => (await (await fetch(`${url}/api/explain?format=snapshot`)).json()) as HoldersSnapshot; // prettier-ignore

describe('GET /api/explain', () => {
  test('names what the peer keeps and what is on its way in, by event loop', async () => {
    const { service, url } = await start(['--peer-latency=30s'], { manualClock: true });
    const kept = new RawClient(url).send(putHead(10 * MIB), Buffer.alloc(10 * MIB));
    await until(() => service.traffic.peer.held === 1);
    const receiving = new RawClient(url).send(putHead(100_000), Buffer.alloc(50_000));
    const isReceiving = () => service.runtime.pipeline.messages.some((message) => message.connection?.message === message && message.bytes === 50_000); // prettier-ignore
    await until(isReceiving);
    const live = (await explanationOf(url)).chunks.flatMap((chunk) => chunk.live);
    const of = (purpose: string) => live.filter((one) => one.purpose === purpose);
    expect(of('held_consolidated')).toMatchObject([{ buffers: 1 }]);
    expect(new Set(live.map(({ purpose }) => purpose))).toEqual(new Set(['held_consolidated', 'held', 'receiving']));
    expect([...of('held'), ...of('held_consolidated')].every(({ cache }) => cache !== of('receiving')[0]!.cache)).toBe(true);
    kept.socket.destroy();
    receiving.socket.destroy();
    await until(() => !isReceiving());
  });

  test('without the aggregator, what a slow reader has not taken are slices', async () => {
    const { service, url } = await start(['--aggregator=off', '--peer-bytes-per-second=1'], { manualClock: true });
    const client = new RawClient(url).send(putHead(5000), Buffer.alloc(5000));
    await until(() => service.runtime.pipeline.loops.some(({ receivedBytes }) => receivedBytes >= 5000));
    const live = (await explanationOf(url)).chunks.flatMap((chunk) => chunk.live);
    expect([live.length > 0, ...new Set(live.map(({ purpose }) => purpose))]).toEqual([true, 'slice']);
    client.socket.destroy();
  });

  test('ages are as of now, though no traffic comes', async () => {
    const { url, clock } = await start([], { manualClock: true });
    await send(`${url}/`, new Uint8Array(1000));
    clock!.turn(7200);
    const { chunks } = await explanationOf(url);
    expect(chunks[0]!.cached.map(({ oldestAge }) => oldestAge)).toEqual([7200, 7200]);
    expect(chunks[0]!.sentence).toContain('released 2 h ago');
  });

  test('one arena, at most so many chunks', async () => {
    const { url } = await start();
    for (let i = 0; i < 4; i++) await send(`${url}/`, new Uint8Array(1000));
    const { arenas, chunks, chunksLeftOut } = await explanationOf(url, '?arena=1&chunks=0');
    expect([arenas.map(({ index }) => index), chunks, chunksLeftOut]).toEqual([[1], [], 1]);
  });

  test('as text, and as a snapshot which explains to the same', async () => {
    const { url } = await start();
    await send(`${url}/`, new Uint8Array(20 * MIB));
    const text = await (await fetch(`${url}/api/explain?format=text`)).text();
    const state = await snapshotOf(url);
    expect(explanationText(explain(state)).split('\n')[0]).toBe(text.split('\n')[0]);
    expect(text).toContain('The free of its only region, 16 MiB, moved it one list down');
  });
});

describe('arenascope explain', () => {
  test('explains a live service, saves its snapshot, and explains that when the service is gone', async () => {
    const { url } = await start();
    await send(`${url}/`, new Uint8Array(20 * MIB));
    const file = join(folder, 'saved.json');
    const live = await run(url, '--save', file);
    expect(live).toMatchObject({ status: 0, stderr: '' });
    expect(live.stdout).toContain('Arena 0: the largest request that succeeds now is');
    expect(await run(file)).toEqual(live);
    const saved = JSON.parse(readFileSync(file, 'utf8')) as HoldersSnapshot;
    expect(JSON.parse((await run(file, '--json', '--arena=0')).stdout)).toEqual(explain(saved, { arena: 0 }));
  });

  test('says what is wrong with its arguments, a file or an address', async () => {
    writeFileSync(join(folder, 'text.json'), 'Chunk(s) at 0~25%:');
    writeFileSync(join(folder, 'other.json'), '{"version":"4.1.0.CR3"}');
    const cases: [string[], RegExp][] = [
      [[], /URL or FILE: nothing/],
      [['a', 'b'], /one service or one file/],
      [['--bad', 'x'], /'--bad'/],
      [['x', '--chunks=many'], /--chunks: many \(expected: a whole number\)/],
      [[join(folder, 'none.json')], /ENOENT/],
      [[join(folder, 'text.json')], /expected: a snapshot as JSON/],
      [[join(folder, 'other.json')], /not a snapshot[^]*chunkBytes/],
      [['http://127.0.0.1:9'], /expected: a service that answers/],
    ];
    for (const [args, message] of cases) expect(await run(...args)).toMatchObject({ status: 2, stdout: '', stderr: expect.stringMatching(message) as string }); // prettier-ignore
  });
});
