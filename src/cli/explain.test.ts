// The saved end of a simulation, explained: both ends of the file.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { HoldersSnapshot } from '../allocator/index.ts';
import { explain, type Explanation, explanationText } from '../explain/index.ts';
import { pipelineHolders } from '../pipeline/index.ts';
import { loadScenario, Simulation, type SimulationResult } from '../simulation/index.ts';
import { run } from './explain.ts';
import { run as simulate } from './simulate.ts';

const directory = mkdtempSync(join(tmpdir(), 'arenascope-explain-'));
afterAll(() => rmSync(directory, { recursive: true }));
const file = (name: string) => join(directory, name);
const said: string[] = [];
const complained: string[] = [];
beforeAll(async () => {
  vi.spyOn(console, 'log').mockImplementation((text: string) => void said.push(text));
  vi.spyOn(console, 'error').mockImplementation((text: string) => void complained.push(text));
  await simulate(['steady-small', '--days', '0.1', '--snapshot', file('end.json')]);
});
beforeEach(() => void (said.length = complained.length = 0));

describe('a snapshot of simulated days', () => {
  test('is explained as the simulation itself would be', async () => {
    const simulation = new Simulation({ scenario: loadScenario('steady-small'), seed: 1 });
    simulation.advance(8640);
    expect(await run([file('end.json')])).toBe(0);
    expect(said).toEqual([explanationText(explain(pipelineHolders(simulation.pipeline, true))).trimEnd()]);
    expect(said[0]).toMatch(/^Netty 4\.1\.0\.CR3\. \d+ chunks? .+ held/);
    expect(said[0]).toContain('\nAges are in simulated time, of which 2 h 24 min have passed; real requests are dated in it too.\n');
  });

  test('of the first failure still has what was live when memory was refused', async () => {
    await simulate(['story-serial', '--to-failure', '--json', '--snapshot', file('failure.json')]);
    const { firstFailure } = JSON.parse(said.pop()!) as SimulationResult;
    expect(await run([file('failure.json'), '--json', '--chunks', '2'])).toBe(0);
    const { totals, headroomBytes, reservedBytes, clock, chunks, chunksLeftOut } = JSON.parse(said[0]!) as Explanation;
    expect([reservedBytes, clock.toFixed(6)]).toEqual([firstFailure!.reservedBytes, firstFailure!.simSeconds.toFixed(6)]);
    expect(headroomBytes!).toBeLessThan(firstFailure!.askedBytes);
    expect(totals.liveBytes).toBeGreaterThanOrEqual(firstFailure!.receivedBytes);
    expect([chunks.length, chunksLeftOut > 0]).toEqual([2, true]);
  });

  test('can be saved again', async () => {
    expect(await run([file('end.json'), '--save', file('again.json')])).toBe(0);
    expect(readFileSync(file('again.json'), 'utf8')).toBe(readFileSync(file('end.json'), 'utf8'));
  });
});

describe('what cannot be explained is refused, with its name and the mistake', () => {
  const write = (name: string, change: (state: HoldersSnapshot) => unknown) => {
    writeFileSync(file(name), JSON.stringify(change(JSON.parse(readFileSync(file('end.json'), 'utf8')) as HoldersSnapshot)));
    return file(name);
  };
  test.each<[string, () => string[], RegExp]>([
    ['nothing', () => [], /URL or FILE: nothing \(expected: one service or one file\)/],
    ['a file that is not there', () => [file('none.json')], /none\.json: ENOENT.+ \(expected: a saved snapshot, or the URL of a service\)/],
    ['a directory', () => [directory], /arenascope-explain-.+: EISDIR/],
    [
      'no JSON',
      () => (writeFileSync(file('text'), 'chunks: many'), [file('text')]),
      /text: "chunks: many" \(expected: a snapshot as JSON\)/,
    ],
    ['a number that is none', () => [write('a', (s) => ({ ...s, reservedBytes: 'all' }))], /not a snapshot\n[^]*reservedBytes/],
    ['another version', () => [write('b', (s) => ({ ...s, version: '5.0' }))], /not a snapshot\n[^]*4\.1\.48\.Final[^]*version/],
    ['half of it', () => [write('c', ({ version, clock }) => ({ version, clock }))], /not a snapshot\n[^]*arenas/],
    ['an arena it does not have', () => [file('end.json'), '--arena', '99'], /--arena: 99 \(expected: 0 … \d+\)/],
    ['an unknown flag', () => [file('end.json'), '--arenas'], /--arenas/],
  ])('%s', async (_, args, message) => {
    expect(await run(args())).toBe(2);
    expect(complained.join('\n')).toMatch(message);
    expect(said).toEqual([]);
  });
});
