// client: the feed as its readers see it: events, protocol, state, and a client that resumes. Published as `arenascope/client`.
// Keeps true: imports nothing, so that browsers and Node load it as it is; holds no chance or clock but those handed in.
//
//   const client = new FeedClient({ url: 'http://127.0.0.1:3000', listener: { onEvent: (event) => console.log(describeEvent(event)) } });
//   client.start();
export { type ClientStatus, FeedClient, type FeedClientOptions, type FeedListener } from './client.ts';
export { bytesText, describeEvent } from './describe.ts';
export {
  CAUSES,
  type Cause,
  DEFAULT_TYPES,
  EVENT_TYPES,
  EVENTS,
  type EventBody,
  type EventType,
  type FeedEvent,
  isEventType,
  type List,
  LISTS,
  type Source,
  SOURCES,
  STAMP,
  type Stamp,
  STATE_TYPES,
} from './events.ts';
export { carriesState, feedAddress, type Position, type Wanted } from './filter.ts';
export {
  CLIENT_MESSAGES,
  type ClientMessage,
  CLOSE_CODES,
  type CloseReason,
  ERROR_CODES,
  type ErrorCode,
  type Limits,
  PROTOCOL_VERSION,
  SERVER_MESSAGES,
  type ServerMessage,
  type ServerMessageType,
} from './messages.ts';
export type { Json, Schema } from './schema.ts';
export { type After, afterByTimer, backoffSeconds, type SocketConstructor, type SocketLike } from './socket.ts';
export { applyEvent, type ArenaState, type ChunkState, type FeedState, type OwnedState, STATE } from './state.ts';
