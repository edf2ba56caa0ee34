import { expect, test } from 'vitest';
import { parseScenario, ScenarioError } from './scenario-text.ts';

const GOOD = `title: a test
days: 2
settings: { limit: 256MiB }
network: { segments: 1, rate: 20MB/s }
traffic:
  uploads: { perDay: 100, size: 20KB }
`;

function mistakesOf(text: string): string[] {
  try {
    parseScenario('test', text);
  } catch (error) {
    if (error instanceof ScenarioError) return error.message.split('\n').slice(1).map((line) => line.trim()); // prettier-ignore
    throw error;
  }
  return [];
}

test('a short scenario is filled up with Netty’s own defaults', () => {
  const { settings, traffic } = parseScenario('test', GOOD);
  expect(settings).toMatchObject({ version: '4.1.0.CR3', limit: 268_435_456, pageSize: 8192, maxOrder: 11, caches: true, aggregate: true });
  expect(traffic.uploads).toMatchObject({ perDay: 100, size: { kind: 'fixed', value: 20_000 }, connection: 'new', waits: false });
});

test('every mistake is reported at once, each with its line, what is there and what was expected', () => {
  const text = `title: a test
days: -1
settings:
  limit: 256 megs
  pooled: perhaps
  maxOder: 11
network:
  segments: { geometric: { median: 3 } }
  rate: 20MB
traffic:
  uploads:
    perDay: 100
    size: { lognormal: { median: 10MB, sigma: wide } }
  others:
    clients: 0
    size: { logarithmic: 3 }
`;
  expect(mistakesOf(text)).toEqual([
    'line 2: days: -1 (expected: a number above 0)',
    'line 4: settings.limit: "256 megs" (expected: bytes, like 1448, 100KB or 16MiB)',
    'line 5: settings.pooled: "perhaps" (expected: boolean)',
    'line 6: settings.maxOder: 11 (expected: a name that is known here)',
    'line 8: network.segments.geometric.max: missing (expected: a whole number, 1 or more)',
    'line 9: network.rate: "20MB" (expected: a rate, like 5MB/s, or unlimited)',
    'line 13: traffic.uploads.size.lognormal.sigma: "wide" (expected: a number, 0 or more)',
    'line 15: traffic.others.clients: 0 (expected: a whole number, 1 or more)',
    'line 16: traffic.others.size: {"logarithmic":3} (expected: one of uniform, logUniform, lognormal, exponential, geometric, mixture with its parameters)',
  ]);
});

test('text that is no YAML is told with its line', () => {
  expect(mistakesOf('title: [a\ndays: 2\n')[0]).toMatch(/^line \d: YAML: .+ \(expected: valid YAML\)$/);
});

test('what is missing altogether is told', () => {
  expect(mistakesOf('title: a\n').map((line) => line.replace(/ \(.*/, ''))).toEqual([
    'line 1: days: missing',
    'line 1: settings: missing',
    'line 1: network: missing',
    'line 1: traffic: missing',
  ]);
});

test('back-pressure names its modes, and ranges must go up', () => {
  const text = GOOD.replace('{ limit: 256MiB }', '{ limit: 256MiB, backPressure: { mode: hope } }').replace('size: 20KB', 'size: { uniform: { from: 2KB, to: 1KB } }'); // prettier-ignore
  expect(mistakesOf(text)).toEqual([
    'line 3: settings.backPressure.mode: "hope" (expected: off, watermark, refuse or connection)',
    'line 6: traffic.uploads.size.uniform: {"from":"2KB","to":"1KB"} (expected: from ≤ to)',
  ]);
});

test('traffic needs a source', () => {
  expect(mistakesOf(GOOD.replace(/ {2}uploads.*/, '  {}'))).toEqual(['line 5: traffic: {} (expected: at least one source of traffic)']);
});
