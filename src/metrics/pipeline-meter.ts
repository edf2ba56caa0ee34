// Message sizes, counted as the pipeline hands messages on, and with them the counters that its event loops keep themselves.
import type { BackPressure, EventLoop, Peer, Pipeline } from '../pipeline/index.ts';
import { Histogram, type HistogramSample, powersOfTwo } from './histogram.ts';

/** 1 KiB … 1 GiB: fine enough to see which sizes are consolidated once, or become huge. */
export const MESSAGE_BOUNDS = powersOfTwo(10, 30);

/** The counters of an event loop, as it keeps them. */
export interface LoopSample {
  readonly index: number;
  readonly connections: number;
  readonly messages: number;
  readonly failures: number;
  readonly consolidations: number;
  readonly copiedBytes: number;
  readonly receivedBytes: number;
}

export interface PipelineSample {
  readonly loops: readonly LoopSample[];
  readonly messageBytes: HistogramSample;
  readonly heldMessages: number; // by peers: they work on them, or the messages wait
  readonly backPressure: { readonly reading: boolean; readonly changes: number };
}

export class PipelineMeter {
  readonly #messageBytes = new Histogram(MESSAGE_BOUNDS);

  /** A whole message went to its handler. */
  messageReceived(bytes: number): void {
    this.#messageBytes.observe(bytes);
  }

  sample(
    pipeline: Pipeline,
    backPressure: Pick<BackPressure, 'reading' | 'changes'>,
    ...peers: readonly Pick<Peer, 'held'>[]
  ): PipelineSample {
    return {
      loops: pipeline.loops.map(sampleLoop),
      messageBytes: this.#messageBytes.sample(),
      heldMessages: peers.reduce((sum, peer) => sum + peer.held, 0),
      backPressure: { reading: backPressure.reading, changes: backPressure.changes },
    };
  }
}

/** A copy: the loop's own counters run on. */
function sampleLoop({ index, connections, messages, failures, consolidations, copiedBytes, receivedBytes }: EventLoop): LoopSample {
  return { index, connections, messages, failures, consolidations, copiedBytes, receivedBytes };
}
