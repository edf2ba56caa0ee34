// Bodies over loopback, the same client for all, round by round in turn: arenascope, the Express app that only counts the bytes, and,
// where Java and Debian's libnetty-java are there, a real Netty 4.1.48 server (codec, aggregator, dropping handler). `node bench/http.ts`
// Goals: ≥ 0.75 × the counting app's bytes per second, and at least Netty's.
import { join } from 'node:path';
import { findNetty, startJava } from '../test/oracle/netty.ts';
import { type Child, json, startChild } from './child.ts';
import { heading, median, rotated, spread, table } from './table.ts';

const LOADS = [
  { name: '100 KB', bytes: 102_400, count: 600, isKept: false },
  { name: '20 MB', bytes: 20_971_520, count: 10, isKept: false },
  { name: '100 KB, kept', bytes: 102_400, count: 1000, isKept: true },
  { name: '20 MB, kept', bytes: 20_971_520, count: 10, isKept: true },
] as const;
const [WARM_UP_ROUNDS, ROUNDS] = [6, 60] as const; // many: on a kept connection every server has fast spells and slow ones
const LIMIT = 2 ** 31;

interface Server {
  readonly name: string;
  readonly port: number;
  stop(): unknown;
}

const here = (file: string) => join(import.meta.dirname, file);

async function arenascope(): Promise<Server> {
  const child = startChild(here('../bin/arenascope.js'), [
    'serve',
    '--port',
    '0',
    '--direct-memory',
    '2g',
    '--event-loops',
    '2',
    '--scenario',
    'none',
  ]);
  const port = await child.next((line) => /http:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1]);
  return { name: 'arenascope', port: Number(port), stop: child.stop };
}

async function counting(): Promise<Server> {
  const child = startChild(here('counting-app.ts'));
  const { port } = (await child.next(json)) as { port: number };
  return { name: 'Express, counting only', port, stop: child.stop };
}

async function netty(): Promise<Server[]> {
  if (findNetty() === undefined) return [];
  const java = await startJava(here('netty/HttpServer.java'), 'HttpServer', { workers: 2, limit: LIMIT });
  return [{ name: 'Netty 4.1.48.Final', port: (java.first as { port: number }).port, stop: () => java.stop() }];
}

/** Megabytes (10^6) per second. */
async function round(client: Child, server: Server, load: (typeof LOADS)[number]): Promise<number> {
  const { seconds } = (await client.ask(`run ${server.port} ${load.bytes} ${load.count} ${load.isKept ? 1 : 0}`)) as { seconds: number };
  return (load.bytes * load.count) / seconds / 1e6;
}

const client = startChild(here('http-client.ts'));
await client.next(json);
const servers = [await arenascope(), await counting(), ...(await netty())];
const rates = new Map(servers.map((server) => [server, LOADS.map((): number[] => [])]));
for (let i = -WARM_UP_ROUNDS; i < ROUNDS; i++)
  for (const [k, load] of LOADS.entries())
    for (const server of rotated(servers, i)) {
      const rate = await round(client, server, load);
      if (i >= 0) rates.get(server)![k]!.push(rate);
    }
client.stop();
for (const server of servers) await server.stop();

const own = rates.get(servers[0]!)!;
console.log(`${heading('bodies over loopback')}, ${ROUNDS} rounds interleaved; MB/s, minimum / median / maximum`);
const ratio = (server: Server) => LOADS.map((_, k) => (median(own[k]!) / median(rates.get(server)![k]!)).toFixed(2));
console.log(
  table([
    ['', ...LOADS.map((load) => load.name), ...LOADS.map((load) => `ours / this, ${load.name}`)],
    ...servers.map((server) => [server.name, ...rates.get(server)!.map((r) => spread(r, 0)), ...ratio(server)]),
  ]),
);
if (servers.length === 2) console.log('Netty: left out (install a JDK and Debian’s libnetty-java to compare)');
process.exit();
