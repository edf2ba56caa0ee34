// Back-pressure as a scenario sets it: what may be read now, and what is let in at all.
import type { PooledAllocator } from '../allocator/index.ts';
import { BackPressure } from '../pipeline/index.ts';
import { type BackPressureSettings, SECOND_MICROS } from '../workload/index.ts';

export class Gate {
  readonly oneAtATime: boolean; // a connection is not read while its last message is unanswered
  readonly patienceMicros: number; // of a client that is not read from
  readonly pressure: BackPressure | null; // null: sockets are always read
  private readonly allocator: PooledAllocator;
  private readonly refuseBelow: number; // headroom, bytes
  private readonly refuseFrom: number; // body, bytes

  constructor(settings: BackPressureSettings, allocator: PooledAllocator, onChange: (reading: boolean, headroomBytes: number) => void) {
    this.allocator = allocator;
    this.oneAtATime = settings.mode === 'connection';
    this.refuseBelow = settings.mode === 'refuse' ? settings.low : -Infinity;
    this.refuseFrom = settings.mode === 'refuse' ? settings.from : Infinity;
    const isWatermark = settings.mode === 'watermark';
    this.patienceMicros = isWatermark ? Math.ceil(settings.patience * SECOND_MICROS) : Infinity;
    this.pressure = isWatermark
      ? new BackPressure({ mode: 'watermark', lowBytes: settings.low, highBytes: settings.high }, onChange)
      : null;
  }

  private get headroomBytes(): number {
    const { limitBytes, reservedBytes } = this.allocator.memory;
    return limitBytes - reservedBytes;
  }

  mayRead(): boolean {
    return this.pressure === null || this.pressure.update(this.headroomBytes);
  }

  admits(bodyBytes: number): boolean {
    return bodyBytes < this.refuseFrom || this.headroomBytes >= this.refuseBelow;
  }
}
