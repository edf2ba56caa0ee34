// The messages to clients as they go over the wire. A frame of events is made once and shared by all clients with the same filter.
import type { FeedState, Limits, ServerMessage } from '../client/index.ts';
import { PROTOCOL_VERSION } from '../client/index.ts';
import { type Filter, passes } from './filter.ts';
import type { EventRing } from './ring.ts';

export const frameOf = (message: ServerMessage): Buffer => Buffer.from(JSON.stringify(message));

export function helloFrame(feed: string, { first, last }: EventRing, heartbeatSeconds: number, limits: Limits): Buffer {
  return frameOf({ type: 'hello', protocol: PROTOCOL_VERSION, feed, first, last, heartbeatSeconds, limits });
}

export const snapshotFrame = (sequence: number, state: FeedState): Buffer => frameOf({ type: 'snapshot', sequence, state });

/** Accounts for `first … last`, none of which passes. */
export const heartbeatFrame = (first: number, last: number): Buffer => frameOf({ type: 'heartbeat', first, last });

/** JSON of held events, each made when the first filter lets it pass. */
export class TurnTexts {
  readonly #ring: EventRing;
  readonly #from: number;
  readonly #texts: (string | undefined)[] = [];

  constructor(ring: EventRing, from: number) {
    this.#ring = ring;
    this.#from = from;
  }

  of(sequence: number): string {
    return (this.#texts[sequence - this.#from] ??= this.#ring.textOf(sequence));
  }
}

/** Those of `from … to` that pass, accounting for `first … to`; null where none does. */
export function eventsFrame(ring: EventRing, filter: Filter, first: number, from: number, to: number, texts: TurnTexts): Buffer | null {
  let events = '';
  let count = 0;
  for (let sequence = from; sequence <= to; sequence++) {
    if (!passes(filter, ring, sequence)) continue;
    events += count++ === 0 ? texts.of(sequence) : `,${texts.of(sequence)}`;
  }
  if (count === 0) return null;
  const skipped = to - first + 1 - count;
  return Buffer.from(`{"type":"events","first":${first},"last":${to},"skipped":${skipped},"events":[${events}]}`);
}
