import { expect, test } from 'vitest';
import { EVENT_TYPES } from '../client/index.ts';
import { BEGINNINGS, ENDS, type FeedSample, REFUSALS } from '../feed/index.ts';
import { FEED_ROWS } from './feed-rows.ts';
import type { MetricsInput } from './input.ts';
import { renderText } from './text-format.ts';

let next = 1;
const numbered = <K extends string>(names: readonly K[]) => Object.fromEntries(names.map((name) => [name, next++])) as Record<K, number>;

const feed: FeedSample = {
  sequence: next++,
  heldEvents: next++,
  clients: next++,
  subscriptions: next++,
  pendingBytes: next++,
  frames: next++,
  bytes: next++,
  events: numbered(EVENT_TYPES),
  begun: numbered(BEGINNINGS),
  ended: numbered(ENDS),
  refused: numbered(REFUSALS),
};

const samplesOf = (input: Partial<MetricsInput>): string[] =>
  renderText(FEED_ROWS, input as MetricsInput)
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));

test('every number of a feed is told exactly once', () => {
  const values = samplesOf({ feed }).map((line) => Number(line.split(' ').at(-1)));
  expect(values.toSorted((a, b) => a - b)).toEqual(Array.from({ length: next - 1 }, (_, i) => i + 1));
});

test('labels say which number it is', () => {
  expect(samplesOf({ feed })).toEqual(
    expect.arrayContaining([
      `feed_ended_total{reason="too_slow"} ${feed.ended.too_slow}`,
      `feed_events_total{type="memory.exhausted"} ${feed.events['memory.exhausted']}`,
      `feed_refused_total{reason="origin"} ${feed.refused.origin}`,
    ]),
  );
});

test('without a feed nothing is told', () => {
  expect(samplesOf({ feed: null })).toEqual([]);
});
