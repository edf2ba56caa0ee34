// The parts of a scrape that the load of these tests does not make: as of a service that simulates and whose feed is watched.
import { EVENT_TYPES } from '../../src/client/index.ts';
import { BEGINNINGS, ENDS, type FeedSample, REFUSALS } from '../../src/feed/index.ts';
import type { MetricsInput } from '../../src/metrics/index.ts';

const numbered = <K extends string>(names: readonly K[]) => Object.fromEntries(names.map((name, i) => [name, i])) as Record<K, number>;

export const FEED: FeedSample = {
  sequence: 136,
  heldEvents: 100,
  clients: 3,
  subscriptions: 2,
  pendingBytes: 4096,
  frames: 50,
  bytes: 65_536,
  events: numbered(EVENT_TYPES),
  begun: numbered(BEGINNINGS),
  ended: numbered(ENDS),
  refused: numbered(REFUSALS),
};

export const SIMULATION: NonNullable<MetricsInput['simulation']> = {
  simSeconds: 129_600,
  speedReached: 8640,
  requests: { completed: 1000, failed: 2, refused: 3 },
  failures: { chunk: 1, huge: 1 },
};
