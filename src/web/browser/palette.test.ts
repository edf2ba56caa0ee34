// Colours against colour-blindness: simulated by Machado, Oliveira and Fernandes (2009), compared as distances in OKLab.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

type Triple = readonly [number, number, number];
type Matrix = readonly [Triple, Triple, Triple];

const SIGHTS: Readonly<Record<string, Matrix>> = {
  'full colour vision': [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  protanopia: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
  deuteranopia: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
  tritanopia: [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}; // prettier-ignore

const apply = (matrix: Matrix, [r, g, b]: Triple): Triple => matrix.map((row) => row[0] * r + row[1] * g + row[2] * b) as unknown as Triple;
const linear = (channel: number): number => (channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4);

const LMS: Matrix = [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566], [0.0883024619, 0.2817188376, 0.6299787005]]; // prettier-ignore
const LAB: Matrix = [[0.2104542553, 0.793617785, -0.0040720468], [1.9779984951, -2.428592205, 0.4505937099], [0.0259040371, 0.7827717662, -0.808675766]]; // prettier-ignore
const oklab = (colour: Triple): Triple => apply(LAB, apply(LMS, colour).map((v) => Math.cbrt(Math.max(0, v))) as unknown as Triple);

const css = readFileSync(join(import.meta.dirname, 'page.css'), 'utf8');

/** A colour of the style sheet in one of its two themes, linear. */
function colourOf(name: string, theme: 'light' | 'dark'): Triple {
  const [, light, dark] = new RegExp(`--${name}: light-dark\\((#\\w{6}), (#\\w{6})\\)`).exec(css)!;
  const value = Number.parseInt((theme === 'light' ? light! : dark!).slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255].map((channel) => linear(channel / 255)) as unknown as Triple;
}

const luminance = ([r, g, b]: Triple): number => 0.2126 * r + 0.7152 * g + 0.0722 * b;
const contrast = (a: Triple, b: Triple): number =>
  (Math.max(luminance(a), luminance(b)) + 0.05) / (Math.min(luminance(a), luminance(b)) + 0.05);

describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
  test.each(Object.entries(SIGHTS))('holders of pages can be told apart with %s', (_, matrix) => {
    const seen = ['free', 'live', 'cache', 'subpage'].map((name) => oklab(apply(matrix, colourOf(name, theme))));
    const distances = seen.flatMap((a, i) => seen.slice(i + 1).map((b) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2])));
    expect(Math.min(...distances)).toBeGreaterThan(0.1); // about five times what is just noticed side by side
  });

  /** In the bar at the top each share lies beside its neighbour, in this order. */
  test.each(Object.entries(SIGHTS))('neighbours in the bar of shares can be told apart with %s', (_, matrix) => {
    const seen = ['live', 'cache', 'subpage', 'free', 'huge', 'headroom'].map((name) => oklab(apply(matrix, colourOf(name, theme))));
    const distances = seen.slice(1).map((b, i) => Math.hypot(...b.map((channel, at) => channel - seen[i]![at]!)));
    expect(Math.min(...distances)).toBeGreaterThan(0.1);
  });

  test.each(Object.entries(SIGHTS))('the mark of a stranded chunk stands out from free pages with %s', (_, matrix) => {
    const [alarm, free] = ['alarm', 'free'].map((name) => oklab(apply(matrix, colourOf(name, theme)))) as [Triple, Triple];
    expect(Math.hypot(...alarm.map((channel, at) => channel - free[at]!))).toBeGreaterThan(0.1);
  });

  test.each(['text', 'quiet', 'accent', 'alarm'])('%s is readable on a card and on the ground', (name) => {
    for (const ground of ['card', 'ground']) expect(contrast(colourOf(name, theme), colourOf(ground, theme))).toBeGreaterThan(4.5);
  });

  test('what a button says is readable on its colour', () => {
    expect(contrast(colourOf('on-accent', theme), colourOf('accent', theme))).toBeGreaterThan(4.5);
  });
});
