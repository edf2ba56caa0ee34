import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exp, ln } from './exact-math.ts';
import { Random } from './random.ts';

const DRAWS = 200_000;

function moments(draw: () => number): { mean: number; variance: number } {
  let [sum, squares] = [0, 0];
  for (let i = 0; i < DRAWS; i++) {
    const x = draw();
    sum += x;
    squares += x * x;
  }
  const mean = sum / DRAWS;
  return { mean, variance: squares / DRAWS - mean * mean };
}

describe('exact mathematics', () => {
  test('ln is the natural logarithm to 1e-10, from the smallest draw to large ratios', () => {
    fc.assert(fc.property(fc.double({ min: 1e-12, max: 1e12, noNaN: true }), (x) => Math.abs(ln(x) - Math.log(x)) < 1e-10));
  });

  test('exp is the exponential to 1e-10 of its value', () => {
    fc.assert(fc.property(fc.double({ min: -600, max: 600, noNaN: true }), (x) => Math.abs(exp(x) / Math.exp(x) - 1) < 1e-10));
  });

  test('both give these very bits on every machine', () => {
    expect([ln(0.1), ln(7), exp(0.1), exp(-3.7)]).toMatchInlineSnapshot(`
      [
        -2.302585092993984,
        1.9459101490553132,
        1.1051709180756477,
        0.02472352647033519,
      ]
    `);
  });
});

describe('a stream of chance', () => {
  test('gives these very bits on every machine', () => {
    const random = new Random(1, 'small/size');
    expect([random.bits(), random.bits(), random.bits(), random.normal(), random.exponential()]).toMatchInlineSnapshot(`
      [
        3633084625,
        3095403974,
        1366865334,
        -1.5259079672181686,
        1.160032843201882,
      ]
    `);
  });

  test('is another one for another seed, also one above 32 bits, or another name', () => {
    const first = [new Random(1, 'a'), new Random(2, 'a'), new Random(1, 'b'), new Random(1 + 2 ** 32, 'a')].map((random) => random.bits());
    expect(new Set(first).size).toBe(4);
  });

  test.each([
    ['uniform', (random: Random) => random.unit(), 1 / 2, 1 / 12],
    ['normal', (random: Random) => random.normal(), 0, 1],
    ['exponential', (random: Random) => random.exponential(), 1, 1],
  ])('has the mean and variance of the %s law', (_, draw, mean, variance) => {
    const random = new Random(7, 'moments');
    const got = moments(() => draw(random));
    expect(got.mean).toBeCloseTo(mean, 1.7);
    expect(got.variance).toBeCloseTo(variance, 1.7);
  });

  test('has as many normal numbers beyond 3, and beyond the last edge of the ziggurat, as the law says', () => {
    const random = new Random(11, 'tails');
    let [beyond3, beyondEdge] = [0, 0];
    for (let i = 0; i < DRAWS; i++) {
      const size = Math.abs(random.normal());
      if (size > 3) beyond3++;
      if (size > 3.4426) beyondEdge++;
    }
    expect(Math.abs(beyond3 / DRAWS - 0.0027)).toBeLessThan(0.0005);
    expect(Math.abs(beyondEdge / DRAWS - 0.000576)).toBeLessThan(0.0002);
  });
});
