import { expect, expectTypeOf, test } from 'vitest';
import { LIST_NAMES, type ExhaustionCause, type ListName } from '../allocator/index.ts';
import { type Cause, EVENT_TYPES, type EventBody, EVENTS, type List, LISTS } from '../client/index.ts';
import { EventRing, TYPE_INDEX } from './ring.ts';

const settings = (seed: string): EventBody => ({ type: 'settings.changed', settings: { seed } });
const read = (ring: EventRing, sequence: number): unknown => JSON.parse(ring.textOf(sequence));

test('an event of numbers reads back as the object it stands for', () => {
  const ring = new EventRing(4);
  ring.record(TYPE_INDEX['chunk.moved'], 1000, 2.5, 1, 7, 5, 4, 0, 16_777_216);
  expect(read(ring, 1)).toEqual({
    sequence: 1, wallMillis: 1000, simSeconds: 2.5, type: 'chunk.moved',
    arena: 1, chunk: 7, from: 'q100', to: 'q075', usagePercent: 0, freeBytes: 16_777_216,
  }); // prettier-ignore
});

test('an event of words reads back as it was published', () => {
  const ring = new EventRing(4);
  ring.keep(settings('"\n'), 1000, 0);
  expect(read(ring, 1)).toEqual({ sequence: 1, wallMillis: 1000, simSeconds: 0, ...settings('"\n') });
});

test('the ring holds the last events, as many as it has room for', () => {
  const ring = new EventRing(3);
  expect([ring.first, ring.last]).toEqual([1, 0]);
  for (const seed of ['a', 'b', 'c', 'd', 'e']) ring.keep(settings(seed), 0, 0);
  expect([ring.first, ring.last]).toEqual([3, 5]);
  expect([3, 4, 5].map((sequence) => read(ring, sequence))).toMatchObject(['c', 'd', 'e'].map(settings));
});

test('an event of numbers takes the place of one of words, and the other way round', () => {
  const ring = new EventRing(1);
  ring.keep(settings('a'), 0, 0);
  ring.record(TYPE_INDEX['huge.taken'], 0, 0, 0, 3, 20);
  expect(read(ring, 2)).toMatchObject({ type: 'huge.taken', huge: 3, bytes: 20 });
  ring.keep(settings('b'), 0, 0);
  expect(read(ring, 3)).toMatchObject(settings('b'));
});

test('after a cut nothing before it is held', () => {
  const ring = new EventRing(3);
  ring.keep(settings('a'), 0, 0);
  ring.cut();
  expect([ring.first, ring.last]).toEqual([2, 1]);
  ring.keep(settings('b'), 0, 0);
  expect([ring.first, ring.last]).toEqual([2, 2]);
});

test.each([0, -1, 1.5, NaN])('a capacity of %s is refused', (capacity) => {
  expect(() => new EventRing(capacity)).toThrow(`ringEvents: ${capacity} (expected: a whole number from 1)`);
});

test('the feed names lists and causes as the allocator does', () => {
  expect(LISTS).toEqual(LIST_NAMES);
  expectTypeOf<List>().toEqualTypeOf<ListName>();
  expectTypeOf<Cause>().toEqualTypeOf<ExhaustionCause>();
});

test('types fit into the bits of a filter', () => {
  expect(EVENT_TYPES.length).toBeLessThanOrEqual(31);
});

test('types that are recorded as numbers have only fields that a number can stand for, arena first, and room for them', () => {
  for (const type of ['chunk.created', 'chunk.moved', 'chunk.destroyed', 'huge.taken', 'huge.released', 'cache.trimmed'] as const) {
    const fields = Object.entries(EVENTS[type].fields);
    expect(fields[0]![0]).toBe('arena');
    expect(fields.length).toBeLessThanOrEqual(6);
    for (const [, { json }] of fields) expect(json.type === 'integer' || json.enum !== undefined, type).toBe(true);
  }
});
