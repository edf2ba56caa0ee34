// A small service for the tests of metrics: an allocator, its pipeline, a peer that keeps messages until it is told to answer, and a
// clock that stands still until it is told to go on. Simulated bytes, a tight limit: memory runs out often.
import { NONE, type NettyVersion, PooledAllocator, snapshot } from '../../src/allocator/index.ts';
import { HttpMeter, type MetricsInput, PipelineMeter, PoolMeter } from '../../src/metrics/index.ts';
import { BackPressure, type Connection, FAILED, type Message, Peer, Pipeline } from '../../src/pipeline/index.ts';
import { FEED, SIMULATION } from './others.ts';

const MIB = 1 << 20;
const HEAD_BYTES = 120;

export class Load {
  seconds = 0;
  readonly allocator: PooledAllocator;
  readonly pipeline: Pipeline;
  readonly pool = new PoolMeter(() => this.seconds);
  readonly http = new HttpMeter(() => this.seconds);
  readonly #messages = new PipelineMeter();
  readonly #peer: Peer;
  readonly #backPressure = new BackPressure({ mode: 'watermark', lowBytes: 20 * MIB, highBytes: 40 * MIB });
  readonly #connections: readonly Connection[];
  readonly #kept: Message[] = []; // with the peer, oldest first
  readonly #buffers: number[] = []; // held by nobody but this load

  constructor(version: NettyVersion = '4.1.0.CR3', limitBytes = 97 * MIB) {
    this.allocator = new PooledAllocator({ version, directArenas: 2, limitBytes, memory: 'none', listener: this.pool });
    const answer = (message: Message) => void this.pipeline.answer(message);
    this.#peer = new Peer(
      { latencySeconds: 1, sigma: 0, bytesPerSecond: Infinity, concurrency: 3 },
      answer,
      (_, message) => this.#kept.push(message),
      () => 0.5,
    );
    const onMessage = (_: Connection, message: Message) => {
      this.#messages.messageReceived(message.bytes);
      this.#peer.take(message);
    };
    this.pipeline = new Pipeline(this.allocator, { onMessage }, { eventLoops: 3 });
    this.#connections = Array.from({ length: 4 }, () => {
      this.http.connectionOpened();
      return this.pipeline.open();
    });
  }

  /** A request whose bytes arrive in segments of that size. */
  receive(connectionIndex: number, bytes: number, segmentBytes: number): void {
    const connection = this.#connections[connectionIndex % this.#connections.length]!;
    const started = this.http.requestStarted();
    this.pipeline.begin(connection, HEAD_BYTES, bytes);
    let left = HEAD_BYTES + bytes;
    while (left > 0 && connection.state !== FAILED) left -= this.pipeline.read(connection, Math.min(left, segmentBytes), null);
    const failed = connection.state === FAILED;
    if (failed) this.pipeline.respond(connection);
    this.seconds += 1 / 64; // sums stay exact
    this.http.requestAnswered('PUT', failed ? 503 : 200, started);
    this.http.bodyEnded(failed ? 'exhausted' : 'answered');
    this.#backPressure.update(this.allocator.memory.limitBytes - this.allocator.memory.reservedBytes);
  }

  /** The peer answers the message it has kept longest. */
  answer(): void {
    const message = this.#kept.shift();
    if (message !== undefined) this.#peer.answered(message);
  }

  take(loop: number, bytes: number): void {
    const buffer = this.allocator.allocate(loop % this.allocator.caches.count, bytes);
    if (buffer !== NONE) this.#buffers.push(buffer);
  }

  giveBack(): void {
    const buffer = this.#buffers.shift();
    if (buffer !== undefined) this.allocator.release(buffer);
  }

  trim(loop: number): void {
    this.allocator.trimCache(loop % this.allocator.caches.count);
  }

  input(): MetricsInput {
    return {
      allocator: snapshot(this.allocator),
      pool: this.pool.sample(),
      pipeline: this.#messages.sample(this.pipeline, this.#backPressure, this.#peer),
      http: this.http.sample(),
      simulation: SIMULATION,
      feed: FEED,
    };
  }
}

/** Always the same hour: small bodies, large ones that are consolidated, a slow peer, exhaustion of both kinds, a trim. */
export function createGoldenLoad(): Load {
  const load = new Load();
  for (let i = 0; i < 300; i++) {
    load.receive(i, (i * 7919) % 200_000, 1 + ((i * 4099) % 60_000));
    if (i % 50 > 0) load.answer();
    load.take(i, (i * 613) % 9000);
    if (i > 20) load.giveBack();
    load.seconds += 10;
  }
  for (let i = 0; i < 8; i++) load.receive(i, 20_000_000, 50_000);
  for (let i = 0; i < 4; i++) load.take(i, 20_000_000);
  for (let i = 0; i < 8; i++) load.take(i, 15_000_000);
  load.seconds += 100;
  for (let i = 0; i < 14; i++) load.answer();
  for (let i = 0; i < 24; i++) load.giveBack();
  load.take(0, 17_000_000);
  load.receive(1, 500, 500);
  load.trim(1);
  load.http.requestStarted();
  load.http.requestAborted('disconnected');
  load.http.bodyEnded('disconnected');
  load.http.requestStarted();
  return load;
}
