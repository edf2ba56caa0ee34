// The clients of bench/feed.ts, in a process of their own: `ws` connections that account for every sequence number, and one whole client
// that rebuilds the state. Talks to its parent by messages.
import { WebSocket } from 'ws';
import { FeedClient, type FeedState } from '../src/client/index.ts';

export type Order =
  | { readonly do: 'connect'; readonly url: string; readonly clients: number; readonly stalled: number }
  | { readonly do: 'measure' } // forget the delays so far
  | { readonly do: 'report'; readonly last: number } // when everything up to `last` is there
  | { readonly do: 'disconnect' };

export interface Report {
  readonly reached: number; // clients that have everything
  readonly gaps: number;
  readonly delays: readonly number[]; // milliseconds, of frames
  readonly state: FeedState | null;
}

const CONNECTS_AT_ONCE = 50;
const now = (): number => Number(process.hrtime.bigint()) / 1e6; // one clock for all processes of a machine
let readers: { socket: WebSocket; last: number; gaps: number }[] = [];
let stalled: WebSocket[] = [];
let whole: FeedClient | null = null;
let delays: number[] = [];

const HEAD_BYTES = 200;
const ACCOUNT =
  /^\{"type":"(?:events|heartbeat)","first":(\d+),"last":(\d+)(?:,"skipped":(\d+),"events":\[\{"sequence":(\d+),"wallMillis":([\d.]+))?/;

function open(address: string): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(address, { perMessageDeflate: false, skipUTF8Validation: true });
    socket.once('open', () => resolve(socket));
    socket.once('error', reject);
  });
}

/** Reads only the head of each frame: parsing all of it a hundred times would measure JSON.parse. */
async function openReader(address: string): Promise<void> {
  const reader = { socket: await open(address), last: 0, gaps: 0 };
  reader.socket.on('message', (data: Buffer) => {
    const account = ACCOUNT.exec(data.toString('latin1', 0, Math.min(HEAD_BYTES, data.length)));
    if (account === null) return;
    const [first, last] = [Number(account[1]), Number(account[2])];
    if (reader.last > 0 && first > reader.last + 1) reader.gaps++;
    if (Number(account[3] ?? 0) > 0) reader.gaps++; // nothing is filtered
    reader.last = last;
    if (account[5] !== undefined) delays.push(now() - Number(account[5]));
  });
  readers.push(reader);
}

async function connect({ url, clients, stalled: stalledClients }: Extract<Order, { do: 'connect' }>): Promise<void> {
  const address = `${url.replace('http', 'ws')}/events`;
  for (let at = 0; at < clients; at += CONNECTS_AT_ONCE)
    await Promise.all(Array.from({ length: Math.min(CONNECTS_AT_ONCE, clients - at) }, () => openReader(address)));
  for (let i = 0; i < stalledClients; i++) {
    const socket = await open(address);
    socket.pause();
    stalled.push(socket);
  }
  whole = new FeedClient({ url });
  whole.start();
}

async function report(last: number): Promise<Report> {
  const deadline = now() + 20_000;
  while (now() < deadline && !(readers.every((reader) => reader.last >= last) && whole?.sequence === last))
    await new Promise((resolve) => setTimeout(resolve, 20));
  const gaps = readers.reduce((sum, reader) => sum + reader.gaps, whole?.counts.gaps ?? 0);
  return { reached: readers.filter((reader) => reader.last >= last).length, gaps, delays, state: whole?.state ?? null };
}

function disconnect(): void {
  whole?.stop();
  for (const { socket } of readers) socket.terminate();
  for (const socket of stalled) socket.terminate();
  readers = [];
  stalled = [];
}

async function obey(order: Order): Promise<Report | null> {
  if (order.do === 'connect') await connect(order);
  else if (order.do === 'report') return report(order.last);
  else if (order.do === 'measure') delays = [];
  else disconnect();
  return null;
}

process.on('message', (order: Order) => void obey(order).then((report) => process.send!(report)));
