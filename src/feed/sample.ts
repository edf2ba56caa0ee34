// One moment of the feed for a scrape.
import { EVENT_TYPES, type EventType } from '../client/index.ts';
import type { FeedCounters, FeedSample } from './counters.ts';
import type { Feed } from './feed.ts';

type Now = Pick<FeedSample, 'clients' | 'subscriptions' | 'pendingBytes'>;

export function sampleOf({ ring, counts }: Feed, { begun, ended, refused, frames, bytes }: FeedCounters, now: Now): FeedSample {
  const events = Object.fromEntries(EVENT_TYPES.map((type, i) => [type, counts[i]!])) as Record<EventType, number>;
  const heldEvents = ring.last - ring.first + 1;
  return {
    ...now,
    sequence: ring.last,
    heldEvents,
    events,
    begun: { ...begun },
    ended: { ...ended },
    refused: { ...refused },
    frames,
    bytes,
  };
}
