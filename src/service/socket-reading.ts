// A socket whose reads are written where we say: straight into receive buffers of the pool, as Netty reads. Node has this for sockets that
// connect (`onread` of net.Socket) and keeps it from those that a server accepts, so the three fields that `onread` sets are set here.
// Where a Node has them not, nothing is changed and `readInto` is false; test/service/wire.test.ts tells.
import type { Socket } from 'node:net';

export interface Reader {
  /** Where the socket's next read is to write; never empty. Called after each read. */
  room(): Uint8Array;
  /** So many bytes are in the room given last. False: read no more until `startReading`. */
  filled(bytes: number): boolean;
  /** The last read brought no bytes: there were none, or the client has ended. */
  nothing(): void;
}

/** What Node's stream handles have, as of version 24. */
interface Handle {
  useUserBuffer?(room: Uint8Array): void;
  onread: (...args: unknown[]) => unknown;
  reading: boolean;
  readStart(): number;
  readStop(): number;
}
type Fields = { _handle: Handle | null } & Record<symbol, unknown>;

const NAMES = ['kBuffer', 'kBufferCb', 'kBufferGen'] as const;
let found: readonly symbol[] | undefined; // the fields, in the order of their names

function fieldsOf(socket: Fields): readonly symbol[] {
  const symbols = Object.getOwnPropertySymbols(socket);
  return NAMES.flatMap((name) => symbols.find(({ description }) => description === name) ?? []);
}

/** From now on the socket's reads go to `reader`, the first into `room`. */
export function readInto(socket: Socket, reader: Reader, room: Uint8Array): boolean {
  const fields = socket as unknown as Fields;
  const { _handle: handle } = fields;
  found ??= fieldsOf(fields);
  if (found.length !== NAMES.length || typeof handle?.useUserBuffer !== 'function') return false;
  let wasHeard = false;
  const callback = (bytes: number): boolean => {
    wasHeard = true;
    return reader.filled(bytes);
  };
  [room, callback, () => reader.room()].forEach((value, i) => (fields[found![i]!] = value));
  const { onread } = handle;
  handle.onread = (...args) => {
    wasHeard = false;
    const next = onread.apply(handle, args);
    if (wasHeard) return next;
    reader.nothing();
    return reader.room(); // the handle reads into what is returned
  };
  handle.useUserBuffer(room);
  return true;
}

/** Have no further read written into the room given last, before its memory goes. */
export function redirect(socket: Socket, room: Uint8Array): void {
  (socket as unknown as Fields)._handle?.useUserBuffer?.(room);
}

export function stopReading(socket: Socket): void {
  const { _handle: handle } = socket as unknown as Fields;
  if (handle === null) return;
  handle.reading = false;
  handle.readStop();
}

export function startReading(socket: Socket): void {
  const { _handle: handle } = socket as unknown as Fields;
  if (handle === null) return;
  handle.reading = true;
  handle.readStart();
}
