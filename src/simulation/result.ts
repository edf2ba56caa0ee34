// What a simulation has found so far, as plain data: for the terminal, JSON, metrics, the feed and the page.
import type { ExhaustionCause, NettyVersion } from '../allocator/index.ts';
import type { Gauges } from './gauges.ts';
import type { OutcomeCounts } from './source.ts';

/** A request that found no memory. */
export interface Failure {
  readonly simSeconds: number;
  readonly cause: ExhaustionCause;
  readonly source: string;
  readonly bodyBytes: number;
  readonly receivedBytes: number; // of the body, before it failed
  readonly askedBytes: number;
  readonly reservedBytes: number;
  readonly limitBytes: number;
  readonly arena: number;
}

/** One simulated day, at its end; counts and peaks are of that day. */
export interface DaySample extends Gauges {
  readonly day: number; // from 1
  readonly requests: OutcomeCounts;
  readonly failures: Readonly<Record<ExhaustionCause, number>>;
  readonly peakReservedBytes: number;
  readonly peakHeldBytes: number; // bodies received and not answered, at once
}

export interface SimulationResult {
  readonly scenario: string;
  readonly seed: number;
  readonly version: NettyVersion;
  readonly limitBytes: number;
  readonly chunkBytes: number;
  readonly arenas: number;
  readonly eventLoops: number;
  readonly simSeconds: number;
  readonly requests: OutcomeCounts;
  readonly requestsBySource: Readonly<Record<string, OutcomeCounts>>;
  readonly failures: Readonly<Record<ExhaustionCause, number>>;
  readonly firstFailure: Failure | null;
  readonly state: Gauges; // now
  readonly peakReservedBytes: number;
  readonly peakHeldBytes: number;
  readonly consolidations: number;
  readonly copiedBytes: number; // by consolidations
  readonly meanRetainedBytes: number; // of chunks less live, over the hours
  readonly meanStrandedBytes: number;
  readonly peerStalls: number;
  readonly days: readonly DaySample[];
}

/** The simulated day, from 1, of a time. */
export function dayOf(simSeconds: number): number {
  return Math.floor(simSeconds / 86_400) + 1;
}
