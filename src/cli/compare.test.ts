import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Comparison } from '../simulation/index.ts';
import { keepConsole, scratchFolder } from './console.suite.ts';
import { run } from './compare.ts';

const directory = scratchFolder('compare');
const { said, complained } = keepConsole();

test('prints a table, best first, and writes the answers with machine and date', async () => {
  const markdown = join(directory, 'answers.md');
  expect(await run(['story-serial', '--settings', 'as-it-was,unpooled', '--seeds', '2', '--days', '0.01', '--markdown', markdown])).toBe(0);
  const lines = said[0]!.split('\n');
  expect(lines[0]).toBe('story-serial, 2 seeds; each run ends with its first failure, or after 0.01 days; best first');
  expect(lines[2]).toMatch(/first failure, day +survived +runs ended by huge \/ chunk +peak MiB/);
  expect(lines[4]).toMatch(/^unpooled direct buffers +never +2 of 2 +0 \/ 0 /);
  expect(lines[5]).toMatch(/^the scenario as it is +1 \(1–1\) +0 of 2 +2 \/ 0 /);
  const page = readFileSync(markdown, 'utf8');
  expect(page).toMatch(/on \d{4}-\d\d-\d\d \(.+, Node v\d+/);
  expect(page).toContain('- **unpooled direct buffers**: never ran out; peak ');
  expect(page).toContain('Each run ends with its first\nfailure, or after 0.01 simulated days.');
  expect(page).toContain('*Runs ended by huge / chunk* is the cause of the first failure');
  expect(page).toContain('- **the scenario as it is**: ran out in 2 of 2 runs, on day 1 in the median; ');
});

test('gives the same numbers as JSON', async () => {
  await run(['story-serial', '--settings', 'unpooled', '--seeds', '1', '--days', '0.01', '--json']);
  expect(JSON.parse(said[0]!) as Comparison).toMatchObject({
    scenario: 'story-serial',
    seeds: [1],
    rows: [{ setting: 'unpooled', survived: 1 }],
  });
});

test.each([
  [['story-serial', '--settings', 'hope'], /--settings: hope \(expected: some of as-it-was/],
  [['story-serial', '--seeds', '0'], /--seeds: 0 \(expected: a whole number, 1 … 10000\)/],
  [['story-serial', '--workers', 'x'], /--workers: x/],
  [['a', 'b'], /SCENARIO: a b \(expected: one\)/],
])('refuses %j', async (args, message) => {
  expect(await run(args)).toBe(2);
  expect(complained[0]).toMatch(message);
});
