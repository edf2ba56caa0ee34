import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadScenario, Simulation, type SimulationResult } from '../simulation/index.ts';
import { svgChart, terminalChart } from './chart.ts';
import { formatDuration, Progress, progressText } from './progress.ts';
import { run } from './simulate.ts';
import { keepConsole, scratchFolder } from './console.suite.ts';
import { summaryOf } from './summary.ts';

const directory = scratchFolder('simulate');
const file = (name: string) => join(directory, name);
const { said, complained } = keepConsole();

describe('arenascope simulate', () => {
  test('prints the first failure, its cause, the chunks by list and what retains them', async () => {
    expect(await run(['story-serial'])).toBe(0);
    expect(said[0]).toMatch(/first failure +day 1, huge: a body of 21 MB \(uploads\) asked for 19\.7 MiB/);
    expect(said[0]).toMatch(/chunks +14 of 16 MiB: qInit 0, q000 10, /);
    expect(said[0]).toMatch(/retained +live 0 MiB, thread caches .+, free inside chunks 199 MiB/);
  });

  test('writes the same events and the same result on every run', async () => {
    for (const name of ['a', 'b'])
      expect(await run(['production', '--days', '0.5', '--seed', '9', '--json', '--events', file(name)])).toBe(0);
    const [a, b] = ['a', 'b'].map((name) => readFileSync(file(name), 'utf8'));
    expect(a!.split('\n').length).toBeGreaterThan(30);
    expect(b).toBe(a);
    expect(said[1]).toBe(said[0]);
    expect((JSON.parse(said[0]!) as SimulationResult).seed).toBe(9);
  });

  test('ends at the first failure when it is asked to', async () => {
    await run(['story-serial', '--to-failure', '--json', '--days', '1']);
    expect((JSON.parse(said[0]!) as SimulationResult).requests.failed).toBe(1);
  });

  test('ends with the event that failed, so that the same seed ends alike on any machine', async () => {
    for (const name of ['c', 'd']) expect(await run(['story-serial', '--to-failure', '--json', '--snapshot', file(name)])).toBe(0);
    expect(said[1]).toBe(said[0]);
    expect(readFileSync(file('d'), 'utf8')).toBe(readFileSync(file('c'), 'utf8'));
    const { simSeconds, firstFailure } = JSON.parse(said[0]!) as SimulationResult;
    expect(firstFailure!.simSeconds).toBe(simSeconds);
  });

  test.each([
    [[], /^arenascope: SCENARIO: nothing \(expected: one of healthy, .+\)$/],
    [['nowhere'], /^arenascope: scenario: nowhere \(expected: a \.yaml file, or one of healthy, .+\)$/],
    [['production', '--days', 'many'], /^arenascope: --days: many \(expected: a number above 0, below 1000000\)$/],
    [['production', '--seed', '-1'], /./],
    [['production', '--sead', '1'], /--sead/],
    [[join('no', 'such.yaml')], /no such file/],
    [['production', '--snapshot', file('no/such/s.json')], /--snapshot: .+ \(expected: a file in a directory that can be written\)/],
  ])('refuses %j', async (args, message) => {
    expect(await run(args)).toBe(2);
    expect(complained[0]).toMatch(message);
  });

  test('tells every mistake of a scenario file', async () => {
    writeFileSync(file('bad.yaml'), 'title: bad\ndays: 0\nsettings: { limit: lots }\nnetwork: { segments: 1, rate: 1MB/s }\ntraffic: { a: { perDay: 1, size: 1KB } }\n'); // prettier-ignore
    expect(await run([file('bad.yaml')])).toBe(2);
    expect(complained[0]).toMatch(/2 mistakes\n {2}line 2: days: 0 .+\n {2}line 3: settings\.limit: "lots" /);
  });
});

describe('what is printed', () => {
  const simulation = new Simulation({ scenario: loadScenario('production'), seed: 1 });
  simulation.advance(3 * 86_400);
  const result = simulation.result();

  test('a chart has a column for each day and says what its height means', () => {
    const lines = terminalChart(result).split('\n');
    expect(lines[0]).toMatch(/^ 2048 MiB ┤/);
    expect(lines.at(-1)).toMatch(/day 1 +day 3/);
  });

  test('a chart in SVG has a line for each series', () => {
    expect(svgChart(result).match(/<polyline/g)).toHaveLength(3);
  });

  test('a summary tells a run without a failure', () => {
    expect(summaryOf(result)).toMatch(/first failure +none/);
  });

  test('progress is a bar, a share and the time that is left', () => {
    expect(progressText(0.25, 10_000)).toBe(`${'█'.repeat(6)}${'░'.repeat(18)}  25 % 30 s left`);
    expect(progressText(0, 0)).toBe(`${'░'.repeat(24)}   0 %`);
    expect([formatDuration(59.2), formatDuration(61), formatDuration(7200)]).toEqual(['60 s', '2 min', '2 h 0 min']);
  });

  test('progress is written on a terminal only', () => {
    const texts: string[] = [];
    for (const isTTY of [false, true]) {
      const progress = new Progress('x', { isTTY, write: (text) => texts.push(text) }, () => 0);
      progress.show(0.5, 'day 1 of 2');
      progress.clear();
    }
    expect(texts).toEqual([`\r\x1b[Kx ${'█'.repeat(12)}${'░'.repeat(12)}  50 % 0 s left  day 1 of 2`, '\r\x1b[K']);
  });
});
