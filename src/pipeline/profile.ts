// What the pipeline of each Netty version does in its own way. The algorithms read these fields; no other file of this room names a version.
import type { NettyVersion } from '../allocator/index.ts';

export interface PipelineProfile {
  /** A readable event is small up to the size that stands so many places below the predicted one in the table of sizes. */
  readonly smallSteps: number;
  /** A read that fills its buffer is recorded at once: the next buffer of the same readable event is larger (4.1.48). */
  readonly learnsWithinEvent: boolean;
  /** The encoder's buffer for a response head follows the heads sent before on its connection (4.1.48), or is always 256 B. */
  readonly learnsResponseBytes: boolean;
}

export const PIPELINE_PROFILES = {
  '4.1.0.CR3': { smallSteps: 2, learnsWithinEvent: false, learnsResponseBytes: false },
  '4.1.48.Final': { smallSteps: 1, learnsWithinEvent: true, learnsResponseBytes: true },
} as const satisfies Record<NettyVersion, PipelineProfile>;
