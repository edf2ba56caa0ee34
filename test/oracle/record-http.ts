// Writes the golden traces http-n48-*: real Netty 4.1.48 under the deliveries of http-cr3-mixed, and under requests that run out of memory.
//   node test/oracle/record-http.ts
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { httpScript, scriptOf } from './http-script.ts';
import { type ProgramOptions, recordHttpTrace } from './netty.ts';

const FOLDER = join(import.meta.dirname, '..', 'fixtures', 'golden');
const UNLIMITED_BYTES = 2 ** 50;

const mixed = scriptOf(gunzipSync(readFileSync(join(FOLDER, 'http-cr3-mixed.trace.gz'))).toString());
const untilItEnds = httpScript(48, { requests: 300, loops: 3, concurrent: 12, largestBody: 20e6, keepAlive: 0.5 });

const TRACES: Readonly<Record<string, { script: string[]; options: ProgramOptions; limitBytes: number }>> = {
  'http-n48-mixed': { script: mixed, options: { arenas: 3, loops: 4 }, limitBytes: UNLIMITED_BYTES },
  'http-n48-mixed-order9': { script: mixed, options: { arenas: 3, loops: 4, maxOrder: 9 }, limitBytes: UNLIMITED_BYTES },
  'http-n48-oom-160mb': { script: untilItEnds, options: { arenas: 2, loops: 3 }, limitBytes: 160 * 2 ** 20 },
};

for (const [name, { script, options, limitBytes }] of Object.entries(TRACES)) {
  const text = await recordHttpTrace(script, options, { maxDirectMemoryBytes: limitBytes });
  writeFileSync(join(FOLDER, `${name}.trace.gz`), gzipSync(text, { level: 9 }));
  console.log(name, text.length);
}
