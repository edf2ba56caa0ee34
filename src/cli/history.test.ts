import { once } from 'node:events';
import { mkdtempSync, readdirSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { keepConsole, scratchFolder } from './console.suite.ts';
import { help, readCommand, run } from './history.ts';

const directory = scratchFolder('history');
const { said, complained } = keepConsole();

test('writes the runs and says in one line what they are', async () => {
  const output = join(directory, 'new', 'folder');
  const args = [
    'story-serial',
    '--days',
    '1',
    '--seed',
    '1',
    '--settings',
    'unpooled',
    '--end',
    '2026-11-23T00:00:00Z',
    '--output',
    output,
  ];
  expect(await run(args)).toBe(0);
  expect(said[0]).toMatch(
    /^story-serial, seed 1, 1 days: 2 runs, [\d,]+ samples, 2 files, \d+ MiB in [\d.]+ s; first failure on day 1 \(huge\)$/,
  );
  expect(readdirSync(output).sort()).toEqual(['as-it-was-2026-11-22T01.om', 'unpooled-2026-11-22T01.om']);
});

test('Ctrl-C ends it and leaves no file behind', async () => {
  const output = mkdtempSync(join(directory, 'interrupted-'));
  const watcher = watch(output);
  const firstFile = once(watcher, 'change');
  const running = run(['story-serial', '--days', '10000', '--settings', 'none', '--output', output]);
  await firstFile;
  watcher.close();
  process.emit('SIGINT');
  expect(await running).toBe(130);
  expect(readdirSync(output)).toEqual([]);
  expect(complained).toEqual(['arenascope: history: broken off, nothing is left behind']);
});

test('refuses a folder that has a history already', async () => {
  const output = mkdtempSync(join(directory, 'used-'));
  writeFileSync(join(output, 'as-it-was-2026-11-22.om'), '');
  expect(await run(['story-serial', '--days', '1', '--settings', 'none', '--output', output])).toBe(2);
  expect(complained[0]).toMatch(/^arenascope: output: .+ \(expected: a folder without \.om files; it has 1\)$/);
});

test.each([
  [['--output', 'x', '--days', '0'], /^--days: 0 \(expected: a whole number, 1 … 10000\)$/],
  [['--output', 'x', '--days', '1.5'], /^--days: 1\.5 /],
  [['--output', 'x', '--seed', '-1'], /'--seed/],
  [['--output', 'x', '--settings', 'hope'], /^--settings: hope \(expected: none, or some of netty-4\.1\.48, .+, each once\)$/],
  [['--output', 'x', '--settings', 'as-it-was'], /^--settings: as-it-was /],
  [['--output', 'x', '--settings', 'unpooled,unpooled'], /^--settings: unpooled /],
  [['--output', 'x', '--end', '2026-11-23T00:30:00Z'], /^--end: 2026-11-23T00:30:00Z \(expected: a full hour, /],
  [['--output', 'x', '--end', 'soon'], /^--end: soon /],
  [['--output', 'x', '--step', '30m'], /^--step: 30m \(expected: a whole number, 1h … 24h\)$/],
  [['--output', 'x', '--workers', '0'], /^--workers: 0 /],
  [[], /^--output: nothing \(expected: a folder\)$/],
  [['a', 'b', '--output', 'x'], /^SCENARIO: a b \(expected: one\)$/],
  [['nothing', '--output', 'x'], /^scenario: nothing \(expected: a \.yaml file, or one of /],
])('refuses %j', (args, message) => {
  expect(readCommand(args, 0)).toMatch(message);
});

const HOUR = 3600;
const NOON = Date.UTC(2026, 10, 23, 12) / 1000;

test.each([
  ['a minute after the hour', NOON + 60, NOON - HOUR],
  ['earlier than that', NOON + 59, NOON - 2 * HOUR],
  ['late in the hour', NOON + 3599, NOON - HOUR],
])('by default it ends with the last full hour that is 61 minutes ago: %s', (_, nowSeconds, expected) => {
  expect(readCommand(['--output', 'x'], nowSeconds)).toMatchObject({ endSeconds: expected, days: 400, stepHours: 1 });
});

test('an end in Unix seconds is the same as its date', () => {
  const endOf = (end: string) => readCommand(['--output', 'x', '--end', end], 0);
  expect(endOf(String(NOON))).toEqual(endOf('2026-11-23T12:00:00Z'));
});

test('the help says that the seed was chosen, and where the distribution is', () => {
  expect(help()).toMatch(/chosen so that production fails late[^]*docs\/scenarios\.md/);
});
