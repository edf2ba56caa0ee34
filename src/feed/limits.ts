// The bounds that keep one client, or all of them, from costing the service its memory or its time.
import type { Limits } from '../client/index.ts';

export type HubLimits = Omit<Limits, 'ringEvents'>;

export const DEFAULT_LIMITS: HubLimits = {
  pendingBytes: 8 * 1024 * 1024,
  messageBytes: 4096,
  clients: 1024,
  subscriptions: 64,
  messagesPerHeartbeat: 32,
};

/** Events of one turn beyond this many travel in a further frame; so do replayed ones. */
export const FRAME_EVENTS = 4096;
export const REPLAY_EVENTS = 1024;
