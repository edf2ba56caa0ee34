// conformance: replays recorded decisions of real Netty and reports every difference. Reads trace files; nothing else touches a disk.
import { PoolError } from '../allocator/index.ts';
import { Comparison, type Difference, type ReplayResult } from './replay.ts';
import { replayHttp } from './replay-http.ts';
import { type ReplayOptions, replayOps } from './replay-ops.ts';
import { type Trace, TraceError } from './trace.ts';

export { parseTrace, readTrace, type Trace, TraceError } from './trace.ts';
export type { Difference, ReplayOptions, ReplayResult };

export function replay(trace: Trace, options: ReplayOptions = {}): ReplayResult {
  const comparison = new Comparison();
  try {
    return trace.kind === 'ops' ? replayOps(trace, comparison, options) : replayHttp(trace, comparison, options);
  } catch (error) {
    // What the allocator or the pipeline refuses is a mistake of the trace.
    if (error instanceof PoolError || error instanceof RangeError) throw new TraceError(`line ${comparison.line}: ${error.message}`);
    throw error;
  }
}
