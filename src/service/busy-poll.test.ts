import { expect, test } from 'vitest';
import { BusyPoll } from './busy-poll.ts';

const nextTurn = () => new Promise<void>((resolve) => void setImmediate(resolve));

test('polls until its time is over, by itself', async () => {
  const poll = new BusyPoll(0.002, 2);
  const started = performance.now();
  poll.start();
  expect(poll.isPolling).toBe(true);
  while (poll.isPolling) await nextTurn();
  expect(performance.now() - started).toBeGreaterThanOrEqual(2);
});

test('a new start makes it longer, and there is one poll at a time', async () => {
  const poll = new BusyPoll(0.002, 2);
  poll.start();
  await nextTurn();
  const started = performance.now();
  poll.start();
  while (poll.isPolling) await nextTurn();
  expect(performance.now() - started).toBeGreaterThanOrEqual(2);
});

test.each([
  ['no time to poll', 0, 2],
  ['one processor', 1, 1],
])('does nothing with %s', (_, seconds, processors) => {
  const poll = new BusyPoll(seconds, processors);
  poll.start();
  expect(poll.isPolling).toBe(false);
});
