// What may be changed while the service runs: speed and pause at once; scenario, seed and the pool's settings by beginning anew with an
// empty allocator. Every change goes through the rules of the settings table.
import type { Feed } from '../feed/index.ts';
import { loadScenario, shippedScenarios } from '../simulation/index.ts';
import type { Scenario } from '../workload/index.ts';
import type { LiveSimulation } from './live-simulation.ts';
import { ProblemError } from './problems.ts';
import type { Runtime } from './runtime.ts';
import { rowOf, type SettingKey, type Settings } from './settings-table.ts';
import { changeSettings, SettingsError } from './settings.ts';
import type { SimulationChange, SimulationState } from './simulation-schemas.ts';
import type { Traffic } from './traffic.ts';

/** Settings of the pool, which a fresh start may change; the others are for the service's whole life. */
const POOL_KEYS = [
  'directMemoryBytes', 'nettyVersion', 'arenas', 'pageBytes', 'maxOrder', 'tinyCacheSize', 'smallCacheSize', 'normalCacheSize',
  'maxCachedBufferBytes', 'cacheTrimInterval', 'eventLoops', 'aggregator', 'maxComponents', 'backPressure', 'backPressureLow', 'backPressureHigh',
] as const satisfies readonly SettingKey[]; // prettier-ignore
const POOL_FLAGS = new Set<string>(POOL_KEYS.map((key) => rowOf(key).flag));

export const scenarioOf = ({ scenario }: Settings): Scenario | null => (scenario === 'none' ? null : loadScenario(scenario));

export interface ControlParts {
  readonly settings: Settings;
  readonly runtime: Runtime;
  readonly traffic: Traffic;
  readonly feed: Feed;
  readonly simulation: LiveSimulation;
}

export class SimulationControl {
  readonly #runtime: Runtime;
  readonly #traffic: Traffic;
  readonly #feed: Feed;
  readonly #simulation: LiveSimulation;
  #settings: Settings;

  constructor({ settings, runtime, traffic, feed, simulation }: ControlParts) {
    this.#settings = settings;
    this.#runtime = runtime;
    this.#traffic = traffic;
    this.#feed = feed;
    this.#simulation = simulation;
  }

  /** Begin the traffic of the settings' scenario, if there is one. */
  start(): void {
    const scenario = scenarioOf(this.#settings);
    if (scenario !== null) this.#simulation.start(scenario, this.#settings.seed);
  }

  state(): SimulationState {
    const { scenario, seed } = this.#settings;
    const sample = this.#simulation.sample();
    return {
      scenario,
      scenarios: ['none', ...shippedScenarios()],
      seed,
      speed: this.#simulation.speed,
      speedReached: sample?.speedReached ?? 0,
      paused: this.#simulation.paused,
      simSeconds: sample?.simSeconds ?? 0,
      days: sample?.days ?? 0,
      requests: sample?.requests ?? { completed: 0, failed: 0, refused: 0 },
      failures: sample?.failures ?? { chunk: 0, huge: 0 },
      firstFailure: sample?.firstFailure ?? null,
      settings: this.#poolSettings(),
    };
  }

  /** What the pool is made by, by flag, as text that may be sent back changed. */
  #poolSettings(): Record<string, string> {
    const { allocator, pipeline, backPressure } = this.#runtime;
    const { geometry, cacheSizes, memory, profile } = allocator;
    return {
      'direct-memory': bytesText(memory.limitBytes),
      'netty-version': profile.version,
      arenas: String(allocator.arenas.length),
      'page-size': bytesText(geometry.pageBytes),
      'max-order': String(geometry.maxOrder),
      'tiny-cache-size': String(cacheSizes.tinyCacheSize),
      'small-cache-size': String(cacheSizes.smallCacheSize),
      'normal-cache-size': String(cacheSizes.normalCacheSize),
      'max-cached-buffer-capacity': bytesText(cacheSizes.maxCachedBufferCapacity),
      'event-loops': String(pipeline.loops.length),
      aggregator: pipeline.aggregate ? 'on' : 'off',
      'back-pressure': backPressure.options.mode,
    };
  }

  change({ reset, settings: pool = {}, ...rest }: SimulationChange): void {
    const changes = Object.fromEntries(
      Object.entries({ ...pool, ...rest }).map(([name, value]) => [
        name,
        typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value),
      ]),
    );
    const foreign = Object.keys(pool).filter((flag) => !POOL_FLAGS.has(flag));
    if (foreign.length > 0) throw new ProblemError('BAD_BODY', `settings: ${foreign.join(', ')} (expected: any of ${[...POOL_FLAGS].join(', ')})`); // prettier-ignore
    const settings = this.#changed(changes);
    const isFresh = reset === true || Object.keys(pool).length > 0 || settings.scenario !== this.#settings.scenario || settings.seed !== this.#settings.seed; // prettier-ignore
    if (isFresh) this.#begin(settings);
    this.#settings = settings;
    this.#simulation.setSpeed(settings.speed);
    this.#simulation.setPaused(settings.paused);
    this.#feed.publish({ type: 'settings.changed', settings: changes });
  }

  #changed(changes: Readonly<Record<string, string>>): Settings {
    try {
      return changeSettings(this.#settings, changes);
    } catch (error) {
      if (error instanceof SettingsError) throw new ProblemError('BAD_BODY', error.mistakes.join('; ').replaceAll('--', ''));
      throw error;
    }
  }

  /** An empty allocator and the scenario's first second. The old memory goes back at once. */
  #begin(settings: Settings): void {
    const busy = this.#traffic.underWay;
    if (busy > 0) throw new ProblemError('BUSY', `requests under way: ${busy} (expected: none; try again when they have ended)`, { 'Retry-After': '1' }); // prettier-ignore
    const scenario = scenarioOf(settings);
    this.#simulation.stop();
    this.#runtime.renew(settings, scenario);
    this.#feed.reset(this.#runtime.allocator, `scenario ${settings.scenario}, seed ${settings.seed}`);
    this.#traffic.reconnect();
    if (scenario !== null) this.#simulation.start(scenario, settings.seed);
  }
}

/** 268435456 → 256m: the largest unit that divides it. */
function bytesText(bytes: number): string {
  for (const [unit, size] of [['g', 2 ** 30], ['m', 2 ** 20], ['k', 2 ** 10]] as const) if (bytes > 0 && bytes % size === 0) return `${bytes / size}${unit}`; // prettier-ignore
  return String(bytes);
}
