import { beforeEach, expect, test } from 'vitest';
import { HttpMeter } from './http-meter.ts';

let seconds: number;
let meter: HttpMeter;
beforeEach(() => {
  seconds = 100;
  meter = new HttpMeter(() => seconds);
});

/** The answers counted, those at 0 left out. */
const counted = () => meter.sample().requests.filter(({ count }) => count > 0);
const timed = () => meter.sample().durations.filter(({ seconds }) => Array.from(seconds.counts).some((count) => count > 0));

test('the answers to expect are there from the start, at 0', () => {
  expect(meter.sample().requests).toContainEqual({ method: 'PUT', code: '503', count: 0 });
  expect([counted(), timed()]).toEqual([[], []]);
});

test('a request is in flight from its head to its answer', () => {
  const started = meter.requestStarted();
  expect(meter.sample().inFlight).toBe(1);
  meter.requestAnswered('PUT', 200, started);
  expect(meter.sample().inFlight).toBe(0);
});

test('answers are counted by method and code, and timed by method', () => {
  const started = meter.requestStarted();
  seconds += 0.3;
  meter.requestAnswered('PUT', 503, started);
  expect(counted()).toEqual([{ method: 'PUT', code: '503', count: 1 }]);
  const durations = timed();
  expect(durations.map(({ method, seconds }) => [method, Array.from(seconds.counts).indexOf(1)])).toEqual([['PUT', 8]]); // (0.25, 0.5]
  expect(durations[0]!.seconds.sum).toBeCloseTo(0.3);
});

test('methods and codes that nobody registered make no new series', () => {
  for (const method of ['BREW', 'put', '__proto__', 'toString']) meter.requestAnswered(method, 799, meter.requestStarted());
  meter.requestAnswered('GET', NaN, meter.requestStarted());
  expect(counted()).toEqual([
    { method: 'GET', code: 'other', count: 1 },
    { method: 'other', code: 'other', count: 4 },
  ]);
});

test('an aborted request is no longer in flight, is counted by outcome, and is not timed', () => {
  meter.requestStarted();
  meter.requestAborted('disconnected');
  const { inFlight, aborted } = meter.sample();
  expect(aborted).toEqual({ disconnected: 1, timeout: 0, bad_length: 0, garbage: 0, shutdown: 0 });
  expect([inFlight, timed()]).toEqual([0, []]);
});

test('garbage was never in flight', () => {
  meter.garbageReceived();
  const { inFlight, aborted } = meter.sample();
  expect([inFlight, aborted.garbage]).toEqual([0, 1]);
});

test('connections are those opened and not yet closed', () => {
  meter.connectionOpened();
  meter.connectionOpened();
  meter.connectionClosed();
  expect(meter.sample().connections).toBe(1);
});

test('bodies are counted by how they ended, each kind from the start', () => {
  meter.bodyEnded('answered');
  meter.bodyEnded('exhausted');
  meter.bodyEnded('answered');
  expect(meter.sample().bodies).toMatchObject({ answered: 2, exhausted: 1, too_large: 0, timeout: 0 });
});
