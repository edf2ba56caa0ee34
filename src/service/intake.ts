// Takes one request's body into the pipeline: bytes that are given, or reads straight into the pool's receive buffers.
import { NONE, viewBytes } from '../allocator/index.ts';
import { FAILED, HEAD, IDLE } from '../pipeline/index.ts';
import type { BodyReader } from './incoming-body.ts';
import type { Lane } from './lane.ts';
import type { Traffic } from './traffic.ts';

/** Whose body it is. */
export interface IntakeOwner {
  readonly name: string;
  readonly isReceiving: boolean;
  tooLarge(bytes: number): void;
  /** No memory for what came. */
  exhausted(): void;
  /** The last slice was handed on, where nothing aggregates them. */
  slicesEnded(): void;
}

const DIRECT_BYTES = 32_768; // a read of less costs more than copying what a larger one has brought
const NOTHING = new Uint8Array(0);

export class Intake implements BodyReader {
  readonly #traffic: Traffic;
  readonly #lane: Lane;
  readonly #owner: IntakeOwner;
  readonly #named = () => this.#owner.name;
  receivedBytes = 0; // of the body

  constructor(traffic: Traffic, lane: Lane, owner: IntakeOwner) {
    this.#traffic = traffic;
    this.#lane = lane;
    this.#owner = owner;
  }

  take(chunk: Uint8Array): void {
    if (!this.#owner.isReceiving) return; // refused: the rest is thrown away
    this.receivedBytes += chunk.length;
    if (this.receivedBytes > this.#traffic.settings.bodyLimitBytes) this.#owner.tooLarge(this.receivedBytes);
    else this.#read(chunk);
  }

  #read(chunk: Uint8Array): void {
    const { runtime, settings } = this.#traffic;
    const { pipeline } = runtime;
    const { connection } = this.#lane;
    const { deliveryBytes } = settings;
    this.#begin();
    if (chunk.length <= deliveryBytes) pipeline.readAll(connection, chunk);
    else
      for (let at = 0; at < chunk.length && connection.state < FAILED; at += deliveryBytes)
        pipeline.readAll(connection, chunk.subarray(at, at + deliveryBytes));
    this.#done();
  }

  room(leftBytes: number): Uint8Array | null {
    const { runtime, settings } = this.#traffic;
    const { connection } = this.#lane;
    const bytes = Math.min(connection.predictor.bytes, settings.deliveryBytes - connection.eventBytes);
    if (!this.#owner.isReceiving || Math.min(bytes, leftBytes) < DIRECT_BYTES) return null;
    this.#begin();
    const buffer = runtime.pipeline.offer(connection);
    runtime.serving = null;
    if (buffer === NONE) {
      if (connection.state === FAILED) this.#owner.exhausted();
      return null;
    }
    return viewBytes(runtime.allocator, buffer, 0, bytes);
  }

  filled(bytes: number): void {
    const { pipeline } = this.#traffic.runtime;
    if (!this.#owner.isReceiving) return pipeline.withdraw(this.#lane.connection);
    this.receivedBytes += bytes;
    this.#begin();
    pipeline.accept(this.#lane.connection, bytes);
    this.#done();
  }

  ended(): void {
    const { pipeline } = this.#traffic.runtime;
    const { connection } = this.#lane;
    if (this.#owner.isReceiving && connection.state === HEAD) this.#read(NOTHING); // no byte of body came: the head is still to be read
    if (!this.#owner.isReceiving || connection.bodyBytes !== Infinity) return;
    pipeline.end(connection);
    if (!pipeline.aggregate) this.#owner.slicesEnded();
  }

  /** What memory is taken from here on is at this time, for this request. */
  #begin(): void {
    const { runtime, clock } = this.#traffic;
    runtime.touch(clock.nowSeconds());
    runtime.serving = this.#named;
  }

  #done(): void {
    const { runtime } = this.#traffic;
    const { state } = this.#lane.connection;
    runtime.serving = null;
    if (state === FAILED) this.#owner.exhausted();
    else if (!runtime.pipeline.aggregate && state === IDLE) this.#owner.slicesEnded();
    this.#traffic.update();
  }
}
