// Simulated days: where they are, how fast they go, and what became of their requests. Emitted only while a simulation runs.
import { row } from './row.ts';

const OUTCOMES = ['completed', 'failed', 'refused'] as const;

export const SIMULATION_ROWS = [
  row({
    name: 'simulation_time_seconds',
    type: 'gauge',
    help: 'Simulated time since the scenario began.',
    unit: 'seconds',
    labels: {},
    stability: 'stable',
    collect: ({ simulation }, emit) => simulation && emit({}, simulation.simSeconds),
  }),
  row({
    name: 'simulation_days', // promtool would have seconds: simulation_time_seconds
    type: 'gauge',
    help: 'Simulated day since the scenario began, with its fraction: 0.5 at noon of the first.',
    unit: 'none',
    labels: {},
    stability: 'stable',
    collect: ({ simulation }, emit) => simulation && emit({}, simulation.simSeconds / 86_400),
  }),
  row({
    name: 'simulation_speed_ratio',
    type: 'gauge',
    help: 'Simulated seconds in a second, as measured over the last two; 0 while paused.',
    unit: 'ratio',
    labels: {},
    stability: 'stable',
    collect: ({ simulation }, emit) => simulation && emit({}, simulation.speedReached),
  }),
  row({
    name: 'simulation_requests_total',
    type: 'counter',
    help: 'Simulated requests that ended: completed; failed for want of direct memory; refused by back-pressure.',
    unit: 'none',
    labels: { outcome: OUTCOMES },
    stability: 'stable',
    collect({ simulation }, emit) {
      if (simulation) for (const outcome of OUTCOMES) emit({ outcome }, simulation.requests[outcome]);
    },
  }),
  row({
    name: 'simulation_failures_total',
    type: 'counter',
    help: 'Simulated requests that found no direct memory, by what was wanted: a new chunk, or an allocation larger than a chunk.',
    unit: 'none',
    labels: { cause: ['chunk', 'huge'] },
    stability: 'stable',
    collect({ simulation }, emit) {
      if (simulation) for (const cause of ['chunk', 'huge'] as const) emit({ cause }, simulation.failures[cause]);
    },
  }),
] as const;
