import { expect, test } from 'vitest';
import { createGoldenLoad } from '../../test/metrics/load.ts';
import type { MetricsInput, Row } from '../metrics/index.ts';
import { Columns } from './columns.ts';
import type { Detail } from './selection.ts';

const input = createGoldenLoad().input();
const nothingFolded: Detail = { has: () => true, folded: () => new Set() };
const arenasFolded: Detail = { has: () => true, folded: () => new Set(['arena']) };

/** A gauge or counter whose samples are what `emitted` says now. */
function rowOf(
  name: string,
  type: 'gauge' | 'counter',
  emitted: () => readonly (readonly [Record<string, string | number>, number])[],
): Row {
  return {
    name,
    type,
    help: 'Help "quoted".',
    unit: 'none',
    labels: {},
    stability: 'stable',
    collect: (_: MetricsInput, emit: (labels: never, value: never) => void) =>
      emitted().forEach(([labels, value]) => emit(labels as never, value as never)),
  };
}

function textOf(columns: Columns, target = 'job="history"'): { text: string; samples: number } {
  let text = '';
  const samples = columns.write(target, (piece) => (text += piece));
  return { text, samples };
}

test('all samples of a metric stand together, those of a series in order of time', () => {
  let value = 1;
  const columns = new Columns([rowOf('a_bytes', 'gauge', () => [[{ arena: 0 }, value], [{ arena: 1 }, value / 2]]), rowOf('b_total', 'counter', () => [[{}, value * 10]])], nothingFolded, 4); // prettier-ignore
  columns.add(3600, input);
  value = 2;
  columns.add(7200, input);
  expect(textOf(columns)).toEqual({
    samples: 6,
    text: [
      '# TYPE a_bytes gauge',
      '# HELP a_bytes Help \\"quoted\\".',
      'a_bytes{job="history",arena="0"} 1 3600',
      'a_bytes{job="history",arena="0"} 2 7200',
      'a_bytes{job="history",arena="1"} 0.5 3600',
      'a_bytes{job="history",arena="1"} 1 7200',
      '# TYPE b counter',
      '# HELP b Help \\"quoted\\".',
      'b_total{job="history"} 10 3600',
      'b_total{job="history"} 20 7200',
      '',
    ].join('\n'),
  });
});

test('a series that begins later, or ends, has no samples for the other times', () => {
  let arenas = [0];
  const columns = new Columns([rowOf('a', 'gauge', () => arenas.map((arena) => [{ arena }, 7]))], nothingFolded, 4);
  for (const [seconds, now] of [[3600, [0]], [7200, [0, 1]], [10_800, [1]]] as const) {
    arenas = [...now];
    columns.add(seconds, input);
  } // prettier-ignore
  const lines = textOf(columns).text.split('\n').slice(2, -1);
  expect(lines).toEqual([
    'a{job="history",arena="0"} 7 3600',
    'a{job="history",arena="0"} 7 7200',
    'a{job="history",arena="1"} 7 7200',
    'a{job="history",arena="1"} 7 10800',
  ]);
});

test.each([
  ['netty_allocator_arena_chunk_bytes', 12],
  ['netty_allocator_arena_largest_free_run_bytes', 7],
])('samples of %s that differ in a folded label become one: %d', (name, expected) => {
  const columns = new Columns([rowOf(name, 'gauge', () => [[{ arena: 0, list: 'q000' }, 3], [{ arena: 1, list: 'q000' }, 7], [{ arena: 2, list: 'q000' }, 2]])], arenasFolded, 1); // prettier-ignore
  columns.add(3600, input);
  expect(textOf(columns).text).toContain(`\n${name}{job="history",list="q000"} ${expected} 3600\n`);
});
