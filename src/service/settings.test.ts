import { describe, expect, test } from 'vitest';
import { rowOf, SETTING_KEYS, variableOf } from './settings-table.ts';
import { isLoopback, markBytes, readSettings, SettingsError } from './settings.ts';

function mistakesOf(environment: Record<string, string>, ...flags: string[]): readonly string[] {
  try {
    readSettings(environment, flags);
  } catch (error) {
    if (error instanceof SettingsError) return error.mistakes;
    throw error;
  }
  return [];
}

describe('readSettings', () => {
  test('has sound defaults: the story’s server', () => {
    expect(readSettings({}, [])).toMatchObject({
      port: 3000,
      host: '127.0.0.1',
      directMemoryBytes: 256 * 2 ** 20,
      nettyVersion: '4.1.0.CR3',
      arenas: 'auto',
      backPressure: 'off',
      peerConcurrency: Infinity,
      scenario: 'production',
    });
  });

  test('takes the environment before the defaults, and flags before both', () => {
    const environment = { ARENASCOPE_DIRECT_MEMORY: '2g', ARENASCOPE_PORT: '4000', PATH: '/bin', OTHER: 'x' };
    const { directMemoryBytes, port } = readSettings(environment, ['--port', '5000']);
    expect([directMemoryBytes, port]).toEqual([2 * 2 ** 30, 5000]);
  });

  test('takes `--name value` and `--name=value`', () => {
    const { arenas, aggregator, peerLatencySeconds } = readSettings({}, ['--arenas=3', '--aggregator', 'off', '--peer-latency=250ms']);
    expect([arenas, aggregator, peerLatencySeconds]).toEqual([3, false, 0.25]);
  });

  test('cannot be changed afterwards', () => {
    expect(Object.isFrozen(readSettings({}, []))).toBe(true);
  });

  test('reports every mistake at once, with what was expected', () => {
    const environment = { ARENASCOPE_PORT: '99999', ARENASCOPE_DIRECT_MEMORY: 'much', ARENASCOPE_PROT: '1', ARENASCOPE_LOG_LEVEL: '' };
    expect(mistakesOf(environment, '--aggregator', 'maybe', '--arenaz=2', 'word', '--seed')).toEqual([
      'ARENASCOPE_PROT: no such setting (expected: perhaps ARENASCOPE_PORT)',
      '--arenaz: no such setting (expected: perhaps --arenas)',
      'word: an argument (expected: --name value)',
      '--seed: nothing (expected: a whole number, 0 … 4294967295)',
      'ARENASCOPE_PORT: 99999 (expected: a whole number, 0 … 65535)',
      'ARENASCOPE_LOG_LEVEL: nothing (expected: one of silent, fatal, error, warn, info, debug, trace)',
      'ARENASCOPE_DIRECT_MEMORY: much (expected: bytes such as 65536, 512k, 256m or 2g, 4096 … 1099511627776)',
      '--aggregator: maybe (expected: on or off)',
    ]);
  });

  test.each([
    [['--page-size=5000'], /^--page-size, --max-order: pageBytes: 5000 \(expected: a power of two/],
    [['--page-size=1m', '--max-order=12'], /expected: a chunk of at most 1073741824 bytes/],
    [['--direct-memory=8m'], /^--direct-memory: 8388608 \(expected: one chunk at least, 16777216\)$/],
    [['--back-pressure-low=30%'], /^--back-pressure-low: 80530636 \(expected: at most --back-pressure-high, 67108864\)$/],
    [['--back-pressure-high=300m'], /^--back-pressure-high: 314572800 \(expected: at most the limit, 268435456\)$/],
    [['--port=1', '--port=2'], /^--port: 2, given twice \(expected: once\)$/],
    [['--nothing-like-it'], /^--nothing-like-it: no such setting \(expected: one that --help lists\)$/],
  ])('refuses %j', (flags, mistake) => {
    expect(mistakesOf({}, ...flags)).toEqual([expect.stringMatching(mistake)]);
  });

  test('never prints a secret', () => {
    const mistakes = mistakesOf({}, '--admin-token=hunter2').concat(
      mistakesOf({}, `--admin-token=${'x'.repeat(20)}`, '--admin-token=hunter2'),
    );
    expect(mistakes).toHaveLength(2);
    expect(mistakes.join()).not.toContain('hunter2');
  });

  test.each(['1e3', '-1', '0x10', '1.5', ' ', '1k', '٣'])('takes no %j for a whole number', (text) => {
    expect(mistakesOf({ ARENASCOPE_PORT: text })).toHaveLength(1);
  });

  test('every fallback satisfies its own rule, and every flag and variable is named once', () => {
    const rows = SETTING_KEYS.map(rowOf);
    expect(rows.filter(({ rule, fallback }) => !rule.schema.safeParse(fallback).success)).toEqual([]);
    expect(new Set(rows.map(({ flag }) => variableOf(flag))).size).toBe(rows.length);
  });
});

test('a mark is so many bytes, or a share of the limit', () => {
  expect([markBytes({ bytes: 5 }, 1000), markBytes({ percent: 12.5 }, 1000)]).toEqual([5, 125]);
});

test.each([
  ['127.0.0.1', true],
  ['127.3.2.1', true],
  ['localhost', true],
  ['::1', true],
  ['0.0.0.0', false],
  ['127.0.0.1.evil.example', false],
  ['::', false],
])('%s is loopback: %s', (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});
