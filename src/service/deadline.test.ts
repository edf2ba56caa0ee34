import { expect, test } from 'vitest';
import { ManualClock } from '../../test/service/harness.ts';
import { Deadline } from './deadline.ts';

function make() {
  const clock = new ManualClock();
  const due: number[] = [];
  const deadline = new Deadline(clock);
  return { clock, deadline, due, set: (seconds: number) => deadline.set(seconds, () => due.push(clock.nowSeconds())) };
}

test('falls due at its time, once', () => {
  const { clock, set, due } = make();
  set(5);
  clock.turn(4.9);
  expect(due).toEqual([]);
  clock.turn(100);
  expect([due, clock.pending]).toEqual([[5], 0]);
});

test('moved on, it falls due at the later time only, by the timer it has', () => {
  const { clock, set, due } = make();
  for (let i = 0; i < 10; i++) {
    set(5);
    clock.turn(1);
    expect(clock.pending).toBe(1);
  }
  clock.turn(100);
  expect(due).toEqual([14]);
});

test('moved to an earlier time, it falls due then', () => {
  const { clock, set, due } = make();
  set(50);
  set(2);
  clock.turn(100);
  expect([due, clock.pending]).toEqual([[2], 0]);
});

test('cleared, it does not fall due; set again, it does', () => {
  const { clock, deadline, set, due } = make();
  set(5);
  deadline.clear();
  clock.turn(3);
  set(5);
  clock.turn(100);
  expect(due).toEqual([8]);
});

test('stopped, it leaves no timer', () => {
  const { clock, deadline, set } = make();
  set(5);
  deadline.stop();
  expect(clock.pending).toBe(0);
});
