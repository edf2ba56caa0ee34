// From a scenario's settings to an allocator and a pipeline, with Netty's own defaults where the scenario is silent.
import {
  type AllocatorListener,
  defaultDirectArenas,
  createGeometry,
  type MemoryKind,
  type MemoryMapper,
  PooledAllocator,
} from '../allocator/index.ts';
import { type Handler, Pipeline, type ReceiveOptions } from '../pipeline/index.ts';
import type { ScenarioSettings } from '../workload/index.ts';

export interface PipelineParts {
  readonly memory?: MemoryKind; // 'none' (default): simulated bytes only
  readonly mapper?: MemoryMapper; // of real memory
  readonly listener?: AllocatorListener;
  readonly handler?: Handler; // of connections opened without their own
}

const NO_HANDLER: Handler = {
  onMessage: ({ id }) => {
    throw new Error(`connection ${id}: a message without a handler`);
  },
};

export function makePipeline(
  settings: ScenarioSettings,
  { memory = 'none', mapper, listener, handler = NO_HANDLER }: PipelineParts = {},
): Pipeline {
  const allocator = new PooledAllocator({
    ...allocatorOptions(settings),
    memory,
    ...(mapper && { mapper }),
    ...(listener && { listener }),
  });
  const { minimum, initial, maximum, maxReads } = settings.receive;
  const receive: ReceiveOptions = { minimum, initial, maximum, maxReads };
  const { aggregate, maxComponents, sliceBytes } = settings;
  return new Pipeline(allocator, handler, { eventLoops: eventLoopsOf(settings), aggregate, maxComponents, sliceBytes, receive });
}

function eventLoopsOf({ eventLoops, cores }: ScenarioSettings): number {
  return eventLoops ?? 2 * cores;
}

function allocatorOptions(settings: ScenarioSettings) {
  const { version, limit: limitBytes, cores, arenas } = settings;
  const { pageSize: pageBytes, maxOrder } = settings;
  const directArenas = arenas ?? defaultDirectArenas(cores, limitBytes, createGeometry(pageBytes, maxOrder).chunkBytes);
  if (!settings.pooled) return { version, limitBytes, directArenas, ...UNPOOLED };
  return { version, limitBytes, directArenas, pageBytes, maxOrder, ...cacheOptions(settings) };
}

/** Unpooled direct buffers: a chunk is one page of the smallest kind, so that all above 4 KiB is huge, made and given back each time. */
const UNPOOLED = { pageBytes: 4096, maxOrder: 0, tinyCacheSize: 0, smallCacheSize: 0, normalCacheSize: 0 };

function cacheOptions({ caches }: ScenarioSettings) {
  if (caches === true) return {};
  if (caches === false) return { tinyCacheSize: 0, smallCacheSize: 0, normalCacheSize: 0 };
  const { tiny, small, normal, maxCached, trimInterval } = caches;
  return {
    tinyCacheSize: tiny,
    smallCacheSize: small,
    normalCacheSize: normal,
    maxCachedBufferCapacity: maxCached,
    cacheTrimInterval: trimInterval,
  };
}
