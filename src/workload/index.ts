// workload: what arrives. Seeded chance, distributions, arrival processes, and scenarios as people write them.
// Keeps true: the same seed gives the same traffic on every machine. No I/O, no clock.
export { Arrivals, type Bursts, DAY_MICROS, HOUR_MICROS, SECOND_MICROS, weekShape } from './arrivals.ts';
export { createSampler, type Distribution, type Sampler } from './distribution.ts';
export { Random } from './random.ts';
export type {
  BackPressureSettings,
  ClosedSource,
  NetworkModel,
  OpenSource,
  PeerModel,
  Scenario,
  ScenarioSettings,
  SourceModel,
} from './scenario.ts';
export { plainSettings } from './scenario.ts';
export { parseScenario, ScenarioError, type ScenarioMistake } from './scenario-text.ts';
