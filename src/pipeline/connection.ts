// A connection on its event loop: where it is in the current request, and its receive-buffer predictor.
//
//   IDLE ──begin──▶ HEAD ──▶ BODY ──▶ IDLE (whole message handed to the handler)
//                     └────────┴──▶ FAILED (out of direct memory) ──close──▶ CLOSED
import { type BufferRef, NONE } from '../allocator/index.ts';
import type { EventLoop } from './event-loop.ts';
import type { Handler } from './handler.ts';
import type { Message } from './message.ts';
import type { Predictor } from './predictor.ts';
import { RESPONSE_BYTES } from './response.ts';

export const [IDLE, HEAD, BODY, FAILED, CLOSED] = [0, 1, 2, 3, 4] as const;
export type ConnectionState = typeof IDLE | typeof HEAD | typeof BODY | typeof FAILED | typeof CLOSED;

export class Connection {
  readonly id: number;
  readonly loop: EventLoop;
  readonly predictor: Predictor;
  readonly handler: Handler;
  tag = 0; // the owner's number for it
  begun = NaN; // when its present request began, in the owner's time; the owner's to set
  hasBytes = true; // false: simulated, its bytes take space but are never written nor copied
  state: ConnectionState = IDLE;
  headBytes = 0; // of the head, still to come
  head: Uint8Array | null = null; // its text, where bytes are real: read before the source's
  bodyBytes = 0; // of the body, still to come; Infinity: ends by `end`
  receivedBytes = 0; // body bytes of the current request so far
  slices = 0;
  responseBytes: number = RESPONSE_BYTES; // of the buffer for its next response head; a moving average, taken without its fraction
  message: Message | null = null; // being aggregated
  offered: BufferRef = NONE; // a receive buffer that the socket's next read is written into
  eventReads = 0; // of the readable event under way, by `offer` and `accept`
  eventBytes = 0;

  constructor(id: number, loop: EventLoop, predictor: Predictor, handler: Handler) {
    this.id = id;
    this.loop = loop;
    this.handler = handler;
    this.predictor = predictor;
  }

  /** The readable event of `offer` and `accept` is over. */
  endEvent(): void {
    if (this.eventReads > 0) this.predictor.record(this.eventBytes);
    this.loop.receivedBytes += this.eventBytes;
    this.eventReads = this.eventBytes = 0;
  }
}
