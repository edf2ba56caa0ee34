// What a client asks for, in the address it connects to and in its messages; or what is wrong with it.
import { type Filter, readFilter, shown } from './filter.ts';

export interface Asked {
  readonly filter: Filter;
  readonly since: number | null;
  readonly feed: string | null; // the run that `since` belongs to; null: it did not say
}

export function readQuery(query: URLSearchParams, arenaCount: number): Asked | string {
  const since = query.get('since');
  if (since !== null && !/^\d{1,15}$/.test(since)) return `since: ${shown(since)} (expected: a sequence number)`;
  const arenas = listed(query.get('arenas'))?.map((text) => (/^\d{1,5}$/.test(text) ? Number(text) : text)) ?? null;
  const filter = readFilter(listed(query.get('types')), arenas, arenaCount);
  return typeof filter === 'string' ? filter : { filter, since: since === null ? null : Number(since), feed: query.get('feed') };
}

const listed = (text: string | null): string[] | null => text?.split(',').filter((item) => item !== '') ?? null;

export function readMessage(text: string, arenaCount: number): Filter | string {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return `message: ${shown(text)} (expected: JSON)`;
  }
  const { type, types = null, arenas = null } = (message ?? {}) as Record<string, unknown>;
  if (type !== 'subscribe') return `type: ${shown(type)} (expected: "subscribe")`;
  return readFilter(types, arenas, arenaCount);
}
