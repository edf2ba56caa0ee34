// The limit and the memory behind chunks.
import { describe, expect, test } from 'vitest';
import { DirectMemory } from './direct-memory.ts';

test('reserves up to the limit exactly, and not a byte more', () => {
  const memory = new DirectMemory(1000, 'none');
  expect([memory.make(600), memory.make(401), memory.make(400), memory.make(1)]).toEqual([null, undefined, null, undefined]);
  expect(memory.reservedBytes).toBe(1000);
  memory.destroy(null, 600);
  expect([memory.reservedBytes, memory.make(600)]).toEqual([400, null]);
});

test('without a limit nothing runs out', () => {
  const memory = new DirectMemory(Infinity, 'none');
  expect([memory.make(2 ** 50), memory.reservedBytes]).toEqual([null, 2 ** 50]);
});

describe('real memory', () => {
  test('is zeroed bytes of that size, and none after it was given back', () => {
    const memory = new DirectMemory(1 << 20, 'real');
    const bytes = memory.make(4096)!;
    expect([bytes.length, bytes.every((byte) => byte === 0)]).toEqual([4096, true]);
    memory.destroy(bytes, 4096);
    expect([bytes.length, bytes.buffer.byteLength, memory.reservedBytes]).toEqual([0, 0, 0]);
  });
});
