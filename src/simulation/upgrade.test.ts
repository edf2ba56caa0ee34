// "Does upgrading help?": the deliveries that real Netty 4.1.0.CR3 was recorded with, through each version and chunk size that we
// model. What is still held when nothing is live is exactly what the real Netty of that version held.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { type Connection, type Handler } from '../pipeline/index.ts';
import type { ScenarioSettings } from '../workload/index.ts';
import { readGauges } from './gauges.ts';
import { makePipeline } from './make-pipeline.ts';
import { loadScenario } from './scenario-store.ts';

const TRACE = join(import.meta.dirname, '..', '..', 'test', 'fixtures', 'golden', 'http-cr3-mixed.trace.gz');
const [first, ...lines] = gunzipSync(readFileSync(TRACE)).toString('utf8').split('\n'); // prettier-ignore
const header = JSON.parse(first!) as { requestHead: string; directArenas: number; eventLoops: number };

/** Chunks held after the recorded deliveries, in MiB. */
function heldAfter(change: Partial<ScenarioSettings>): { chunks: number; mebibytes: number } {
  const { directArenas: arenas, eventLoops } = header;
  const settings = { ...loadScenario('production').settings, limit: 2 ** 40, arenas, eventLoops, ...change };
  const handler: Handler = { onMessage: (_, message) => void pipeline.answer(message) };
  const pipeline = makePipeline(settings, { handler });
  const clients = new Map<string, { connection: Connection; unsent: number }>();
  const deliver = (client: { connection: Connection; unsent: number }, bytes: number) => {
    const available = Math.min(bytes, client.unsent); // another version may have read more before
    if (available > 0) client.unsent -= pipeline.read(client.connection, available, null);
  };
  for (const line of lines) {
    const [verb, name, a, b] = line.split(' ');
    if (verb === 'C') {
      const connection = pipeline.open(pipeline.loops[Number(a)]);
      const headBytes = header.requestHead.replace('<n>', b!).length;
      pipeline.begin(connection, headBytes, Number(b));
      clients.set(name!, { connection, unsent: headBytes + Number(b) });
    } else if (verb === 'V') deliver(clients.get(name!)!, Number(a));
    else if (verb === 'D') {
      const client = clients.get(name!)!;
      while (client.unsent > 0) deliver(client, client.unsent);
      pipeline.close(client.connection);
    }
  }
  const { chunks, liveBytes, hugeBytes, reservedBytes } = readGauges(pipeline.allocator);
  expect(liveBytes + hugeBytes).toBe(0);
  return { chunks, mebibytes: reservedBytes / 2 ** 20 };
}

// CR3: as measured when `http-cr3-mixed` was recorded. 4.1.48: as at the end of the traces `http-n48-*`, of the same deliveries.
test.each([
  ['4.1.0.CR3', 11, 22],
  ['4.1.0.CR3', 9, 33],
  ['4.1.48.Final', 11, 16],
  ['4.1.48.Final', 9, 35],
] as const)('%s with maxOrder %d holds %d chunks, as real Netty did', (version, maxOrder, chunks) => {
  expect(heldAfter({ version, maxOrder })).toEqual({ chunks, mebibytes: (chunks * 2 ** maxOrder) / 128 });
});
