// What one scrape reads: plain data, taken at one moment, that all series are computed from. A part of the program that has more to
// tell adds a field here and rows to the table.
import type { AllocatorSnapshot, ExhaustionCause } from '../allocator/index.ts';
import type { FeedSample } from '../feed/index.ts';
import type { HttpSample } from './http-meter.ts';
import type { PoolSample } from './pool-meter.ts';
import type { OutcomeCounts } from '../simulation/index.ts';
import type { PipelineSample } from './pipeline-meter.ts';

export interface MetricsInput {
  readonly allocator: AllocatorSnapshot; // snapshot(allocator)
  readonly pool: PoolSample; // PoolMeter.sample(): what the allocator's events tell and no snapshot knows
  readonly pipeline: PipelineSample; // PipelineMeter.sample(pipeline, backPressure, peer)
  readonly http: HttpSample; // HttpMeter.sample()
  readonly simulation?: SimulationInput | null; // null: none runs
  readonly feed?: FeedSample | null; // AttachedFeed.sample()
}

/** What a scrape reads of the simulation. */
export interface SimulationInput {
  readonly simSeconds: number;
  readonly speedReached: number; // simulated seconds a second
  readonly requests: OutcomeCounts;
  readonly failures: Readonly<Record<ExhaustionCause, number>>;
}
