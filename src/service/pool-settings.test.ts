import { describe, expect, test } from 'vitest';
import { loadScenario, makePipeline } from '../simulation/index.ts';
import { poolSettings, socketBackPressure } from './pool-settings.ts';
import { changeSettings, readSettings } from './settings.ts';

describe('poolSettings', () => {
  test('without a scenario: the story’s server, two arenas at 256 MB by Netty’s rule', () => {
    const { allocator, aggregate } = makePipeline(poolSettings(readSettings({}, ['--scenario=none']), null));
    expect([allocator.arenas.length, allocator.memory.limitBytes, allocator.profile.version, aggregate]).toEqual([
      2,
      2 ** 28,
      '4.1.0.CR3',
      true,
    ]);
  });

  test('a scenario brings its own, the user’s go before them', () => {
    const scenario = loadScenario('healthy');
    expect(poolSettings(readSettings({}, []), scenario)).toMatchObject({
      version: '4.1.48.Final',
      limit: 2 ** 31,
      caches: { normal: 0, small: 256 },
    });
    const given = readSettings({ ARENASCOPE_NETTY_VERSION: '4.1.0.CR3' }, ['--normal-cache-size=64', '--direct-memory=1g', '--arenas=3']);
    expect(poolSettings(given, scenario)).toMatchObject({ version: '4.1.0.CR3', limit: 2 ** 30, arenas: 3, caches: { normal: 64 } });
  });

  test('marks of back-pressure are shares of the limit that holds', () => {
    const settings = readSettings({}, ['--back-pressure=watermark', '--back-pressure-low=10%']);
    const pool = poolSettings(settings, loadScenario('production'));
    expect(socketBackPressure(settings, pool)).toEqual({ mode: 'watermark', lowBytes: Math.floor(2 ** 31 / 10), highBytes: 2 ** 29 });
  });
});

test('changed settings keep what was given, and are held to the same rules', () => {
  const settings = readSettings({}, ['--direct-memory=1g']);
  const changed = changeSettings(settings, { scenario: 'steady-small', seed: '7' });
  expect([changed.scenario, changed.seed, changed.directMemoryBytes, changed.given.has('directMemoryBytes')]).toEqual([
    'steady-small',
    7,
    2 ** 30,
    true,
  ]);
  expect(() => changeSettings(settings, { seed: '-1' })).toThrow('--seed: -1 (expected: a whole number');
});
