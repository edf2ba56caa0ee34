// Clients without manners, many at a time: pieces of any size, pipelines of everything, resets, half-closed sides, answers not read,
// silence; with memory plentiful, scarce or watched by back-pressure, and the pool made anew in between. Where memory is plentiful,
// whoever stays to the end is answered in order; nowhere is anything left.
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { Random } from '../../src/workload/index.ts';
import { chunkedHead, putHead, randomBytes, RawClient, type Running, start, until } from './harness.ts';

const CLIENTS = 40;
const AT_ONCE = 8;
const TURNS_A_RESET = 300; // of the event loop
const BYTES = randomBytes(3_000_000); // bodies are parts of it

type Below = (limit: number) => number;
interface Sent {
  readonly bytes: Buffer;
  readonly answer: RegExp; // where there is memory for it
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const nextTurn = () => new Promise<void>((resolve) => void setImmediate(resolve));

function requestOf(below: Below, mostBytes: number): Sent {
  const length = [below(mostBytes), 60_000 + below(12_000), below(2000), below(2000)][below(4)]!;
  const from = below(BYTES.length - length);
  const body = BYTES.subarray(from, from + length);
  const request = (head: string, end: string, answer: string) => ({
    bytes: Buffer.concat([Buffer.from(head), body, Buffer.from(end)]),
    answer: new RegExp(answer),
  });
  const digest = `^200[^]*${sha256(body)}`;
  const chunk = length === 0 ? '' : `${length.toString(16)}\r\n`;
  return [
    { bytes: Buffer.from('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'), answer: /^200[^]*"status":"ok"/ },
    request(`${chunkedHead('/?digest=sha256')}${chunk}`, `${chunk && '\r\n'}0\r\n\r\n`, digest),
    request(putHead(length, '/?digest=md5'), '', '^400'),
    request(putHead(length, '/echo').replace('PUT', 'POST'), '', `^200[^]*Content-Length: ${length}\r`),
    request(putHead(length, '/?digest=sha256'), '', digest),
  ][Math.min(4, below(8))]!;
}

/** The answers so far, the last one perhaps not whole. */
const answers = (client: RawClient): string[] => client.received.split(/HTTP\/1\.1 (?=\d{3} [A-Z])/).slice(1);

function isWhole(answer: string | undefined): boolean {
  const head = answer?.indexOf('\r\n\r\n') ?? -1;
  return head >= 0 && answer!.length - head - 4 >= Number(/Content-Length: (\d+)/.exec(answer!)?.[1]);
}

async function sendInPieces(client: RawClient, bytes: Buffer, below: Below): Promise<void> {
  if (below(3) === 0) client.socket.pause(); // reads no answer for a while
  for (let at = 0; at < bytes.length && !client.isClosed;) {
    const piece = 1 + (below(3) === 0 ? below(200) : below(200_000));
    client.send(bytes.subarray(at, (at += piece)));
    if (below(4) > 0) await nextTurn();
    if (below(5) === 0) client.socket.resume();
  }
}

/** `isScarce`: a client may be refused, and one that falls silent is given up. */
async function oneClient({ url }: Running, seed: number, isScarce: boolean): Promise<void> {
  const random = new Random(seed, 'wire-fuzz');
  const below = (limit: number) => Math.floor(random.unit() * limit);
  const sent = Array.from({ length: 1 + below(5) }, () => requestOf(below, isScarce ? 3_000_000 : 1_000_000));
  const bytes = Buffer.concat(sent.map((one) => one.bytes));
  const client = new RawClient(url);
  const end = ['reset', 'leave', 'half-close', isScarce ? 'silence' : 'stay'][below(8)] ?? 'stay';
  await sendInPieces(client, end === 'stay' ? bytes : bytes.subarray(0, below(bytes.length)), below);
  if (end === 'reset') client.socket.resetAndDestroy();
  if (end === 'leave') client.socket.destroy();
  if (end === 'half-close') client.socket.end();
  client.socket.resume();
  if (end === 'stay') {
    await until(() => client.isClosed || (answers(client).length >= sent.length && isWhole(answers(client).at(-1))));
    if (!isScarce) sent.forEach(({ answer }, i) => expect(answers(client)[i]?.slice(0, 2000)).toMatch(answer));
    client.socket.destroy();
  }
  await client.closed;
}

const scarce = ['--direct-memory=16m', '--arenas=1', '--event-loops=1', '--peer-latency=1s'];
const watched = ['--direct-memory=48m', '--arenas=1', '--event-loops=1', '--back-pressure=watermark', '--back-pressure-low=33m', '--back-pressure-high=40m', '--peer-latency=1s']; // prettier-ignore

test.each([
  ['plenty, aggregated', [], false],
  ['plenty, slice by slice', ['--aggregator=off'], false],
  [
    'plenty, the peer takes its time',
    ['--direct-memory=2g', '--peer-latency=300ms', '--peer-sigma=1', '--peer-concurrency=3', '--peer-bytes-per-second=3m'],
    false,
  ],
  ['scarce, aggregated', scarce, true],
  ['scarce, slice by slice', [...scarce, '--aggregator=off', '--peer-bytes-per-second=4m'], true],
  ['watched, aggregated', watched, true],
  ['watched, slice by slice', [...watched, '--aggregator=off', '--delivery-size=100000'], true],
] as const)('%s', { timeout: 60_000 }, async (_name, flags, isScarce) => {
  const all = [...flags, '--idle-timeout=10s', '--request-timeout=60s', '--keep-alive-timeout=1ms'];
  const running = await start(all, { manualClock: true });
  const { service, clock, url } = running;
  let left = CLIENTS;
  const clients = Array.from({ length: AT_ONCE }, async () => {
    while (left > 0) await oneClient(running, left--, isScarce);
  });
  let isOver = false;
  const done = Promise.all(clients).finally(() => (isOver = true));
  for (let turn = 1; !isOver; turn++) {
    await nextTurn();
    if (turn % 4 === 0) clock!.turn(isScarce ? 0.05 : 0.01);
    if (turn % TURNS_A_RESET !== 0) continue;
    const headers = { 'Content-Type': 'application/json', Connection: 'close' };
    const { status } = await fetch(`${url}/api/simulation`, { method: 'POST', headers, body: '{"reset":true}' });
    expect([200, 409]).toContain(status); // done, or requests are under way
  }
  await done;
  await until(() => service.traffic.connections === 0);
  expect([service.traffic.receiving, service.traffic.underWay - service.traffic.peer.held]).toEqual([0, 0]);
});
