// What the allocator and the pipeline are made by: a scenario's settings, those that the user gave before them, Netty's own defaults.
import { availableParallelism } from 'node:os';
import type { BackPressureOptions } from '../pipeline/index.ts';
import { plainSettings, type Scenario, type ScenarioSettings } from '../workload/index.ts';
import { markBytes } from './settings.ts';
import type { SettingKey, Settings } from './settings-table.ts';

export function poolSettings(settings: Settings, scenario: Scenario | null): ScenarioSettings {
  const { given } = settings;
  const base =
    scenario?.settings ??
    plainSettings({ limit: settings.directMemoryBytes, version: settings.nettyVersion, cores: availableParallelism() });
  const isGiven = (key: SettingKey) => given.has(key);
  return {
    ...base,
    ...(isGiven('directMemoryBytes') && { limit: settings.directMemoryBytes }),
    ...(isGiven('nettyVersion') && { version: settings.nettyVersion }),
    ...(settings.arenas !== 'auto' && { arenas: settings.arenas }),
    ...(settings.eventLoops !== 'auto' && { eventLoops: settings.eventLoops }),
    ...(isGiven('pageBytes') && { pageSize: settings.pageBytes }),
    ...(isGiven('maxOrder') && { maxOrder: settings.maxOrder }),
    ...(isGiven('aggregator') && { aggregate: settings.aggregator }),
    ...(isGiven('maxComponents') && { maxComponents: settings.maxComponents }),
    caches: cacheSettings(settings, base.caches),
  };
}

const DEFAULT_CACHES = { tiny: 512, small: 256, normal: 64, maxCached: 32_768, trimInterval: 8192 };

function cacheSettings(settings: Settings, base: ScenarioSettings['caches']): ScenarioSettings['caches'] {
  const { given } = settings;
  const of = base === true ? DEFAULT_CACHES : base === false ? { ...DEFAULT_CACHES, tiny: 0, small: 0, normal: 0 } : base;
  return {
    tiny: given.has('tinyCacheSize') ? settings.tinyCacheSize : of.tiny,
    small: given.has('smallCacheSize') ? settings.smallCacheSize : of.small,
    normal: given.has('normalCacheSize') ? settings.normalCacheSize : of.normal,
    maxCached: given.has('maxCachedBufferBytes') ? settings.maxCachedBufferBytes : of.maxCached,
    trimInterval: given.has('cacheTrimInterval') ? settings.cacheTrimInterval : of.trimInterval,
  };
}

/** Back-pressure on real sockets; the simulated ones have their scenario's. */
export function socketBackPressure(settings: Settings, { limit, backPressure }: ScenarioSettings): BackPressureOptions {
  if (!settings.given.has('backPressure') && backPressure.mode === 'watermark')
    return { mode: 'watermark', lowBytes: backPressure.low, highBytes: backPressure.high };
  const { backPressureLow, backPressureHigh } = settings;
  return { mode: settings.backPressure, lowBytes: markBytes(backPressureLow, limit), highBytes: markBytes(backPressureHigh, limit) };
}
