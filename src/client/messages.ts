// What travels over the WebSocket: JSON text, one message a frame. The tables below are the protocol; docs/asyncapi.json is made from them.
import type { FeedEvent } from './events.ts';
import { constant, list, nullable, object, reference, text, type TypeOf, whole } from './schema.ts';
import type { FeedState } from './state.ts';

export const PROTOCOL_VERSION = 1;

const limits = object(
  {
    ringEvents: whole('Events held for clients that come back'),
    pendingBytes: whole('Unsent bytes at which a client is too slow'),
    messageBytes: whole('Largest message that a client may send'),
    clients: whole('Clients at a time'),
    subscriptions: whole('Different filters at a time, over all clients'),
    messagesPerHeartbeat: whole('Messages that a client may send between two heartbeats'),
  },
  'Bounds of this service',
);
export type Limits = TypeOf<typeof limits>;

/** From the service to the client, by `type`. */
export const SERVER_MESSAGES = {
  hello: object(
    {
      type: constant('hello'),
      protocol: whole('Version of the protocol'),
      feed: text('Name of this run of the feed: sequence numbers of another run mean nothing in it'),
      first: whole('First sequence number held; last + 1 where none is'),
      last: whole('Last sequence number so far; 0 before the first event'),
      heartbeatSeconds: whole('A heartbeat comes at least this often'),
      limits,
    },
    'The first message.',
  ),
  snapshot: object(
    { type: constant('snapshot'), sequence: whole('The state is that after this event'), state: reference<FeedState>('State') },
    'The whole state. Everything after it follows.',
  ),
  events: object(
    {
      type: constant('events'),
      first: whole('The frame accounts for the sequence numbers from this one …'),
      last: whole('… to this one: last − first + 1 = number of events + skipped'),
      skipped: whole('How many of them the filter left out'),
      events: list(reference<FeedEvent>('Event'), 'In order'),
    },
    'The events of one turn that pass the filter.',
  ),
  heartbeat: object(
    {
      type: constant('heartbeat'),
      first: whole('No event from this sequence number …'),
      last: whole('… to this one, the newest, passed the filter; first is last + 1 where there is none'),
    },
    'Nothing is waiting to be sent, and the service lives.',
  ),
  subscribed: object(
    {
      type: constant('subscribed'),
      sequence: whole('The filter holds for the events after this one'),
      types: list(text('Event type'), 'Types that pass'),
      arenas: nullable(list(whole('Index'), 'Arenas that pass; null: all')),
    },
    'The filter was changed, as asked.',
  ),
  gone: object(
    { type: constant('gone'), since: whole('What was asked for'), first: whole('First sequence number held'), reason: text('Why') },
    'The events after `since` are no longer held, or are of another run. A snapshot follows.',
  ),
  too_slow: object(
    { type: constant('too_slow'), sequence: whole('Last sequence number sent: resume from the last that you received'), pendingBytes: whole('Unsent bytes') },
    'The client does not keep up. The connection closes.',
  ),
  error: object({ type: constant('error'), code: text('One of the error codes'), detail: text('What was wrong: value (expected: rule)') }, 'The client made a mistake. The connection closes.'),
} as const; // prettier-ignore

export type ServerMessageType = keyof typeof SERVER_MESSAGES;
export type ServerMessage<T extends ServerMessageType = ServerMessageType> = { [K in T]: TypeOf<(typeof SERVER_MESSAGES)[K]> }[T];

/** From the client to the service. */
export const CLIENT_MESSAGES = {
  subscribe: object(
    {
      type: constant('subscribe'),
      types: nullable(list(text('Event type'), 'Types to get; null: all but those made on demand')),
      arenas: nullable(list(whole('Index'), 'Arenas to get; null: all. Events of no arena always pass')),
    },
    'Change the filter, from the next event on.',
  ),
} as const;

export type ClientMessage = TypeOf<(typeof CLIENT_MESSAGES)['subscribe']>;

/** Codes that the connection is closed with, besides those of the WebSocket protocol (1000 … 1015). */
export const CLOSE_CODES = {
  GOING_AWAY: { code: 1001, help: 'The service stops. Come back with `since`.' },
  MESSAGE_TOO_BIG: { code: 1009, help: 'A message was larger than `limits.messageBytes`.' },
  BAD_MESSAGE: { code: 4400, help: 'A message or the query was malformed; an `error` said how. Do not repeat it.' },
  TOO_SLOW: { code: 4408, help: 'More than `limits.pendingBytes` were unsent; `too_slow` said so. Come back with `since`.' },
  FUTURE: { code: 4416, help: '`since` lies in the future of this feed; an `error` said so. Come back without it.' },
  TOO_MANY: { code: 4429, help: 'Too many messages, or too many different filters; an `error` said which. Come back later.' },
} as const;
export type CloseReason = keyof typeof CLOSE_CODES;
/** Reasons that an `error` message names as its code. */
export const ERROR_CODES = ['BAD_MESSAGE', 'FUTURE', 'TOO_MANY'] as const satisfies readonly CloseReason[];
export type ErrorCode = (typeof ERROR_CODES)[number];
