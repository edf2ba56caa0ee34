// Bodies that come in past Node's parser, straight into receive buffers: whatever the pieces, the order and the ends, the bytes are the
// ones that were sent, each request is answered in its turn, and nothing is left.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { NONE } from '../../src/allocator/index.ts';
import { Random } from '../../src/workload/index.ts';
import type { Answer } from '../../src/service/answer.ts';
import { BusyPoll } from '../../src/service/busy-poll.ts';
import { systemClock } from '../../src/service/clock.ts';
import type { IncomingBody } from '../../src/service/incoming-body.ts';
import { sendText } from '../../src/service/sending.ts';
import { Wire, type WireOwner } from '../../src/service/wire.ts';
import { putHead, randomBytes, RawClient, start, until } from './harness.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const turns = async (count: number) => {
  for (let i = 0; i < count; i++) await new Promise<void>((resolve) => void setImmediate(resolve));
};
const answers = (client: RawClient) => client.received.split(/HTTP\/1\.1 /).slice(1);

test('this Node can read straight into the pool: a large body takes whole receive buffers', async () => {
  const { service, url } = await start(['--event-loops=1']);
  const reads: [capacity: number, bytes: number][] = [];
  service.runtime.pipeline.readObserver = (capacity, bytes) => void reads.push([capacity, bytes]);
  let skipped = false;
  const seen = service.traffic.receive.bind(service.traffic);
  service.traffic.receive = (socket, incoming) => {
    skipped = incoming.body.constructor.name === 'DirectBody';
    seen(socket, incoming);
  };
  const body = randomBytes(5_000_000);
  const answer = await fetch(`${url}/?digest=sha256`, { method: 'PUT', body: new Uint8Array(body) });
  expect(await answer.json()).toMatchObject({ bytes: body.length, digest: sha256(body) });
  expect(skipped).toBe(true);
  expect(reads.reduce((sum, [, bytes]) => sum + bytes, 0)).toBeGreaterThan(body.length); // the head takes its place too
  expect(reads.filter(([capacity, bytes]) => capacity === 65_536 && bytes === capacity).length).toBeGreaterThan(20);
});

test.each(['on', 'off'])(
  'requests in any pieces on one connection are answered in order (aggregator %s)',
  { timeout: 60_000 },
  async (aggregator) => {
    const { url } = await start([`--aggregator=${aggregator}`]);
    for (let seed = 1; seed <= 12; seed++) {
      const random = new Random(seed, 'wire');
      const below = (limit: number) => Math.floor(random.unit() * limit);
      const bodies = Array.from({ length: 1 + below(6) }, (_, i) =>
        randomBytes(below(4) === 0 ? below(900_000) : below(3000), seed * 100 + i),
      );
      const wire = Buffer.concat(bodies.flatMap((body) => [Buffer.from(putHead(body.length, '/?digest=sha256')), body]));
      const client = new RawClient(url);
      for (let at = 0; at < wire.length;) {
        const piece = 1 + (below(3) === 0 ? below(200) : below(150_000));
        client.send(wire.subarray(at, (at += piece)));
        await client.flushed();
      }
      await until(() => client.isClosed || (client.received.match(/"digest"/g)?.length ?? 0) === bodies.length);
      expect(answers(client).map((text) => /"digest":"(\w+)"/.exec(text)?.[1])).toEqual(bodies.map(sha256));
      client.socket.destroy();
      await client.closed;
    }
  },
);

test('all three ways in take turns on one connection: past the parser, through it, and no body', async () => {
  const { url } = await start();
  const body = randomBytes(150_000);
  const client = new RawClient(url);
  const large = () => client.send(putHead(body.length, '/?digest=sha256'), body);
  large().send(putHead(5), 'small', 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
  large().send('PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n');
  large();
  await until(() => client.isClosed || (client.received.match(/"digest"/g)?.length ?? 0) === 3);
  expect(answers(client).map((text) => /"(?:bytes|status)":("ok"|\d+)/.exec(text)?.[1])).toEqual([
    '150000',
    '5',
    '"ok"',
    '150000',
    '3',
    '150000',
  ]);
});

test('a body that no route takes is read and thrown away, and the connection goes on', async () => {
  const { url, service } = await start();
  const client = new RawClient(url);
  client.send(putHead(200_000, '/?digest=md5'), randomBytes(200_000), putHead(100_000), randomBytes(100_000));
  await client.receives('"bytes":100000');
  expect(answers(client).map((text) => text.slice(0, 3))).toEqual(['400', '200']);
  expect(service.traffic.outcomes.answered).toBe(1);
});

test('a refused body is read on until its client has seen the answer, and its receive buffers are free at once', async () => {
  const { url, service } = await start(['--direct-memory=16m', '--arenas=1', '--event-loops=1']);
  const client = new RawClient(url);
  client.send(putHead(30_000_000), randomBytes(29_999_999)); // its consolidations do not fit
  await client.receives(/HTTP\/1\.1 503[^]+"cause"/);
  expect(service.runtime.allocator.memory.reservedBytes).toBeLessThanOrEqual(16 << 20);
  expect(client.received).toMatch(/Connection: close/);
  client.send('!');
  await client.closed;
  expect(service.traffic.outcomes.exhausted).toBe(1);
});

test('a client that leaves within a read leaves no receive buffer behind', async () => {
  const { url, service } = await start();
  for (const sent of [1, 65_536, 65_537, 200_000, 1_048_576]) {
    const client = new RawClient(url);
    client.send(putHead(20_000_000), randomBytes(sent));
    await until(() => service.traffic.receiving === 1);
    await client.flushed();
    client.socket.resetAndDestroy();
    await until(() => service.traffic.connections === 0);
  }
  expect(service.traffic.outcomes.disconnected).toBe(5);
});

test('a body refused by the read that brings its head no longer counts as coming in', async () => {
  const flags = ['--back-pressure=watermark', '--back-pressure-low=160m', '--back-pressure-high=160m', '--direct-memory=160m'];
  const { url, service, clock } = await start([...flags, '--peer-latency=1s'], { manualClock: true });
  const { pipeline, allocator } = service.runtime;
  new RawClient(url).send(putHead(5), 'first'); // the oldest goes on: the peer has it
  await until(() => service.traffic.peer.held === 1);
  const begin = pipeline.begin.bind(pipeline);
  pipeline.begin = (connection, headBytes, bodyBytes, head) => {
    begin(connection, headBytes, bodyBytes, head);
    if (bodyBytes === 70_000) allocator.allocate = () => NONE;
  };
  const client = new RawClient(url);
  client.send(Buffer.concat([Buffer.from(`${putHead(5)}other${putHead(70_000)}`), randomBytes(70_000)]));
  while (answers(client).length < 2) {
    clock!.turn(1);
    await turns(5);
  }
  expect(answers(client).map((text) => text.slice(0, 3))).toEqual(['200', '503']);
  expect(service.traffic.receiving).toBe(0);
});

test('an echo that its client takes again does not set the next one going, which waits for its own', async () => {
  const { url, service } = await start(['--aggregator=off', '--event-loops=1']);
  const echoes: Answer[] = [];
  const drained: (() => void)[] = [];
  const seen = service.traffic.receive.bind(service.traffic);
  service.traffic.receive = (socket, incoming) => {
    incoming.answer.write = () => false; // its client takes nothing
    incoming.answer.onceDrained = (listener) => void drained.push(listener);
    echoes.push(incoming.answer);
    seen(socket, incoming);
  };
  const drain = () => drained.splice(0).forEach((listener) => listener());
  const head = (length: number) => putHead(length, '/echo').replace('PUT', 'POST');
  const { pipeline } = service.runtime;
  const client = new RawClient(url).send(head(60_000), randomBytes(59_000));
  await until(() => pipeline.loops[0]!.receivedBytes > 59_000);
  client.send(Buffer.concat([randomBytes(1000), Buffer.from(head(20_000_000)), randomBytes(30_000)]));
  await turns(20);
  while (echoes.length < 2) {
    drain();
    await turns(5);
  }
  await until(() => pipeline.loops[0]!.receivedBytes > 90_000);
  drain();
  client.send(randomBytes(19_000_000));
  await turns(300);
  expect(pipeline.loops[0]!.receivedBytes).toBeLessThan(1_000_000);
  service.traffic.destroyAll('shutdown', 'a socket that is not read does not notice its client leave');
  await until(() => service.traffic.connections === 0);
});

test('a body that begins in what had to wait, and is held at once, is not read on', async () => {
  const taken: number[] = [];
  let body: IncomingBody | undefined;
  const owner: WireOwner = {
    clock: systemClock,
    busyPoll: new BusyPoll(0),
    headersSeconds: 3600,
    keepAliveSeconds: 3600,
    idleSeconds: 3600,
    mayTake: () => true,
    request: (_wire, { bodyBytes }, incoming, answer) => {
      if (bodyBytes === 0) return sendText(answer, 200, 'text/plain', 'x'.repeat(20_000_000)); // its client does not read it yet
      body = incoming;
      body.start({ take: (bytes) => void taken.push(bytes.length), room: () => null, filled: () => undefined, ended: () => undefined });
      body.pause();
    },
    answered: () => undefined,
    fault: (_error, socket) => socket.destroy(),
    toParser: (socket) => socket.destroy(),
  };
  let served: Socket | undefined;
  const server = createServer({ allowHalfOpen: true }, (socket) => Wire.open((served = socket), owner)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = new RawClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  client.socket.pause();
  client.send(putHead(0));
  await until(() => served?.writableNeedDrain === true);
  const before = served!.bytesRead;
  client.send(`${putHead(1000)}0123456789`);
  await until(() => served!.bytesRead > before);
  client.socket.resume();
  await until(() => body !== undefined);
  client.send(Buffer.alloc(990));
  await client.flushed();
  await turns(500);
  expect(taken).toEqual([10]);
  body!.resume();
  await until(() => body!.isWhole);
  client.socket.destroy();
  await client.closed;
  await new Promise<void>((resolve) => void server.close(() => resolve()));
});
