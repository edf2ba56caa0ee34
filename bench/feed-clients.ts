// The clients of bench/feed.ts, in a process of their own: readers that account for every sequence number, and whole clients that
// rebuild the state. Talks to its parent by messages.
import { WebSocket } from 'ws';
import { FeedClient, type FeedState } from '../src/client/index.ts';
import { FeedReader } from './feed-reader.ts';

export type Order =
  | { readonly do: 'connect'; readonly url: string; readonly clients: number; readonly stalled: number; readonly whole: number }
  | { readonly do: 'measure' } // forget the delays so far
  | { readonly do: 'report'; readonly url: string; readonly last: number } // when everything up to `last` is there
  | { readonly do: 'stall'; readonly url: string } // another stalled client in the place of those there are
  | { readonly do: 'disconnect' };

export interface Report {
  readonly reached: number; // clients that have everything
  readonly gaps: number;
  readonly delays: Float64Array; // milliseconds, of frames
  readonly state: FeedState | null;
}

interface Reader {
  reader: FeedReader | null; // null: about to connect
  last: number; // newest sequence number
  gaps: number;
}

/** The clients of one feed. */
interface Party {
  readonly address: string;
  readonly readers: Reader[];
  readonly whole: readonly FeedClient[];
  stalled: WebSocket[]; // they do not read
}

const CONNECTS_AT_ONCE = 50;
const PATIENCE_MILLISECONDS = 20_000;
const LOOK_MILLISECONDS = 5;
const now = (): number => Number(process.hrtime.bigint()) / 1e6; // one clock for all processes of a machine
const parties = new Map<string, Party>(); // by address of the service
const delays = new Float64Array(1_000_000);
let delayCount = 0;

async function openReader({ address, readers }: Party): Promise<void> {
  const held: Reader = { reader: null, last: 0, gaps: 0 };
  readers.push(held);
  held.reader = await FeedReader.open(new URL(address), ({ first, last, skipped, firstWallMillis }) => {
    if (held.last > 0 && first > held.last + 1) held.gaps++;
    if (skipped > 0) held.gaps++; // nothing is filtered
    held.last = last;
    if (firstWallMillis !== null && delayCount < delays.length) delays[delayCount++] = now() - firstWallMillis;
  });
}

function openSilent(address: string): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(address, { perMessageDeflate: false });
    socket.once('open', () => resolve(socket));
    socket.once('error', reject);
  });
}

async function stall(party: Party): Promise<void> {
  for (const socket of party.stalled) socket.terminate();
  const socket = await openSilent(party.address);
  socket.pause();
  party.stalled = [socket];
}

async function connect({ url, clients, stalled, whole }: Extract<Order, { do: 'connect' }>): Promise<void> {
  const party: Party = {
    address: `${url.replace('http', 'ws')}/events`,
    readers: [],
    whole: Array.from({ length: whole }, () => new FeedClient({ url })),
    stalled: [],
  };
  parties.set(url, party);
  for (let at = 0; at < clients; at += CONNECTS_AT_ONCE)
    await Promise.all(Array.from({ length: Math.min(CONNECTS_AT_ONCE, clients - at) }, () => openReader(party)));
  if (stalled > 0) await stall(party);
  for (const client of party.whole) client.start();
}

async function report(url: string, last: number): Promise<Report> {
  const { readers, whole } = parties.get(url)!;
  const deadline = now() + PATIENCE_MILLISECONDS;
  while (now() < deadline && !(readers.every((reader) => reader.last >= last) && whole.every(({ sequence }) => sequence === last)))
    await new Promise((resolve) => setTimeout(resolve, LOOK_MILLISECONDS));
  const gaps = [...readers, ...whole.map(({ counts }) => counts)].reduce((sum, { gaps }) => sum + gaps, 0);
  const reached = readers.filter((reader) => reader.last >= last).length;
  return { reached, gaps, delays: delays.slice(0, delayCount), state: whole[0]?.state ?? null };
}

function disconnect(): void {
  for (const { readers, stalled, whole } of parties.values()) {
    for (const client of whole) client.stop();
    for (const { reader } of readers) reader?.socket.destroy();
    for (const socket of stalled) socket.terminate();
  }
  parties.clear();
}

async function obey(order: Order): Promise<Report | null> {
  if (order.do === 'connect') await connect(order);
  else if (order.do === 'stall') await stall(parties.get(order.url)!);
  else if (order.do === 'report') return report(order.url, order.last);
  else if (order.do === 'measure') delayCount = 0;
  else disconnect();
  return null;
}

process.on('message', (order: Order) => void obey(order).then((report) => process.send!(report)));
