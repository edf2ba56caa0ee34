// What each live buffer of a pipeline is for: of a body that is being received or of a message that is held (by the peer, or while
// its answer is sent), still a receive buffer or consolidated. Responses are taken and released in one step, so none is ever seen.
import { holders, type HoldersSnapshot, type LiveHolder, type LivePurpose } from '../allocator/index.ts';
import type { Message } from './message.ts';
import type { Pipeline } from './pipeline.ts';

/** Who holds each chunk, with what the pipeline knows. Without the aggregator the live buffers are slices not taken by their consumer. */
export function pipelineHolders(pipeline: Pipeline, simulated = false): HoldersSnapshot {
  return holders(pipeline.allocator, liveBuffers(pipeline), pipeline.aggregate ? 'unknown' : 'slice', simulated);
}

function* liveBuffers({ messages }: Pipeline): Generator<LiveHolder> {
  for (const message of messages) {
    if (message.connection === null) continue; // in the pool of messages
    const cache = message.connection.loop.cache;
    const purpose: LivePurpose = message.connection.message === message ? 'receiving' : 'held';
    for (let i = 0; i < message.count; i++)
      yield { ref: message.refs[i]!, purpose: isConsolidated(message, i) ? `${purpose}_consolidated` : purpose, cache };
  }
}

/** A consolidation puts the whole so far into the first part. */
function isConsolidated(message: Message, part: number): boolean {
  return part === 0 && message.consolidations > 0;
}
