// How the garbage collector treats a service that keeps its memory outside the heap. V8 starts a full collection after some 64 MB of
// array buffers were made, wherever they lie: with chunks and huge buffers among them, that is one for each large body. Counting
// that memory towards the heap's own limit, which may grow to 11 times what is live, leaves one in forty (bench/http.ts: 20 MB bodies
// 29 -> 14 ms of processor time). Memory of chunks is given back when they are destroyed; no collection is needed for it.
import { setFlagsFromString } from 'node:v8';

const FLAGS = ['--external-memory-accounted-in-global-limit', '--heap-growing-percent=1000'] as const;

export function tuneCollector(): void {
  for (const flag of FLAGS) setFlagsFromString(flag);
}
