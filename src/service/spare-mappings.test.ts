import { expect, test } from 'vitest';
import { ManualClock } from '../../test/service/harness.ts';
import { SpareMappings } from './spare-mappings.ts';

const MIB = 1 << 20;

function make(failAt = Infinity) {
  const clock = new ManualClock();
  let made = 0;
  const mapper = new SpareMappings((bytes) => {
    if (++made === failAt) throw new RangeError('Array buffer allocation failed');
    return new Uint8Array(bytes);
  }, clock);
  return { clock, mapper, made: () => made };
}

test('what is given back serves the next who asks for as much, and nobody else', () => {
  const { mapper, made } = make();
  const memory = mapper.map(MIB).fill(7);
  mapper.unmap(memory);
  expect([mapper.bytes, mapper.map(MIB - 1)[0], mapper.bytes]).toEqual([MIB, 0, MIB]);
  expect([mapper.map(MIB)[0], mapper.bytes, made()]).toEqual([7, 0, 2]);
});

test('old views see nothing of it', () => {
  const { mapper } = make();
  const memory = mapper.map(MIB);
  mapper.unmap(memory);
  expect([memory.length, memory.buffer.byteLength]).toEqual([0, 0]);
});

test('after 30 ms it is the system’s', () => {
  const { mapper, clock } = make();
  mapper.unmap(mapper.map(MIB));
  clock.turn(0.02);
  mapper.unmap(mapper.map(2 * MIB));
  expect(mapper.bytes).toBe(3 * MIB);
  clock.turn(0.01);
  expect(mapper.bytes).toBe(2 * MIB);
  clock.turn(0.02);
  expect([mapper.bytes, clock.pending]).toEqual([0, 0]);
});

test('what was taken up again is not freed when its first 30 ms are over', () => {
  const { mapper, clock } = make();
  mapper.unmap(mapper.map(MIB));
  const memory = mapper.map(MIB);
  clock.turn(1);
  expect(memory.length).toBe(MIB);
});

test('never more than 64 MiB is spare: the oldest goes first, and what is larger goes at once', () => {
  const { mapper } = make();
  const all = [1, 2, 3, 4, 5].map(() => mapper.map(16 * MIB));
  all.forEach((memory, i) => memory.fill(i, 0, 1));
  for (const memory of all) mapper.unmap(memory);
  expect(mapper.bytes).toBe(64 * MIB);
  expect([1, 2, 3, 4].map(() => mapper.map(16 * MIB)[0]).sort()).toEqual([1, 2, 3, 4]);
  mapper.unmap(mapper.map(65 * MIB));
  expect(mapper.bytes).toBe(0);
});

test('a machine short of memory gets the spare back before a request fails', () => {
  const { mapper } = make(2);
  mapper.unmap(mapper.map(MIB));
  expect([mapper.map(2 * MIB).length, mapper.bytes]).toEqual([2 * MIB, 0]);
  const short = make(1);
  expect(() => short.mapper.map(MIB)).toThrow(RangeError);
});
