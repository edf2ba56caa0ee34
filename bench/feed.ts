// The feed under load, over loopback, its clients in another process. `node --expose-gc bench/feed.ts`
// Goals: 100 clients × 20,000 events/s with nothing lost and under 64 MiB of growth; 1,000 idle clients under 20 MiB; one stalled client
// among 100 changes the others' 99th percentile of delay by less than 10 %; and what an event costs while nobody listens.
import { isDeepStrictEqual } from 'node:util';
import { Clients, now, openStage, percentile, rest } from './feed-stage.ts';
import { measureStalled } from './feed-stalled.ts';
import { heading, median, table } from './table.ts';

const MEBIBYTE = 2 ** 20;
const [CLIENTS, GOAL_RATE, SECONDS] = [100, 20_000, 10] as const;
const RATE = GOAL_RATE * 1.005; // so that a late last turn does not fall below the goal
const IDLE_CLIENTS = 1000;
const UNHEARD_EVENTS = 2_000_000;

const rssMebibytes = (): number => {
  globalThis.gc?.();
  return process.memoryUsage().rss / MEBIBYTE;
};

const stage = await openStage();
const { churn, feed, attached, url } = stage;
const clients = new Clients();
const rows: string[][] = [['what', 'measured', 'goal']];

function measureUnheard(): void {
  const loop = (): number => {
    const started = now();
    for (const end = feed.last + UNHEARD_EVENTS; feed.last < end;) churn.step();
    return ((now() - started) * 1e6) / UNHEARD_EVENTS;
  };
  loop();
  rows.push(['an event nobody listens to, with the transition that makes it', `${median([loop(), loop(), loop()]).toFixed(0)} ns`, '']);
}

async function measureIdle(): Promise<void> {
  const before = rssMebibytes();
  await clients.order({ do: 'connect', url, clients: IDLE_CLIENTS, stalled: 0, whole: 0 });
  await rest(1000);
  const grown = rssMebibytes() - before;
  rows.push([`${IDLE_CLIENTS} idle clients, resident memory`, `${grown.toFixed(1)} MiB`, '< 20 MiB']);
  await clients.order({ do: 'disconnect' });
  await rest(500);
}

async function measureLoad(): Promise<void> {
  await clients.order({ do: 'connect', url, clients: CLIENTS, stalled: 0, whole: 1 });
  await churn.run(RATE, 1); // warm
  const [before, cpuBefore, bytesBefore] = [rssMebibytes(), process.cpuUsage(), attached.sample().bytes];
  let peak = 0;
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss / MEBIBYTE)), 50);
  await clients.order({ do: 'measure' });
  const started = now();
  const reachedRate = await churn.run(RATE, SECONDS);
  const seconds = (now() - started) / 1000;
  const { reached, gaps, delays, state } = await clients.order({ do: 'report', url, last: feed.last });
  clearInterval(watch);
  const cpu = process.cpuUsage(cpuBefore);
  const megabytes = (attached.sample().bytes - bytesBefore) / 1e6;
  const lost = CLIENTS - reached + gaps + attached.sample().ended.too_slow;
  rows.push(
    [`${CLIENTS} clients × ${reachedRate.toFixed(0)} events/s for ${seconds.toFixed(1)} s: lost`, `${lost}`, '0'],
    ['… growth of resident memory, peak', `${Math.max(0, peak - before).toFixed(1)} MiB`, '< 64 MiB'],
    ['… rebuilt state is the service’s own', String(isDeepStrictEqual(state, feed.state())), 'true'],
    ['… sent', `${(megabytes / seconds).toFixed(0)} MB/s`, ''],
    ['… the service’s own time', `${((cpu.user + cpu.system) / 1e4 / seconds).toFixed(0)} % of a core`, ''],
    ['… delay of a frame, p50 / p99', `${percentile(delays, 0.5).toFixed(1)} / ${percentile(delays, 0.99).toFixed(1)} ms`, ''],
  );
  await clients.order({ do: 'disconnect' });
  await rest(500);
}

async function measureStall(): Promise<void> {
  const { p50, p99, changePercent, interval, rounds } = await measureStalled(clients);
  const both = ([allRead, oneStalled]: readonly [number, number]) => `${allRead.toFixed(2)} → ${oneStalled.toFixed(2)} ms`;
  const percent = (value: number) => `${value > 0 ? '+' : ''}${value.toFixed(0)} %`;
  rows.push(
    [`100 clients read → 99 read, one stalled: p50 of the delay, ${rounds} rounds each`, both(p50), ''],
    ['… p99 of the delay', both(p99), ''],
    ['… change of the p99 (95 % of resamples)', `${percent(changePercent)} (${interval.map(percent).join(' … ')})`, '< 10 %'],
  );
}

measureUnheard();
await measureIdle();
await measureLoad();
await measureStall();
clients.stop();
await stage.close();
console.log(`${heading('feed')}, over loopback, clients in another process\n${table(rows)}`);
