// The receive-buffer predictor against Netty's rules, written out over a plain table.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NETTY_RECEIVE, Predictor, predictorRange } from './predictor.ts';
import { PIPELINE_PROFILES, type PipelineProfile } from './profile.ts';

const TABLE = [...Array.from({ length: 31 }, (_, i) => 16 * (i + 1)), ...Array.from({ length: 22 }, (_, i) => 512 * 2 ** i)];
const CR3 = PIPELINE_PROFILES['4.1.0.CR3'];
const create = (options = NETTY_RECEIVE, profile: PipelineProfile = CR3) => new Predictor(predictorRange(options), profile);
/** Sizes after each of some readable events. */
const after = (predictor: Predictor, totals: readonly number[]) => totals.map((total) => (predictor.record(total), predictor.bytes));

describe('with Netty’s defaults', () => {
  test('starts at 1024', () => expect(create().bytes).toBe(1024));

  test('steps up by four where an event filled what was predicted, up to 64 KiB', () => {
    expect(after(create(), [1024, 20_000, 65_536, 10 ** 6])).toEqual([16_384, 65_536, 65_536, 65_536]);
  });

  test('steps down by one with the second small event, though others lie between', () => {
    expect(after(create(), [256, 600, 256])).toEqual([1024, 1024, 512]);
  });

  test('an event is small up to the size two below; one byte more is not', () => {
    const sizeTwoBelow = TABLE[TABLE.indexOf(1024) - 2]!;
    expect(after(create(), [sizeTwoBelow, sizeTwoBelow])).toEqual([1024, 512]);
    expect(after(create(), [sizeTwoBelow + 1, sizeTwoBelow + 1])).toEqual([1024, 1024]);
  });

  test('forgets a pending step down with a step up', () => {
    expect(after(create(), [100, 1024, 100, 100])).toEqual([1024, 16_384, 16_384, 8192]);
  });

  test('goes down to 64 and no further', () => {
    const predictor = create();
    after(predictor, Array<number>(200).fill(0));
    expect([predictor.bytes, ...after(predictor, [64, 0])]).toEqual([64, 128, 128]);
  });
});

test('with 4.1.48 an event is small up to the size just below', () => {
  const sizeBelow = TABLE[TABLE.indexOf(1024) - 1]!;
  const after48 = (total: number) => after(create(NETTY_RECEIVE, PIPELINE_PROFILES['4.1.48.Final']), [total, total]);
  expect(after48(sizeBelow)).toEqual([1024, 512]);
  expect(after48(sizeBelow + 1)).toEqual([1024, 1024]);
});

test('agrees with the rules for any sequence of events', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.nat(70_000), fc.nat(600), fc.constantFrom(...TABLE.slice(0, 45))), { maxLength: 100 }), (totals) => {
      let [index, pending] = [TABLE.indexOf(1024), false];
      const expected = totals.map((total) => {
        if (total <= TABLE[Math.max(0, index - 2)]!) {
          if (pending) index = Math.max(index - 1, TABLE.indexOf(64));
          pending = !pending;
        } else if (total >= TABLE[index]!) {
          index = Math.min(index + 4, TABLE.indexOf(65_536));
          pending = false;
        }
        return TABLE[index];
      });
      expect(after(create(), totals)).toEqual(expected);
    }),
  );
});

describe('other settings', () => {
  const range = (minimum: number, initial: number, maximum: number) => ({ minimum, initial, maximum, maxReads: 16 });
  test('are rounded into the table: minimum and initial up, maximum down', () => {
    const predictor = create(range(100, 1000, 5000));
    expect(predictor.bytes).toBe(1024);
    expect(after(predictor, [5000, 5000])).toEqual([4096, 4096]);
    after(predictor, Array<number>(200).fill(0));
    expect(predictor.bytes).toBe(112);
  });
  test.each([
    [5000, 5000, 4000],
    [17, 17, 18],
    [Number.NaN, 64, 64],
    [64, 64, 15],
  ])('%i, %i, %i are refused', (minimum, initial, maximum) => {
    expect(() => predictorRange(range(minimum, initial, maximum))).toThrow(/receive: .* \(expected: /);
  });
});
