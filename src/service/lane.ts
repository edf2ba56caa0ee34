// A socket and its connection in the pipeline. Requests on it are received one after the other, as Netty's decoder does: a pipelined
// one, whose head Node may have parsed already, waits until the one before it has been received (not: answered).
import type { Socket } from 'node:net';
import type { BufferRef } from '../allocator/index.ts';
import type { Connection, Handler, Message } from '../pipeline/index.ts';
import type { Exchange } from './exchange.ts';
import type { Outcome } from './outcome.ts';
import type { Runtime } from './runtime.ts';

export class Lane implements Handler {
  readonly socket: Socket;
  connection: Connection;
  fault: Outcome = 'disconnected'; // why its requests end, if the socket closes before they are done
  #detail = 'the client closed the connection';
  readonly #runtime: Runtime;
  readonly #open = new Set<Exchange>(); // entered, not ended yet
  readonly #waiting: Exchange[] = [];
  #receiving: Exchange | null = null;

  constructor(runtime: Runtime, socket: Socket) {
    this.#runtime = runtime;
    this.socket = socket;
    this.connection = runtime.open(this);
  }

  onMessage(_connection: Connection, message: Message): void {
    this.#receiving!.onMessage(message);
  }

  onSlice(_connection: Connection, ref: BufferRef, offset: number, length: number): void {
    this.#receiving!.onSlice(ref, offset, length);
  }

  onConsolidated({ loop }: Connection, bytes: number): void {
    this.#runtime.onConsolidated?.(loop.index, loop.arena, bytes);
  }

  enter(exchange: Exchange): void {
    this.#open.add(exchange);
    this.#waiting.push(exchange);
    this.#startNext();
  }

  /** All of its request has come, or never will. */
  leave(exchange: Exchange): void {
    if (this.#receiving !== exchange) return;
    this.#receiving = null;
    this.#startNext();
  }

  ended(exchange: Exchange): void {
    this.#open.delete(exchange);
  }

  /** Requests not ended yet. */
  get open(): number {
    return this.#open.size;
  }

  /** The pipeline was made anew: a connection in it takes the old one's place. */
  reconnect(): void {
    this.connection = this.#runtime.open(this);
  }

  /** Close the socket now; requests not done end with this outcome. */
  destroy(fault: Outcome, detail: string): void {
    this.blame(fault, detail);
    this.socket.destroy();
  }

  blame(fault: Outcome, detail: string): void {
    this.fault = fault;
    this.#detail = detail;
  }

  close(): void {
    this.#waiting.length = 0;
    this.#receiving = null;
    this.#runtime.close(this.connection);
    for (const exchange of [...this.#open]) exchange.onClosed(this.fault, this.#detail);
  }

  #startNext(): void {
    if (this.#receiving !== null) return;
    this.#receiving = this.#waiting.shift() ?? null;
    this.#receiving?.start();
  }
}
