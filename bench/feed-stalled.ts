// What one stalled client costs the others: two feeds in one process, one with 100 clients that read, one with 99 and one that has
// stopped. They take turns in short rounds, in pairs of random order, so that whatever else the machine does hits both alike.
import { Random } from '../src/workload/index.ts';
import { type Clients, openStage, percentile, rest, type Stage } from './feed-stage.ts';

const [CLIENTS, RATE, ROUND_SECONDS, PAIRS, WARM_PAIRS] = [100, 5000, 0.25, 120, 4] as const;
const [RESAMPLES, CONFIDENCE] = [1000, 0.95] as const;
const MEBIBYTE = 2 ** 20;
const STALLED_BYTES = [MEBIBYTE, 6 * MEBIBYTE] as const; // unsent, of the stalled client: from then on it counts as stalled; then it is replaced
const FAT = 'x'.repeat(100_000); // fills what the kernel holds for a client that does not read
const SETTLE_MILLISECONDS = 30;

export interface StalledResult {
  readonly p99: readonly [allRead: number, oneStalled: number]; // milliseconds, of all frames of all rounds
  readonly p50: readonly [allRead: number, oneStalled: number];
  readonly changePercent: number; // of the p99
  readonly interval: readonly [low: number, high: number]; // of the change, by resampling pairs of rounds
  readonly rounds: number; // of each kind
}

export async function measureStalled(clients: Clients): Promise<StalledResult> {
  const stages = [await openStage(), await openStage()] as const;
  const [allRead, oneStalled] = stages;
  await clients.order({ do: 'connect', url: allRead.url, clients: CLIENTS, stalled: 0, whole: 0 });
  await clients.order({ do: 'connect', url: oneStalled.url, clients: CLIENTS - 1, stalled: 1, whole: 0 });
  const rounds: [Float64Array[], Float64Array[]] = [[], []];
  const random = new Random(1, 'rounds');
  for (let pair = -WARM_PAIRS; pair < PAIRS; pair++) {
    await refill(clients, stages, pair === -WARM_PAIRS);
    for (const which of random.unit() < 0.5 ? ([0, 1] as const) : ([1, 0] as const)) {
      const delays = await round(clients, stages[which]);
      if (pair >= 0) rounds[which].push(delays); // the first ones warm up
    }
    if (oneStalled.attached.sample().pendingBytes < STALLED_BYTES[0]) throw new Error('the stalled client is gone');
  }
  await clients.order({ do: 'disconnect' });
  for (const stage of stages) await stage.close();
  return { ...summary(rounds), rounds: PAIRS };
}

async function round(clients: Clients, { churn, feed, url }: Stage): Promise<Float64Array> {
  await clients.order({ do: 'measure' });
  await churn.run(RATE, ROUND_SECONDS);
  const { delays } = await clients.order({ do: 'report', url, last: feed.last });
  await rest(SETTLE_MILLISECONDS);
  return delays;
}

/** Sees to it that the stalled client is stalled, long before it is closed for it. Both feeds go through the same. */
async function refill(clients: Clients, stages: readonly [Stage, Stage], isFirst: boolean): Promise<void> {
  const { attached, url } = stages[1];
  const [least, most] = STALLED_BYTES;
  if (!isFirst && attached.sample().pendingBytes < most) return;
  if (!isFirst) await clients.order({ do: 'stall', url });
  while (attached.sample().pendingBytes < least || attached.sample().pendingBytes > most) {
    for (const { feed } of stages) feed.publish({ type: 'settings.changed', settings: { fat: FAT } });
    await rest(SETTLE_MILLISECONDS / 3);
  }
  for (const { feed, url } of stages) await clients.order({ do: 'report', url, last: feed.last });
  await rest(SETTLE_MILLISECONDS * 10);
}

function summary([allRead, oneStalled]: readonly [readonly Float64Array[], readonly Float64Array[]]): Omit<StalledResult, 'rounds'> {
  const columns = [new Pool(allRead), new Pool(oneStalled)] as const;
  const of = (share: number, weights: Uint32Array) =>
    columns.map((pool) => pool.percentile(share, weights)) as unknown as readonly [number, number];
  const once = new Uint32Array(allRead.length).fill(1);
  const random = new Random(1, 'resamples');
  const changes = Float64Array.from({ length: RESAMPLES }, () => {
    const weights = new Uint32Array(allRead.length); // how often each pair is drawn
    for (let draw = 0; draw < weights.length; draw++) weights[Math.floor(random.unit() * weights.length)]!++;
    return change(of(0.99, weights));
  });
  return {
    p50: of(0.5, once),
    p99: of(0.99, once),
    changePercent: change(of(0.99, once)),
    interval: [percentile(changes, (1 - CONFIDENCE) / 2), percentile(changes, (1 + CONFIDENCE) / 2)],
  };
}

const change = ([before, after]: readonly [number, number]): number => (after / before - 1) * 100;

/** Delays of many rounds, sorted once, so that percentiles under other weights of the rounds are a walk. */
class Pool {
  readonly #rounds: readonly Float64Array[];
  readonly #order: readonly (readonly [delay: number, round: number])[];

  constructor(rounds: readonly Float64Array[]) {
    this.#rounds = rounds;
    this.#order = rounds.flatMap((delays, round) => Array.from(delays, (delay) => [delay, round] as const)).sort((a, b) => b[0] - a[0]);
  }

  percentile(share: number, weights: Uint32Array): number {
    const total = this.#rounds.reduce((sum, { length }, round) => sum + length * weights[round]!, 0);
    let above = total * (1 - share);
    for (const [delay, round] of this.#order) if ((above -= weights[round]!) < 0) return delay;
    return NaN;
  }
}
