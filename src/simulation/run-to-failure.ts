// One simulation from its start to its first failure, or to the last day: what a comparison is made of.
import type { Scenario } from '../workload/index.ts';
import type { Failure, SimulationResult } from './result.ts';
import { Simulation } from './simulation.ts';
import type { OutcomeCounts } from './source.ts';

export interface RunSummary {
  readonly seed: number;
  readonly days: number; // simulated
  readonly firstFailure: Failure | null;
  readonly requests: OutcomeCounts;
  readonly requestsBySource: Readonly<Record<string, OutcomeCounts>>;
  readonly peakReservedBytes: number;
  readonly meanRetainedBytes: number;
  readonly meanStrandedBytes: number;
  readonly copiedBytes: number;
  readonly chunks: number; // in the end
  readonly strandedChunks: number;
}

const STEP_DAYS = 1;

/** `onDay` is told how far it has come. */
export function runToFailure(scenario: Scenario, seed: number, days: number, onDay: (day: number) => void = () => undefined): RunSummary {
  const simulation = new Simulation({ scenario, seed, keepsDays: false });
  let day = 0;
  while (day < days && simulation.tally.firstFailure === null) {
    day = Math.min(days, day + STEP_DAYS);
    simulation.advance(day * 86_400);
    onDay(day);
  }
  return summarise(simulation.result(), day);
}

function summarise(result: SimulationResult, days: number): RunSummary {
  const { seed, firstFailure, requests, requestsBySource, peakReservedBytes, meanRetainedBytes, meanStrandedBytes, copiedBytes, state } =
    result;
  const { chunks, strandedChunks } = state;
  return { seed, days, firstFailure, requests, requestsBySource, peakReservedBytes, meanRetainedBytes, meanStrandedBytes, copiedBytes, chunks, strandedChunks }; // prettier-ignore
}
