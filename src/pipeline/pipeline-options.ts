// What a pipeline is made by.
import type { NettyVersion } from '../allocator/index.ts';
import type { ReceiveOptions } from './predictor.ts';

export interface PipelineOptions {
  readonly eventLoops: number;
  readonly version?: NettyVersion; // whose pipeline; default: the allocator's
  /** HttpObjectAggregator in the pipeline (default), or slices handed on one by one. */
  readonly aggregate?: boolean;
  readonly maxComponents?: number; // of the aggregator's composite; default 1024
  readonly sliceBytes?: number; // HttpServerCodec's maxChunkSize; default 8196
  readonly receive?: ReceiveOptions;
}

/** Sees each read, for traces: capacity of the receive buffer and bytes read into it. */
export type ReadObserver = (capacity: number, bytes: number) => void;
