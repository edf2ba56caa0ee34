// explain: from a snapshot of the allocator to sentences: who holds each chunk, what is stranded, what would fail next.
// Keeps true: the bytes of a chunk's holders add up to the chunk; what a forecast says succeeds does, one byte more fails.
// Imports the allocator only: no I/O, clock or chance. The snapshot may be live, remote or from a file.
export { type ByteTotals, type CauseTotal, type ChunkExplanation, explain, type Explanation, type ExplainOptions } from './explanation.ts';
export { type Cause, CAUSES, type Fate } from './fate.ts';
export type { ArenaForecast, EventLoopForecast } from './forecast.ts';
export { explanationText } from './text.ts';
export { bytesInWords } from './words.ts';
