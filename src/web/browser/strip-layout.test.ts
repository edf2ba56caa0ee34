import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { layoutStrips } from './strip-layout.ts';

const counts = fc.array(fc.nat(70), { minLength: 6, maxLength: 6 });

describe('the layout of strips', () => {
  test('keeps every strip within the width and its list, and no two overlap', () => {
    fc.assert(
      fc.property(counts, fc.integer({ min: 260, max: 2000 }), (chunks, width) => {
        const { at, stripWidth, stripHeight, lists, height } = layoutStrips(chunks, width);
        const taken = new Set<string>();
        chunks.forEach((count, list) => {
          const { top, height: high } = lists[list]!;
          for (let index = 0; index < count; index++) {
            const { x, y } = at(list, index);
            expect(x).toBeGreaterThanOrEqual(0);
            expect(x + stripWidth).toBeLessThanOrEqual(width);
            expect(y).toBeGreaterThanOrEqual(top);
            expect(y + stripHeight).toBeLessThanOrEqual(top + high);
            expect(taken.has(`${x} ${y}`)).toBe(false);
            taken.add(`${x} ${y}`);
          }
        });
        expect(height).toBe(lists.reduce((sum, box) => sum + box.height, 0));
      }),
    );
  });

  test('draws few chunks large with captions, many small without', () => {
    expect(layoutStrips([1, 2, 0, 0, 3, 0], 1080)).toMatchObject({ stripWidth: 256, isCaptioned: true });
    expect(layoutStrips([0, 64, 0, 0, 0, 0], 1080)).toMatchObject({ stripWidth: 128, isCaptioned: false });
  });

  test('puts labels above the strips where the page is narrow', () => {
    expect([layoutStrips([1, 0, 0, 0, 0, 0], 330).at(0, 0).x, layoutStrips([1, 0, 0, 0, 0, 0], 600).at(0, 0).x]).toEqual([0, 108]);
  });
});
