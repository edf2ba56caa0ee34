// dashboards: panels and queries in TypeScript, typed against the metrics table; and the rules that alert on the same series.
// Keeps true: a query names no series or label that does not exist, a legend no label that its query has lost.
// Pure text out: `npm run generate` writes dashboards/*.json and rules/*.yml.
import { ARENAS_AND_CHUNKS } from './boards/arenas-and-chunks.ts';
import { BUFFER_POOLS } from './boards/buffer-pools.ts';
import { DIRECT_MEMORY } from './boards/direct-memory.ts';
import { NETTY_FLEET } from './boards/netty-fleet.ts';
import { SERVICE_AND_FEED } from './boards/service-and-feed.ts';
import { SIMULATED_DAYS } from './boards/simulated-days.ts';
import type { Board } from './board.ts';
import { boardJson } from './grafana.ts';
import { CLOCKS, ruleFile, rulesYaml } from './rules/yaml.ts';

/** Every dashboard, by its file's name. */
export const BOARDS: Readonly<Record<string, Board>> = {
  'direct-memory': DIRECT_MEMORY,
  'arenas-and-chunks': ARENAS_AND_CHUNKS,
  'buffer-pools': BUFFER_POOLS,
  'simulated-days': SIMULATED_DAYS,
  'service-and-feed': SERVICE_AND_FEED,
  'netty-fleet': NETTY_FLEET,
};

/** What `npm run generate` writes, by path from the repository's root. */
export const GENERATED_FILES: Readonly<Record<string, () => string>> = {
  ...Object.fromEntries(Object.entries(BOARDS).map(([name, board]) => [`dashboards/${name}.json`, () => boardJson(board)])),
  ...Object.fromEntries(CLOCKS.map((clock) => [ruleFile(clock), () => rulesYaml(clock)])),
};

export type { Board, Panel } from './board.ts';
export { ALERTS, type AlertName, LOW_HEADROOM_RATIO } from './rules/alerts.ts';
export { type Clock, DEMO_CLOCK, HISTORY_CLOCK, holdSecondsOf, REAL_CLOCK } from './rules/clock.ts';
export { RECORDINGS } from './rules/recordings.ts';
export { CLOCKS, ruleFile, runbookPath } from './rules/yaml.ts';
