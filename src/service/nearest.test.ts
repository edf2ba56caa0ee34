import { expect, test } from 'vitest';
import { nearest } from './nearest.ts';

test.each([
  ['serv', 'serve'],
  ['srever', 'serve'],
  ['VERIFY', 'verify'],
  ['verfiy', 'verify'],
  ['s', undefined],
  ['xyzzyx', undefined],
])('%s means %s', (name, expected) => {
  expect(nearest(name, ['serve', 'verify', 'simulate'])).toBe(expected);
});
