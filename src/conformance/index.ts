// conformance: replays recorded decisions of real Netty and reports every difference. Reads trace files; nothing else touches a disk.
import { type Difference, type ReplayResult } from './replay.ts';
import { replayHttp } from './replay-http.ts';
import { type ReplayOptions, replayOps } from './replay-ops.ts';
import type { Trace } from './trace.ts';

export { parseTrace, readTrace, type Trace, TraceError } from './trace.ts';
export type { Difference, ReplayOptions, ReplayResult };

export function replay(trace: Trace, options?: ReplayOptions): ReplayResult {
  return trace.kind === 'ops' ? replayOps(trace, options) : replayHttp(trace, options);
}
