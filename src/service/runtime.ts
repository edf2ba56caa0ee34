// The allocator, its pipeline and back-pressure, shared by all traffic, real and simulated, on one thread.
//
//   owner ──open──▶ connection ──read──▶ pipeline ──▶ owner.onMessage / onSlice (the owner's to answer, drop, release)
//
// Keeps true: when all traffic has ended, no buffer is live. Knows nothing of HTTP, clocks or sockets.
import { type AllocatorListener, PooledAllocator } from '../allocator/index.ts';
import { BackPressure, type Connection, type Handler, Pipeline } from '../pipeline/index.ts';
import { ListenerFanOut } from './listeners.ts';
import type { Settings } from './settings-table.ts';
import { markBytes, resolveAuto } from './settings.ts';

/** Told when sockets stop or start being read. */
export type ReadingListener = (reading: boolean, headroomBytes: number) => void;

/** Each connection here has a handler of its own. */
const NOBODY: Handler = {
  onMessage: (connection) => {
    throw new Error(`connection ${connection.id}: opened without an owner`);
  },
};

export class Runtime {
  readonly allocator: PooledAllocator;
  readonly pipeline: Pipeline;
  readonly backPressure: BackPressure;
  readonly listeners = new ListenerFanOut();
  readonly #readingListeners: ReadingListener[] = [];

  constructor(settings: Settings) {
    const { arenas, eventLoops } = resolveAuto(settings);
    const limitBytes = settings.directMemoryBytes;
    this.allocator = new PooledAllocator({
      version: settings.nettyVersion,
      directArenas: arenas,
      limitBytes,
      pageBytes: settings.pageBytes,
      maxOrder: settings.maxOrder,
      tinyCacheSize: settings.tinyCacheSize,
      smallCacheSize: settings.smallCacheSize,
      normalCacheSize: settings.normalCacheSize,
      maxCachedBufferCapacity: settings.maxCachedBufferBytes,
      cacheTrimInterval: settings.cacheTrimInterval,
      memory: 'real',
      listener: this.listeners,
    });
    this.pipeline = new Pipeline(this.allocator, NOBODY, {
      eventLoops,
      aggregate: settings.aggregator,
      maxComponents: settings.maxComponents,
    });
    this.backPressure = new BackPressure(
      {
        mode: settings.backPressure,
        lowBytes: markBytes(settings.backPressureLow, limitBytes),
        highBytes: markBytes(settings.backPressureHigh, limitBytes),
      },
      (reading, headroomBytes) => this.#readingListeners.forEach((tell) => tell(reading, headroomBytes)),
    );
  }

  get headroomBytes(): number {
    return this.allocator.memory.limitBytes - this.allocator.memory.reservedBytes;
  }

  /** Tell back-pressure the present headroom; returns whether sockets may be read. To be called after memory was taken or given back. */
  mayRead(): boolean {
    return this.backPressure.update(this.headroomBytes);
  }

  onReadingChanged(listener: ReadingListener): void {
    this.#readingListeners.push(listener);
  }

  addListener(listener: AllocatorListener): () => void {
    return this.listeners.add(listener);
  }

  /** A new connection on the next event loop in turn; its messages and slices go to `owner`. */
  open(owner: Handler): Connection {
    return this.pipeline.open(undefined, owner);
  }

  close(connection: Connection): void {
    this.pipeline.close(connection);
  }

  /** Trim every thread cache. Returns the regions freed. */
  trim(): number {
    return this.pipeline.loops.reduce((freed, loop) => freed + this.allocator.trimCache(loop.cache), 0);
  }
}
