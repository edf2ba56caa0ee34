// Real requests while simulated days run beside them: 100 KB bodies on one connection, delay of each. `node bench/live.ts`
// Goal: p99 under 25 ms, whatever the speed.
import { startChild, json } from './child.ts';
import { join } from 'node:path';
import { heading, table } from './table.ts';

const SPEEDS = [
  ['none', 0],
  ['a day in 10 s', 8640],
  ['a day a second', 86_400],
  ['as fast as it goes', 10_000_000],
] as const;
const [WARM_UP, REQUESTS] = [100, 1000] as const;

async function delays(speed: number): Promise<number[]> {
  const flags = speed === 0 ? ['--scenario', 'none'] : ['--scenario', 'production', '--speed', String(speed)];
  const service = startChild(join(import.meta.dirname, '../bin/arenascope.js'), ['serve', '--port', '0', ...flags]);
  const port = Number(await service.next((line) => /http:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1]));
  const client = startChild(join(import.meta.dirname, 'http-client.ts'));
  await client.next(json);
  const seconds: number[] = [];
  for (let i = -WARM_UP; i < REQUESTS; i++) {
    const answer = (await client.ask(`run ${port} 102400 1 1`)) as { seconds: number };
    if (i >= 0) seconds.push(answer.seconds);
  }
  client.stop();
  service.stop();
  return seconds.sort((a, b) => a - b);
}

console.log(`${heading('real requests beside simulated days')}; ${REQUESTS} × 100 KB, ms`);
const rows = [['simulated', 'median', 'p99', 'maximum']];
for (const [name, speed] of SPEEDS) {
  const sorted = await delays(speed);
  rows.push([name, ...[0.5, 0.99, 1].map((share) => (sorted[Math.ceil(share * REQUESTS) - 1]! * 1000).toFixed(1))]);
}
console.log(table(rows));
process.exit();
