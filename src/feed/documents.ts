// The protocol as documents, made from its tables: JSON Schema of the events, and AsyncAPI of the whole. Committed in docs/; a test compares.
import {
  CLIENT_MESSAGES,
  CLOSE_CODES,
  DEFAULT_TYPES,
  EVENT_TYPES,
  EVENTS,
  type EventType,
  type Json,
  PROTOCOL_VERSION,
  SERVER_MESSAGES,
  STAMP,
  STATE,
} from '../client/index.ts';

type Schemas = { readonly [name: string]: { readonly json: Json } };

const jsonOf = (schemas: Schemas): Json => Object.fromEntries(Object.entries(schemas).map(([name, { json }]) => [name, json]));

function schemaOf(type: EventType): Json {
  const { help, fields } = EVENTS[type];
  const properties = { type: { const: type }, ...jsonOf(STAMP), ...jsonOf(fields) };
  return { title: type, description: help, type: 'object', properties, required: Object.keys(properties) };
}

/** Any event: one of a list, told apart by `type`. */
export const eventSchema = (): Json => ({ oneOf: EVENT_TYPES.map(schemaOf) });

export function eventSchemaDocument(): Json {
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', title: 'An event of the arenascope feed', ...eventSchema() };
}

function messagesOf(messages: Schemas): Json {
  return Object.fromEntries(
    Object.entries(messages).map(([name, { json }]) => [name, { name, title: name, summary: json.description, contentType: 'application/json', payload: json }]),
  ); // prettier-ignore
}

const closings = Object.values(CLOSE_CODES).map(({ code, help }) => `- ${code}: ${help}`);

export function asyncApiDocument(version: string): Json {
  const both = { ...SERVER_MESSAGES, ...CLIENT_MESSAGES };
  const refs = (messages: Schemas, to: string) => Object.keys(messages).map((name) => ({ $ref: `${to}/messages/${name}` }));
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'arenascope feed',
      version,
      description: `Protocol ${PROTOCOL_VERSION}. JSON text, one message a frame. The connection is closed with:\n\n${closings.join('\n')}`,
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/json',
    channels: {
      events: {
        address: '/events',
        summary: 'Every rare transition of the allocator, in order, without a hole',
        messages: Object.fromEntries(Object.keys(both).map((name) => [name, { $ref: `#/components/messages/${name}` }])),
        bindings: { ws: { method: 'GET', query: querySchema() } },
      },
    },
    operations: {
      sendToClient: { action: 'send', channel: { $ref: '#/channels/events' }, messages: refs(SERVER_MESSAGES, '#/channels/events') },
      receiveFromClient: {
        action: 'receive',
        channel: { $ref: '#/channels/events' },
        messages: refs(CLIENT_MESSAGES, '#/channels/events'),
      },
    },
    components: { messages: messagesOf(both), schemas: { Event: eventSchema(), State: STATE.json } },
  };
}

function querySchema(): Json {
  return {
    type: 'object',
    properties: {
      since: { type: 'integer', minimum: 0, description: 'Begin with the events after this sequence number, instead of with a snapshot' },
      feed: { type: 'string', description: 'The run of the feed that `since` belongs to, as `hello` named it' },
      types: { type: 'string', description: `Types to get, with commas between them; without it: ${DEFAULT_TYPES.join(', ')}` },
      arenas: { type: 'string', description: 'Indices of the arenas to get, with commas between them; events of no arena always pass' },
    },
  };
}
