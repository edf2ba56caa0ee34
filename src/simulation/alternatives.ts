// What could have been set otherwise: one table of alternatives, each a change of a scenario's settings.
import type { ScenarioSettings } from '../workload/index.ts';

export interface Alternative {
  readonly name: string;
  readonly label: string;
  readonly change: (settings: ScenarioSettings) => Partial<ScenarioSettings>;
}

const fixedReceive = (bytes: number) => ({ minimum: bytes, initial: bytes, maximum: bytes, maxReads: 16 });

export const ALTERNATIVES: readonly Alternative[] = [
  { name: 'as-it-was', label: 'the scenario as it is', change: () => ({}) },
  { name: 'netty-4.1.48', label: 'Netty 4.1.48.Final (chunk lists fixed)', change: () => ({ version: '4.1.48.Final' }) },
  { name: 'unpooled', label: 'unpooled direct buffers', change: () => ({ pooled: false }) },
  {
    name: 'watermark',
    label: 'back-pressure: no socket read below 1/8 of the limit',
    change: ({ limit }) => ({ backPressure: { mode: 'watermark', low: limit / 8, high: limit / 6, patience: 60 } }),
  },
  {
    name: 'refuse',
    label: 'back-pressure: uploads of 1 MB and more refused below 200 MB',
    change: () => ({ backPressure: { mode: 'refuse', low: 200e6, from: 1e6 } }),
  },
  {
    name: 'one-at-a-time',
    label: 'back-pressure: a connection waits for its answer',
    change: () => ({ backPressure: { mode: 'connection' } }),
  },
  { name: 'no-caches', label: 'no thread caches', change: () => ({ caches: false }) },
  { name: 'max-order-9', label: 'chunks of 4 MiB (maxOrder 9)', change: () => ({ maxOrder: 9 }) },
  { name: 'more-memory', label: 'twice the memory', change: ({ limit }) => ({ limit: 2 * limit }) },
  { name: 'large-receive', label: 'receive buffers of 64 KiB, always', change: () => ({ receive: fixedReceive(64 * 1024) }) },
  {
    name: 'all-of-it',
    label: '4.1.48, no caches, a connection waits for its answer',
    change: () => ({ version: '4.1.48.Final', caches: false, backPressure: { mode: 'connection' } }),
  },
];

export function withAlternative(settings: ScenarioSettings, name: string): ScenarioSettings {
  const alternative = ALTERNATIVES.find((candidate) => candidate.name === name);
  if (alternative === undefined) throw new RangeError(`setting: ${name} (expected: one of ${ALTERNATIVES.map((a) => a.name).join(', ')})`);
  return { ...settings, ...alternative.change(settings) };
}
