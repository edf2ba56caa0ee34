// Composites: parts in a row, references taken over, consolidation past the limit of components.
import { beforeEach, describe, expect, test } from 'vitest';
import { PooledAllocator } from './allocator.ts';
import { writeBytes } from './bytes.ts';
import { check } from './check.ts';
import { Composite } from './composite.ts';
import { placeOf } from './place.ts';
import { snapshot } from './snapshot.ts';

let allocator: PooledAllocator;
let composite: Composite;

function setUp(maxComponents: number, limitBytes = 1 << 28): void {
  allocator = new PooledAllocator({ directArenas: 1, limitBytes, maxOrder: 4, memory: 'real' }); // chunks of 128 KiB
  allocator.createThreadCache();
  composite = new Composite(allocator, maxComponents);
}
beforeEach(() => setUp(4));

function add(text: string): boolean {
  const ref = allocator.allocate(0, 100);
  writeBytes(allocator, ref, 7, Buffer.from(text));
  return composite.add(0, ref, 7, text.length);
}
const content = () => Buffer.concat([...composite.views()]).toString();

test('shows its parts in order without copying them', () => {
  for (const text of ['one ', 'two ', '', 'three']) add(text);
  expect([content(), composite.count, composite.bytes, composite.consolidations]).toEqual(['one two three', 4, 13, 0]);
  expect([...composite.views()].map((view) => view.byteOffset % 16)).toEqual([7, 7, 7, 7]);
});

test('consolidates when the first part past the limit is added: one buffer of the total size, the parts released', () => {
  for (const text of ['one ', 'two ', 'three ', 'four ']) add(text);
  expect(snapshot(allocator).liveBuffers).toBe(4);
  expect(add('five')).toBe(true);
  expect([content(), composite.count, composite.bytes]).toEqual(['one two three four five', 1, 23]);
  expect([composite.consolidations, composite.copiedBytes]).toEqual([1, 23]);
  expect(placeOf(allocator, composite.refs[0]!)).toMatchObject({ length: 23, maxLength: 32 });
  expect(snapshot(allocator).liveBuffers).toBe(1);
  check(allocator);
});

test('counts the consolidated buffer as one component towards the next', () => {
  for (let i = 0; i < 9; i++) add(`${i}`);
  expect([content(), composite.count, composite.consolidations, composite.copiedBytes]).toEqual(['012345678', 1, 2, 5 + 9]);
});

test('does not consolidate below the limit, and grows past its first room', () => {
  setUp(1000);
  for (let i = 0; i < 300; i++) add(String(i % 10));
  expect([content(), composite.count]).toEqual(['0123456789'.repeat(30), 300]);
});

test('a part’s buffer lives until the last of its parts is released', () => {
  const ref = allocator.allocate(0, 100);
  writeBytes(allocator, ref, 0, Buffer.from('abcdef'));
  allocator.retain(ref);
  composite.add(0, ref, 4, 2);
  composite.add(0, ref, 0, 3);
  expect(content()).toBe('efabc');
  composite.release();
  expect([snapshot(allocator).liveBuffers, composite.count, composite.bytes, content()]).toEqual([0, 0, 0, '']);
});

test('is as new after a release', () => {
  for (let i = 0; i < 6; i++) add('x');
  composite.release();
  expect([composite.consolidations, composite.copiedBytes]).toEqual([0, 0]);
  add('y');
  expect(content()).toBe('y');
});

describe('a consolidation without memory', () => {
  const LARGE = 40_000;
  function fillUp(): void {
    setUp(2, 131_072); // one chunk: two parts of 64 KiB fill it
    for (const letter of 'ab') {
      const ref = allocator.allocate(0, LARGE);
      writeBytes(allocator, ref, 0, Buffer.alloc(LARGE, letter));
      allocator.retain(ref);
      composite.add(0, ref, 0, LARGE);
      allocator.release(ref);
    }
  }
  test('keeps the part that asked for it, and every byte', () => {
    fillUp();
    const last = composite.refs[1]!;
    allocator.retain(last);
    expect(composite.add(0, last, 0, 5)).toBe(false);
    expect([composite.count, composite.bytes, composite.consolidations]).toEqual([3, 2 * LARGE + 5, 0]);
    expect(content()).toBe('a'.repeat(LARGE) + 'b'.repeat(LARGE) + 'bbbbb');
    expect(allocator.lastExhaustion).toMatchObject({ cause: 'chunk', askedBytes: 131_072 });
    check(allocator);
  });
  test('is tried again with the next part', () => {
    fillUp();
    for (const times of [1, 2]) {
      allocator.retain(composite.refs[0]!);
      expect(composite.add(0, composite.refs[0]!, 0, 1)).toBe(false);
      expect(allocator.exhausted.chunk).toBe(times);
    }
    composite.release();
    expect(snapshot(allocator).liveBuffers).toBe(0);
  });
});
