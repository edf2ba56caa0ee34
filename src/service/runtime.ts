// The allocator, its pipeline and back-pressure, shared by all traffic, real and simulated, on one thread.
//
//   owner ──open──▶ connection ──read──▶ pipeline ──▶ owner.onMessage / onSlice (the owner's to answer, drop, release)
//
// Keeps true: when all traffic has ended, no buffer is live. Knows nothing of HTTP, clocks or sockets.
import type { AllocatorListener, MemoryMapper, PooledAllocator } from '../allocator/index.ts';
import { BackPressure, type Connection, type Handler, type Pipeline } from '../pipeline/index.ts';
import { makePipeline } from '../simulation/index.ts';
import type { Scenario } from '../workload/index.ts';
import { ListenerFanOut } from './listeners.ts';
import { poolSettings, socketBackPressure } from './pool-settings.ts';
import type { Settings } from './settings-table.ts';

/** Told when sockets stop or start being read. */
export type ReadingListener = (reading: boolean, headroomBytes: number) => void;

/** Each connection here has a handler of its own. */
const NOBODY: Handler = {
  onMessage: (connection) => {
    throw new Error(`connection ${connection.id}: opened without an owner`);
  },
};

export class Runtime {
  readonly listeners = new ListenerFanOut();
  readonly #readingListeners: ReadingListener[] = [];
  readonly #mapper: MemoryMapper | undefined;
  #pipeline: Pipeline;
  #backPressure: BackPressure;
  /** Simulated seconds while a simulation runs, else null: regions in thread caches are stamped in this time, or in the owner's. */
  simSeconds: (() => number) | null = null;
  /** Names the real request whose bytes are being read now; null between such reads. */
  serving: (() => string) | null = null;
  /** Told when a real message was consolidated. */
  onConsolidated: ((eventLoop: number, arena: number, bytes: number) => void) | null = null;

  constructor(settings: Settings, scenario: Scenario | null, mapper: MemoryMapper | undefined) {
    this.#mapper = mapper;
    [this.#pipeline, this.#backPressure] = this.#make(settings, scenario);
  }

  get pipeline(): Pipeline {
    return this.#pipeline;
  }
  get allocator(): PooledAllocator {
    return this.#pipeline.allocator;
  }
  get backPressure(): BackPressure {
    return this.#backPressure;
  }

  /** Everything anew, by other settings. Nothing may be live; the old memory is given back. Connections opened before are void. */
  renew(settings: Settings, scenario: Scenario | null): void {
    const made = this.#make(settings, scenario);
    this.allocator.dispose();
    [this.#pipeline, this.#backPressure] = made;
  }

  #make(settings: Settings, scenario: Scenario | null): [Pipeline, BackPressure] {
    const pool = poolSettings(settings, scenario);
    const pipeline = makePipeline(pool, {
      memory: 'real',
      ...(this.#mapper && { mapper: this.#mapper }),
      listener: this.listeners,
      handler: NOBODY,
    });
    const tell: ReadingListener = (reading, headroomBytes) =>
      this.#readingListeners.forEach((listener) => listener(reading, headroomBytes));
    return [pipeline, new BackPressure(socketBackPressure(settings, pool), tell)];
  }

  /** Real traffic goes on at this time of its owner's. */
  touch(ownSeconds: number): void {
    this.allocator.clock = this.seconds(ownSeconds);
  }

  /** The time that regions are stamped in. */
  seconds(ownSeconds: number): number {
    return this.simSeconds?.() ?? ownSeconds;
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
