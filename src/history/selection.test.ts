import { expect, test } from 'vitest';
import { createGoldenLoad } from '../../test/metrics/load.ts';
import { eachSample, METRICS } from '../metrics/index.ts';
import { DETAILS, type DetailName, rowsOf } from './selection.ts';

const input = createGoldenLoad().input();
const namesOf = (detail: DetailName): string[] => rowsOf(detail).map(({ name }) => name);

/** Series of a sample, by the detail's own rows and labels. */
function seriesOf(detail: DetailName): Set<string> {
  const series = new Set<string>();
  for (const row of rowsOf(detail)) eachSample(row, input, (name, pairs) => series.add(`${name}{${pairs}}`), DETAILS[detail].folded(row));
  return series;
}

test('the main run has what dashboards show by arena, and nothing of HTTP or the feed', () => {
  expect(namesOf('arenas')).toEqual(
    expect.arrayContaining([
      'direct_memory_headroom_bytes',
      'direct_memory_exhausted_total',
      'netty_allocator_arena_chunks',
      'netty_allocator_arena_chunks_by_usage',
      'netty_allocator_arena_retained_bytes',
      'pipeline_message_size_bytes',
      'simulation_failures_total',
    ]),
  );
  expect(namesOf('arenas').filter((name) => /^(http|feed|process|nodejs)_/.test(name))).toEqual([]);
});

test('the account has no series by arena, event loop or bucket', () => {
  expect([...seriesOf('account')].filter((series) => /arena=|event_loop=|le=/.test(series))).toEqual([]);
  expect(namesOf('account')).toContain('direct_memory_reserved_bytes');
});

test('what the rules read is summed over arenas and lists before it is written', () => {
  const series = [...seriesOf('rules')];
  expect(series).toContain('netty_allocator_arena_chunk_bytes{}');
  expect(series).toContain('netty_allocator_arena_retained_bytes{cause="live"}');
  expect(series.filter((one) => /arena=|list=|event_loop=/.test(one))).toEqual([]);
});

test('no detail sums a label away that tells parts which belong to different things', () => {
  const kept = new Set(['cause', 'outcome', 'band', 'size_class', 'le']);
  for (const detail of Object.keys(DETAILS) as DetailName[])
    for (const row of METRICS) for (const label of DETAILS[detail].folded(row)) expect(kept, row.name).not.toContain(label);
});
