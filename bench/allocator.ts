// Take + release, steady state, one event loop: ours, Buffer.allocUnsafeSlow and, where Java and Debian's libnetty-java are there,
// real Netty 4.1.48, round by round in turn. One allocator serves all sizes on each side. `node bench/allocator.ts`
// Goals: ≤ 0.5 × Netty from the thread cache (256 B … 16 KiB), ≤ 0.7 × from the tree, ≥ 20 × faster than allocUnsafeSlow at 16 KiB.
import { join } from 'node:path';
import { type NettyVersion, PooledAllocator } from '../src/allocator/index.ts';
import { findNetty, type JavaProcess, startJava } from '../test/oracle/netty.ts';
import { heading, median, rotated, spread, table } from './table.ts';

const SIZES = [256, 1024, 4096, 8192, 16_384, 65_536, 1_048_576];
const TREE_FROM = 65_536; // larger than what a thread cache keeps
const [WARM_UP, ITERATIONS, ROUNDS] = [300_000, 500_000, 12] as const;
const SLOW_ITERATIONS = 20_000; // allocUnsafeSlow leaves its garbage to the collector

interface Contender {
  readonly name: string;
  /** Nanoseconds for one take + release. */
  run(bytes: number): Promise<number> | number;
}

let consumed = 0; // results are used, so that nothing is optimised away

function ours(version: NettyVersion): Contender {
  const allocator = new PooledAllocator({ version, directArenas: 1, limitBytes: 2 ** 31 });
  const cache = allocator.createThreadCache();
  const loop = (count: number, bytes: number) => {
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const ref = allocator.allocate(cache, bytes);
      sum += ref & 1;
      allocator.release(ref);
    }
    return sum;
  };
  for (let i = 0; i < 3; i++) for (const bytes of SIZES) consumed += loop(WARM_UP, bytes);
  return { name: `arenascope, ${version}`, run: (bytes) => timed(ITERATIONS, (count) => loop(count, bytes)) };
}

const unpooled: Contender = {
  name: 'Buffer.allocUnsafeSlow',
  run: (bytes) =>
    timed(bytes > 16_384 ? SLOW_ITERATIONS / 20 : SLOW_ITERATIONS, (count) => {
      let sum = 0;
      for (let i = 0; i < count; i++) sum += Buffer.allocUnsafeSlow(bytes).length & 1;
      return sum;
    }),
};

function netty(java: JavaProcess): Contender {
  const run = async (bytes: number) => ((await java.ask(`run ${bytes} ${ITERATIONS}`)) as { nanosPerOp: number }).nanosPerOp;
  return { name: 'Netty 4.1.48.Final', run };
}

function timed(count: number, work: (count: number) => number): number {
  const started = process.hrtime.bigint();
  consumed += work(count);
  return Number(process.hrtime.bigint() - started) / count;
}

async function measure(contenders: readonly Contender[]): Promise<Map<Contender, number[][]>> {
  const times = new Map(contenders.map((c) => [c, SIZES.map((): number[] => [])]));
  for (let round = 0; round < ROUNDS; round++)
    for (const [i, bytes] of SIZES.entries()) for (const c of rotated(contenders, round)) times.get(c)![i]!.push(await c.run(bytes));
  return times;
}

const java =
  findNetty() === undefined ? null : await startJava(join(import.meta.dirname, 'netty', 'AllocatorBench.java'), 'AllocatorBench');
const subject = ours('4.1.48.Final');
const baselines = java === null ? [unpooled] : [unpooled, netty(java)];
const times = await measure([subject, ours('4.1.0.CR3'), ...baselines]);
await java?.stop();
console.log(`${heading('take + release')}, ${ROUNDS} rounds interleaved; ns, minimum / median / maximum`);
const cells = [...times].map(([contender, bySize]) => [contender.name, ...bySize.map((t) => spread(t))]);
const ratios = baselines.map((b) => [
  `arenascope 4.1.48 / ${b.name}`,
  ...SIZES.map((_, i) => (median(times.get(subject)![i]!) / median(times.get(b)![i]!)).toFixed(2)),
]);
const served = ['served by', ...SIZES.map((bytes) => (bytes < TREE_FROM ? 'cache' : 'tree'))];
const rows = [['bytes', ...SIZES.map(String)], served, ...cells, ...ratios];
console.log(table(rows[0]!.map((_, column) => rows.map((row) => row[column]!))));
if (java === null) console.log('Netty: left out (install a JDK and Debian’s libnetty-java to compare)');
if (consumed < 0) console.log(consumed);
