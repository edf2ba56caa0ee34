import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesText, describeEvent } from './describe.ts';
import { type EventBody, type FeedEvent, LISTS } from './events.ts';
import { backoffSeconds } from './socket.ts';
import { applyEvent, type OwnedState } from './state.ts';

const emptyState = (): OwnedState => ({
  chunkBytes: 16,
  limitBytes: 256,
  reservedBytes: 0,
  hugeBytes: 0,
  hugeCount: 0,
  exhausted: { chunk: 0, huge: 0 },
  backPressure: { http: false, simulation: false },
  simulationDay: 0,
  arenas: [0, 1].map(() => ({
    lists: { qInit: [], q000: [], q025: [], q050: [], q075: [], q100: [] },
    chunksCreated: 0,
    chunksDestroyed: 0,
    hugeBytes: 0,
  })),
});

let sequence = 0;
const at = (body: EventBody): FeedEvent => ({ sequence: ++sequence, wallMillis: 0, simSeconds: 0, ...body });
const after = (...bodies: EventBody[]): OwnedState => {
  const state = emptyState();
  for (const body of bodies) applyEvent(state, at(body));
  return state;
};
const create = (chunk: number, arena = 0): EventBody => ({
  type: 'chunk.created', arena, chunk, bytes: 16, list: 'qInit', usagePercent: 50, freeBytes: 8,
}); // prettier-ignore

describe('the state', () => {
  test('holds chunks in the order of their lists: what comes goes to the head', () => {
    const state = after(create(0), create(1), { type: 'chunk.moved', arena: 0, chunk: 0, from: 'qInit', to: 'q100', usagePercent: 100, freeBytes: 0 }, create(2, 1)); // prettier-ignore
    expect(state).toMatchObject({ reservedBytes: 48 });
    expect(state.arenas[0]!.lists).toMatchObject({ qInit: [{ id: 1 }], q100: [{ id: 0, usagePercent: 100, freeBytes: 0 }] });
    expect(state.arenas[1]).toMatchObject({ chunksCreated: 1, lists: { qInit: [{ id: 2 }] } });
  });

  test('is empty again when everything is given back, whatever the way', () => {
    const way = fc.array(fc.constantFrom(...LISTS), { maxLength: 6 });
    fc.assert(
      fc.property(fc.array(way, { maxLength: 8 }), (ways) => {
        const state = emptyState();
        ways.forEach((_, chunk) => applyEvent(state, at(create(chunk))));
        ways.forEach((way, chunk) => {
          const from = way.reduce<(typeof LISTS)[number]>((from, to) => {
            applyEvent(state, at({ type: 'chunk.moved', arena: 0, chunk, from, to, usagePercent: 1, freeBytes: 1 }));
            return to;
          }, 'qInit');
          applyEvent(state, at({ type: 'chunk.destroyed', arena: 0, chunk, bytes: 16, from }));
        });
        const counts = { chunksCreated: ways.length, chunksDestroyed: ways.length };
        const [first, second] = emptyState().arenas;
        expect(state).toEqual({ ...emptyState(), arenas: [{ ...first, ...counts }, second] });
      }),
    );
  });

  test('counts huge allocations, refusals, back-pressure and days', () => {
    const taken: EventBody = { type: 'huge.taken', arena: 1, huge: 0, bytes: 40 };
    const refused: EventBody = {
      type: 'memory.exhausted', arena: 0, cause: 'chunk', askedBytes: 16, reservedBytes: 250, limitBytes: 256, request: null,
    }; // prettier-ignore
    const state = after(taken, taken, { ...taken, type: 'huge.released' }, refused, refused, {
      type: 'backpressure.started', source: 'simulation', headroomBytes: 1,
    }); // prettier-ignore
    expect(state).toMatchObject({
      reservedBytes: 40, hugeBytes: 40, hugeCount: 1, exhausted: { chunk: 2, huge: 0 }, backPressure: { http: false, simulation: true }, arenas: [{ hugeBytes: 0 }, { hugeBytes: 40 }],
    }); // prettier-ignore
    applyEvent(state, at({ type: 'backpressure.ended', source: 'simulation', headroomBytes: 9 }));
    expect(state.backPressure.simulation).toBe(false);
  });

  test('refuses an event that does not fit it', () => {
    const moved = { type: 'chunk.moved', arena: 0, chunk: 1, from: 'q000', to: 'q025', usagePercent: 1, freeBytes: 1 } as const;
    sequence = 6;
    expect(() => after(moved)).toThrow('event 7: chunk 1 (expected: in q000 of arena 0)');
    sequence = 6;
    expect(() => after(create(0, 2))).toThrow('event 7: arena 2 (expected: below 2)');
  });

  test('passes over events that a later version made up', () => {
    const state = emptyState();
    applyEvent(state, { ...at(create(0)), type: 'chunk.polished' } as unknown as FeedEvent);
    expect(state).toEqual(emptyState());
  });
});

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1536, '1.5 KiB'],
  [2 ** 24, '16 MiB'],
  [2 ** 60, '1048576 TiB'],
])('%s bytes are told as %s', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});

test('an event of a later version is told by its type', () => {
  expect(describeEvent({ ...at(create(0)), type: 'chunk.polished' } as unknown as FeedEvent)).toBe('chunk.polished');
});

test('a pause lies between nothing and a bound that doubles up to 30 s', () => {
  const bounds = [1, 2, 3, 4, 5, 6, 7, 8].map((failures) => backoffSeconds(failures, () => 1));
  expect(bounds).toEqual([0.5, 1, 2, 4, 8, 16, 30, 30]);
  expect(backoffSeconds(5, () => 0)).toBe(0);
});
