// Every rare event as one line of JSON: the same scenario and seed give the same lines, byte for byte.
import type { AllocatorListener, Chunk, ExhaustionCause } from '../allocator/index.ts';
import { LIST_NAMES } from '../allocator/index.ts';
import type { DaySample, Failure } from './result.ts';
import type { SimulationListener } from './simulation.ts';

export class EventLog implements AllocatorListener, SimulationListener {
  lines = 0;
  /** The simulated time, which stamps the allocator's events. */
  now: () => number = () => 0;
  private readonly write: (line: string) => void;

  /** `write` gets each line with its line feed. */
  constructor(write: (line: string) => void) {
    this.write = write;
  }

  private log(type: string, fields: object): void {
    this.lines++;
    this.write(`${JSON.stringify({ simSeconds: Number(this.now().toFixed(6)), type, ...fields })}\n`);
  }

  chunkCreated(chunk: Chunk): void {
    this.log('chunk.created', { arena: chunk.arena.index, chunk: chunk.id, list: LIST_NAMES[chunk.list] });
  }

  chunkMoved(chunk: Chunk, from: number, to: number): void {
    const usagePercent = chunk.usagePercent();
    this.log('chunk.moved', { arena: chunk.arena.index, chunk: chunk.id, from: LIST_NAMES[from], to: LIST_NAMES[to], usagePercent });
  }

  chunkDestroyed(chunk: Chunk): void {
    this.log('chunk.destroyed', { arena: chunk.arena.index, chunk: chunk.id });
  }

  hugeTaken(chunk: Chunk): void {
    this.log('huge.taken', { arena: chunk.arena.index, huge: chunk.id, bytes: chunk.bytes });
  }

  hugeReleased(chunk: Chunk): void {
    this.log('huge.released', { arena: chunk.arena.index, huge: chunk.id, bytes: chunk.bytes });
  }

  memoryExhausted(cause: ExhaustionCause, askedBytes: number, reservedBytes: number, limitBytes: number, arena: number): void {
    this.log('memory.exhausted', { arena, cause, askedBytes, reservedBytes, limitBytes });
  }

  cacheTrimmed(cache: number, entries: number): void {
    this.log('cache.trimmed', { cache, entries });
  }

  requestFailed({ cause, source, bodyBytes, receivedBytes }: Failure): void {
    this.log('request.failed', { cause, source, bodyBytes, receivedBytes });
  }

  peerStalled(seconds: number): void {
    this.log('peer.stalled', { seconds: Number(seconds.toFixed(6)) });
  }

  backPressureChanged(reading: boolean, headroomBytes: number): void {
    this.log('back_pressure.changed', { reading, headroomBytes });
  }

  dayEnded({ day, requests, failures, chunks, reservedBytes, peakReservedBytes }: DaySample): void {
    this.log('simulation.day_ended', { day, requests, failures, chunks, reservedBytes, peakReservedBytes });
  }
}
