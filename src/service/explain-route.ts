// GET /api/explain: who holds each chunk, and what would fail next.
import type { Request, Response } from 'express';
import { explain, explanationText } from '../explain/index.ts';
import { pipelineHolders } from '../pipeline/index.ts';
import { answerOf } from './answer.ts';
import { ProblemError } from './problems.ts';
import type { Runtime } from './runtime.ts';
import { sendJson, sendText } from './sending.ts';

const MOST_CHUNKS = 1000; // in an answer, unless more are asked for

/** Ages are as of now: while no traffic comes the allocator's clock stands still. Beside simulated days it is theirs, for all. */
export function sendExplanation(runtime: Runtime, nowSeconds: number, { query }: Request, response: Response): void {
  runtime.touch(nowSeconds);
  const state = pipelineHolders(runtime.pipeline, runtime.simSeconds !== null);
  const { format, arena, chunks } = query as Partial<Record<'format' | 'arena' | 'chunks', string>>;
  if (arena !== undefined && Number(arena) >= state.arenas.length)
    throw new ProblemError('NO_SUCH_ARENA', `arena: ${arena} (expected: 0 … ${state.arenas.length - 1})`);
  if (format === 'snapshot') return sendJson(answerOf(response), state);
  const explanation = explain(state, {
    ...(arena !== undefined && { arena: Number(arena) }),
    mostChunks: chunks === undefined ? MOST_CHUNKS : Number(chunks),
  });
  if (format !== 'text') return sendJson(answerOf(response), explanation);
  sendText(answerOf(response), 200, 'text/plain; charset=utf-8', explanationText(explanation), { 'Cache-Control': 'no-store' });
}
