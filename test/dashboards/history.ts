// Half an hour of a service's life as samples for Prometheus: the real text of /metrics, scraped by a clock that only we move.
import { Scraper } from '../../src/metrics/index.ts';
import { planHistory, writeHistory } from '../../src/history/index.ts';
import { loadScenario } from '../../src/simulation/index.ts';
import { Load } from '../metrics/load.ts';

export const START_SECONDS = Date.UTC(2026, 0, 1) / 1000;
export const STEP_SECONDS = 15;
const SCRAPES = 120;
export const END_SECONDS = START_SECONDS + (SCRAPES - 1) * STEP_SECONDS;

/** A minute's traffic: small messages, now and then large ones that wait for a slow peer, until memory runs out. */
function advance(load: Load, scrape: number): void {
  for (let i = 0; i < 6; i++) load.receive(scrape + i, 1000 + ((scrape * 7919 + i * 613) % 150_000), 20_000);
  if (scrape % 10 === 5) load.receive(scrape, 20_000_000, 50_000);
  if (scrape % 40 === 20) for (let i = 0; i < 8; i++) load.receive(i, 20_000_000, 50_000);
  if (scrape % 3 === 0) load.take(scrape, 5_000_000);
  if (scrape % 3 === 1) load.giveBack();
  for (let i = 0; i < 8; i++) load.answer();
  if (scrape % 30 === 29) load.trim(0);
  if (scrape % 20 === 7) {
    load.http.requestStarted();
    load.http.requestAborted('disconnected');
  }
  load.seconds += STEP_SECONDS;
}

/** Simulated days that end two hours before: under 256 MiB memory runs out on the fifth of them, but not with all remedies. */
export const FAILING_DAYS = { days: 6, firstFailure: 5, endSeconds: START_SECONDS - 7200, survivor: 'all-of-it' } as const;

export async function writeFailingDays(folder: string): Promise<void> {
  const production = loadScenario('production');
  const scenario = { ...production, settings: { ...production.settings, limit: 2 ** 28 } };
  const { days, endSeconds, survivor } = FAILING_DAYS;
  await writeHistory(planHistory({ scenario, seed: 1, days, endSeconds, stepHours: 1, settings: [survivor], folder }), folder);
}

/** As a target of that job; `up` is Prometheus's own. */
export async function historyOf(job: string, instance: string): Promise<string> {
  const load = new Load();
  const scraper = new Scraper();
  const lines: string[] = [];
  for (let scrape = 0; scrape < SCRAPES; scrape++) {
    advance(load, scrape);
    const at = START_SECONDS + scrape * STEP_SECONDS;
    const simulation = { simSeconds: load.seconds * 8640, speedReached: 8640, requests: { completed: scrape * 100, failed: scrape, refused: 0 }, failures: { chunk: 0, huge: scrape } }; // prettier-ignore
    const text = `up 1\n${await scraper.text({ ...load.input(), simulation })}`;
    for (const line of text.split('\n')) if (line !== '' && !line.startsWith('#')) lines.push(withTarget(line, job, instance, at));
  }
  return lines.join('');
}

export function withTarget(line: string, job: string, instance: string, at: number): string {
  const [, name, labels = '', value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (name === undefined) throw new Error(`no sample: ${line}`);
  return `${name}{job="${job}",instance="${instance}"${labels === '' ? '' : `,${labels}`}} ${value} ${at}\n`;
}

/** A Netty service as Micrometer tells of it: no `_bytes` on the allocator's memory, an identity hash for an id. */
export function micrometerHistory(job: string, instance: string): string {
  const lines: string[] = [];
  for (let scrape = 0; scrape < SCRAPES; scrape++) {
    const used = (4 + Math.floor(scrape / 10)) * 2 ** 24;
    const allocator = 'id="1938056729",allocator_type="PooledByteBufAllocator"';
    for (const line of [
      'up 1',
      `netty_allocator_memory_used{${allocator},memory_type="direct"} ${used}`,
      `netty_allocator_memory_used{${allocator},memory_type="heap"} 0`,
      `netty_allocator_memory_pinned{${allocator},memory_type="direct"} ${300_000 + scrape}`,
      `netty_allocator_memory_pinned{${allocator},memory_type="heap"} 0`,
      `netty_allocator_pooled_arenas{${allocator},memory_type="direct"} 2`,
      `netty_allocator_pooled_arenas{${allocator},memory_type="heap"} 2`,
      `netty_allocator_pooled_chunk_size{${allocator}} 16777216`,
      `netty_allocator_pooled_threadlocal_caches{${allocator}} 4`,
      'jvm_buffer_count_buffers{id="direct"} 12',
      'jvm_buffer_count_buffers{id="mapped"} 0',
      'jvm_buffer_memory_used_bytes{id="direct"} 98304',
      'jvm_buffer_memory_used_bytes{id="mapped"} 0',
      'jvm_buffer_total_capacity_bytes{id="direct"} 98304',
      'jvm_buffer_total_capacity_bytes{id="mapped"} 0',
    ])
      lines.push(withTarget(line, job, instance, START_SECONDS + scrape * STEP_SECONDS));
  }
  return lines.join('');
}
