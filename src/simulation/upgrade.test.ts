// "Does upgrading help?": the deliveries that real Netty 4.1.0.CR3 was recorded with, through each version and chunk size that we
// model. With CR3 what is still held when nothing is live is exactly what real Netty held, with 16 and with 4 MiB chunks. Real
// 4.1.48 was measured with its own receive buffers, which learn faster; there the effect must agree, not the number.
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
  const connections = new Map<string, Connection>();
  for (const line of lines) {
    const [verb, name, a, b] = line.split(' ');
    if (verb === 'C') {
      const connection = pipeline.open(pipeline.loops[Number(a)]);
      pipeline.begin(connection, header.requestHead.replace('<n>', b!).length, Number(b));
      connections.set(name!, connection);
    } else if (verb === 'V') pipeline.read(connections.get(name!)!, Number(a), null);
    else if (verb === 'D') pipeline.close(connections.get(name!)!);
  }
  const { chunks, liveBytes, hugeBytes, reservedBytes } = readGauges(pipeline.allocator);
  expect(liveBytes + hugeBytes).toBe(0);
  return { chunks, mebibytes: reservedBytes / 2 ** 20 };
}

test.each([
  ['4.1.0.CR3', 11, 22],
  ['4.1.0.CR3', 9, 33],
] as const)('%s with maxOrder %d holds %d chunks, as real Netty did', (version, maxOrder, chunks) => {
  expect(heldAfter({ version, maxOrder })).toEqual({ chunks, mebibytes: (chunks * 2 ** maxOrder) / 128 });
});

test('4.1.48 holds less than CR3 in 16 MiB chunks and no less in 4 MiB chunks, within a chunk or two of the 15–17 and 32–38 of real Netty', () => {
  const [large, small] = [11, 9].map((maxOrder) => heldAfter({ version: '4.1.48.Final', maxOrder }).chunks);
  expect([large! < 22, large! >= 15 && large! <= 18]).toEqual([true, true]);
  expect([small! >= 33, small! <= 38]).toEqual([true, true]);
});
