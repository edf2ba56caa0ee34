// The tables of docs/feed.md.
import { CLOSE_CODES, EVENT_TYPES, EVENTS, type EventType, type Json, SERVER_MESSAGES } from '../client/index.ts';
import { DEFAULT_LIMITS } from './limits.ts';

type Described = Readonly<Record<string, { readonly json: Json }>>;

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const namesOf = (fields: Described): string => Object.keys(fields).map((name) => `\`${name}\``).join(', '); // prettier-ignore

function eventRow(type: EventType): readonly string[] {
  const { help, fields, onDemand, changesState } = EVENTS[type];
  return [`\`${type}\``, help, namesOf(fields), onDemand ? 'on demand' : changesState ? 'state' : ''];
}

function messageRow([type, { json }]: [string, { readonly json: Json }]): readonly string[] {
  const fields = Object.keys(json.properties as object).filter((name) => name !== 'type');
  return [`\`${type}\``, String(json.description), fields.map((name) => `\`${name}\``).join(', ')];
}

function limitRow([name, value]: [string, number]): readonly string[] {
  const limits = SERVER_MESSAGES.hello.json.properties as { limits: { properties: Record<string, Json> } };
  return [`\`${name}\``, value.toLocaleString('en-US'), String(limits.limits.properties[name]!.description)];
}

export const FEED_TABLES: Readonly<Record<string, () => string>> = {
  events: () => table(['Type', 'What happened', 'Fields', ''], EVENT_TYPES.map(eventRow)),
  messages: () => table(['Type', 'What it says', 'Fields'], Object.entries(SERVER_MESSAGES).map(messageRow)),
  limits: () => table(['Limit', 'Default', 'What it bounds'], Object.entries({ ringEvents: 65_536, ...DEFAULT_LIMITS }).map(limitRow)),
  'close-codes': () => table(['Code', 'Reason', 'What it means'], Object.entries(CLOSE_CODES).map(([name, { code, help }]) => [String(code), `\`${name.toLowerCase()}\``, help])),
}; // prettier-ignore
