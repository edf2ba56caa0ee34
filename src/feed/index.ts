// feed: every rare transition as an event with a sequence number, held in a ring and delivered to WebSocket clients that resume, filter and
// may be slow. What clients see of it (events, protocol, state) is the room `client`.
// Keeps true: the state that a client rebuilds at a sequence number is the service's own; no client costs more than its bounds.
//
//   const feed = new Feed({ allocator, id: randomUUID(), simSeconds });   runtime.addListener(feed.listener);
//   const attached = attachFeed(server, feed);                            feed.publish({ type: 'settings.changed', settings });
export { attachFeed, type AttachedFeed, type AttachOptions } from './attach.ts';
export { BEGINNINGS, type Beginning, type End, ENDS, type FeedSample, type Refusal, REFUSALS } from './counters.ts';
export { asyncApiDocument, eventSchemaDocument } from './documents.ts';
export { Feed, type FeedOptions } from './feed.ts';
export { DEFAULT_LIMITS, type HubLimits } from './limits.ts';
export { FEED_TABLES } from './markdown.ts';
