import { beforeEach, expect, test } from 'vitest';
import { Announcer } from './announcer.ts';

const MIB = 2 ** 20;
let said: string[];
let announcer: Announcer;
beforeEach(() => {
  said = [];
  announcer = new Announcer((text) => void said.push(text));
});

const show = (seconds: number, headroomMebibytes: number, failures = 0): void =>
  announcer.show(
    { limitBytes: 256 * MIB, reservedBytes: (256 - headroomMebibytes) * MIB, exhausted: { chunk: 0, huge: failures } },
    seconds * 1000,
  );

test('says nothing of what the page shows at first, nor of small changes', () => {
  for (let second = 0; second < 60; second++) show(second, 240 - (second % 2) * 5);
  expect(said).toEqual([]);
});

test('says when headroom has entered another tenth of the limit', () => {
  show(0, 240);
  show(20, 100);
  expect(said).toEqual(['Headroom 100 MiB of 256 MiB.']);
});

test('says how many reservations were refused, once', () => {
  show(0, 10);
  for (let second = 20; second < 40; second++) show(second, 10, 3);
  expect(said).toEqual(['Headroom 10 MiB of 256 MiB. 3 reservations refused since the last announcement.']);
});

test('however much happens, says at most one thing in ten seconds, and the newest', () => {
  for (let second = 0; second <= 30; second++) show(second, 256 - second * 8, second);
  expect(said.length).toBe(3);
  expect(said.at(-1)).toMatch(/^Headroom 16 MiB of 256 MiB/);
});
