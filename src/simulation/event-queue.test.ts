import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventQueue } from './event-queue.ts';

test('events leave in the order of their times, equal times in the order in which they came', () => {
  const operation = fc.oneof(fc.record({ push: fc.integer({ min: 0, max: 20 }) }), fc.constant('pop' as const));
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 400 }), (operations) => {
      const queue = new EventQueue();
      const model: { time: number; code: number }[] = []; // sorted; a new one goes after its equals
      operations.forEach((what, code) => {
        if (what !== 'pop') {
          const at = model.findIndex(({ time }) => time > what.push);
          model.splice(at < 0 ? model.length : at, 0, { time: what.push, code });
          queue.push(what.push, code);
        } else if (model.length > 0) expect(queue.pop()).toBe(model.shift()!.code);
        expect(queue.size).toBe(model.length);
        expect(queue.nextTime).toBe(model[0]?.time ?? Infinity);
      });
    }),
  );
});

test('more events than the first arrays hold are kept in order', () => {
  const queue = new EventQueue();
  for (let i = 0; i < 1000; i++) queue.push((i * 7919) % 1000, (i * 7919) % 1000);
  expect(Array.from({ length: 1000 }, () => queue.pop())).toEqual(Array.from({ length: 1000 }, (_, i) => i));
});
