// What one scrape reads: plain data, taken at one moment, that all series are computed from. A part of the program that has more to
// tell adds a field here and rows to the table.
import type { AllocatorSnapshot } from '../allocator/index.ts';
import type { HttpSample } from './http-meter.ts';
import type { PoolSample } from './pool-meter.ts';
import type { PipelineSample } from './pipeline-meter.ts';

export interface MetricsInput {
  readonly allocator: AllocatorSnapshot; // snapshot(allocator)
  readonly pool: PoolSample; // PoolMeter.sample(): what the allocator's events tell and no snapshot knows
  readonly pipeline: PipelineSample; // PipelineMeter.sample(pipeline, backPressure, peer)
  readonly http: HttpSample; // HttpMeter.sample()
}
