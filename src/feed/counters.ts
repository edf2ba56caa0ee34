// What the feed has done so far, as plain numbers for metrics.
import type { EventType } from '../client/index.ts';

/** Why a connection ended: closed by the client, by us for a reason of CLOSE_CODES, or dropped since it no longer answered. */
export const ENDS = ['client', 'going_away', 'message_too_big', 'bad_message', 'too_slow', 'future', 'too_many', 'dead'] as const;
export type End = (typeof ENDS)[number];
/** Why a connection was not taken: from a foreign page, or too many are there. */
export const REFUSALS = ['origin', 'clients'] as const;
export type Refusal = (typeof REFUSALS)[number];
/** How clients began: with a snapshot, where they were, or with a snapshot since where they were is gone. */
export const BEGINNINGS = ['snapshot', 'resumed', 'gone'] as const;
export type Beginning = (typeof BEGINNINGS)[number];

const zeros = <K extends string>(names: readonly K[]) => Object.fromEntries(names.map((name) => [name, 0])) as Record<K, number>;

export class FeedCounters {
  readonly begun = zeros(BEGINNINGS);
  readonly ended = zeros(ENDS);
  readonly refused = zeros(REFUSALS);
  frames = 0;
  bytes = 0;
}

/** At the moment of a scrape. */
export interface FeedSample {
  readonly sequence: number;
  readonly heldEvents: number;
  readonly clients: number;
  readonly subscriptions: number; // different filters
  readonly pendingBytes: number; // unsent, over all clients
  readonly events: Readonly<Record<EventType, number>>;
  readonly begun: Readonly<Record<Beginning, number>>;
  readonly ended: Readonly<Record<End, number>>;
  readonly refused: Readonly<Record<Refusal, number>>;
  readonly frames: number;
  readonly bytes: number;
}
