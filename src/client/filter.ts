// Which events a client wants, as it stands in the address and in `subscribe`.
import { type EventType, STATE_TYPES } from './events.ts';

export interface Wanted {
  readonly types: readonly EventType[] | null; // null: all but those made on demand
  readonly arenas: readonly number[] | null; // null: all
}

/** Whoever gets less than this can't rebuild the state. */
export function carriesState({ types, arenas }: Wanted): boolean {
  return arenas === null && (types === null || STATE_TYPES.every((type) => types.includes(type)));
}

/** Where to resume. */
export interface Position {
  readonly sequence: number;
  readonly feed: string; // '': whichever run is on
}

/** The feed's address from that of the service; http turns into ws. */
export function feedAddress(service: string | URL, { types, arenas }: Wanted, since: Position | null): string {
  const url = new URL(service);
  url.protocol = url.protocol.replace(/^http/, 'ws');
  if (url.pathname === '/') url.pathname = '/events';
  if (types !== null) url.searchParams.set('types', types.join(','));
  if (arenas !== null) url.searchParams.set('arenas', arenas.join(','));
  if (since !== null) url.searchParams.set('since', String(since.sequence));
  if (since !== null && since.feed !== '') url.searchParams.set('feed', since.feed);
  return url.href;
}
