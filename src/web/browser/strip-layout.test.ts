import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { layoutStrips } from './strip-layout.ts';

const counts = fc.array(fc.nat(70), { minLength: 6, maxLength: 6 });

describe('the layout of strips', () => {
  test('keeps every strip within the width and its list, and no two overlap', () => {
    fc.assert(
      fc.property(counts, fc.integer({ min: 260, max: 2000 }), fc.boolean(), (chunks, width, isCompact) => {
        const { at, stripWidth, stripHeight, lists, height } = layoutStrips(chunks, width, isCompact);
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

  test('of one of many arenas leaves empty lists out', () => {
    const { lists, stripWidth, isNarrow } = layoutStrips([0, 3, 0, 0, 1, 0], 340, true);
    expect(lists.map(({ height }) => height > 0)).toEqual([false, true, false, false, true, false]);
    expect([stripWidth, isNarrow]).toEqual([128, false]);
  });

  test('puts labels above the strips where the page is narrow', () => {
    expect([layoutStrips([1, 0, 0, 0, 0, 0], 330).at(0, 0).x, layoutStrips([1, 0, 0, 0, 0, 0], 600).at(0, 0).x]).toEqual([0, 108]);
  });
});
