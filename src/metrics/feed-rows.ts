// The event feed: what was published, and how its clients fare. Emitted only where a feed is attached.
import { EVENT_TYPES } from '../client/index.ts';
import { BEGINNINGS, ENDS, REFUSALS } from '../feed/index.ts';
import { row } from './row.ts';

export const FEED_ROWS = [
  row({
    name: 'feed_events_total',
    type: 'counter',
    help: 'Events published, whether or not anybody listened, by type.',
    unit: 'none',
    labels: { type: EVENT_TYPES },
    stability: 'stable',
    collect({ feed }, emit) {
      if (feed) for (const type of EVENT_TYPES) emit({ type }, feed.events[type]);
    },
  }),
  row({
    name: 'feed_sequence',
    type: 'gauge',
    help: 'Newest sequence number of the feed.',
    unit: 'none',
    labels: {},
    stability: 'stable',
    collect: ({ feed }, emit) => feed && emit({}, feed.sequence),
  }),
  row({
    name: 'feed_held_events',
    type: 'gauge',
    help: 'Events held in the ring for clients that come back.',
    unit: 'none',
    labels: {},
    stability: 'stable',
    collect: ({ feed }, emit) => feed && emit({}, feed.heldEvents),
  }),
  row({
    name: 'feed_clients',
    type: 'gauge',
    help: 'Clients that are connected to the feed.',
    unit: 'none',
    labels: {},
    stability: 'stable',
    collect: ({ feed }, emit) => feed && emit({}, feed.clients),
  }),
  row({
    name: 'feed_subscriptions',
    type: 'gauge',
    help: 'Different filters of the clients that are connected: each makes a frame of its own.',
    unit: 'none',
    labels: {},
    stability: 'stable',
    collect: ({ feed }, emit) => feed && emit({}, feed.subscriptions),
  }),
  row({
    name: 'feed_pending_bytes',
    type: 'gauge',
    help: 'Bytes that clients have not taken yet, over all of them.',
    unit: 'bytes',
    labels: {},
    stability: 'stable',
    collect: ({ feed }, emit) => feed && emit({}, feed.pendingBytes),
  }),
  row({
    name: 'feed_begun_total',
    type: 'counter',
    help: 'Clients by how they began: with a snapshot; resumed where they were; or with a snapshot, since where they were is gone.',
    unit: 'none',
    labels: { how: BEGINNINGS },
    stability: 'stable',
    collect({ feed }, emit) {
      if (feed) for (const how of BEGINNINGS) emit({ how }, feed.begun[how]);
    },
  }),
  row({
    name: 'feed_ended_total',
    type: 'counter',
    help: 'Connections to the feed that ended, by why: closed by the client, or by the service for one of the reasons in docs/feed.md.',
    unit: 'none',
    labels: { reason: ENDS },
    stability: 'stable',
    collect({ feed }, emit) {
      if (feed) for (const reason of ENDS) emit({ reason }, feed.ended[reason]);
    },
  }),
  row({
    name: 'feed_refused_total',
    type: 'counter',
    help: 'Connections to the feed that were not taken: from a foreign page, or too many clients.',
    unit: 'none',
    labels: { reason: REFUSALS },
    stability: 'stable',
    collect({ feed }, emit) {
      if (feed) for (const reason of REFUSALS) emit({ reason }, feed.refused[reason]);
    },
  }),
  row({
    name: 'feed_sent_frames_total',
    type: 'counter',
    help: 'Messages sent to clients of the feed.',
    unit: 'none',
    labels: {},
    stability: 'stable',
    collect: ({ feed }, emit) => feed && emit({}, feed.frames),
  }),
  row({
    name: 'feed_sent_bytes_total',
    type: 'counter',
    help: 'Bytes of the messages sent to clients of the feed.',
    unit: 'bytes',
    labels: {},
    stability: 'stable',
    collect: ({ feed }, emit) => feed && emit({}, feed.bytes),
  }),
] as const;
