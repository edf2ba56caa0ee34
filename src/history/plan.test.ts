import { expect, test } from 'vitest';
import { loadScenario } from '../simulation/index.ts';
import { BLOCK_SECONDS, planHistory } from './plan.ts';

const END = Date.UTC(2026, 10, 23) / 1000;
const plans = planHistory({
  scenario: loadScenario('steady-small'),
  seed: 7,
  days: 3,
  endSeconds: END,
  stepHours: 1,
  settings: ['no-caches', 'more-memory'],
  folder: 'somewhere',
});

test('the scenario as it is comes first, by arena; the others by their account', () => {
  expect(plans.map(({ name, detail, labels }) => [name, detail, labels.instance, labels.setting])).toEqual([
    ['as-it-was', 'arenas', 'steady-small', 'as-it-was'],
    ['no-caches', 'account', 'steady-small/no-caches', 'no-caches'],
    ['more-memory', 'account', 'steady-small/more-memory', 'more-memory'],
  ]);
  expect(new Set(plans.map(({ labels }) => labels.job))).toEqual(new Set(['history']));
});

test('every run has the settings it is named after', () => {
  expect(plans.map(({ scenario }) => [scenario.settings.caches, scenario.settings.limit / 2 ** 20])).toEqual([
    [true, 256],
    [false, 256],
    [true, 512],
  ]);
});

test('its last simulated hour is the end', () => {
  for (const { startSeconds, hours } of plans) expect(startSeconds + hours * 3600).toBe(END);
});

test('a block is one of the durations that promtool makes: two hours times a power of three', () => {
  expect(Math.log(BLOCK_SECONDS / 7200) / Math.log(3)).toBeCloseTo(6, 12);
});
