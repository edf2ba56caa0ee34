// Replays `ops-*` traces: the same operations on our allocator, every field of every line compared.
import { check, NONE, placeOf, PooledAllocator, snapshot } from '../allocator/index.ts';
import type { Comparison, ReplayResult } from './replay.ts';
import { dumpText, snapshotJson } from './snapshot-text.ts';
import { type Trace, TraceError } from './trace.ts';

export interface ReplayOptions {
  /** Recompute every invariant at each snapshot of the trace (slow). */
  readonly checks?: boolean;
  readonly onProgress?: (line: number, lines: number) => void;
}

export function replayOps(
  trace: Trace & { kind: 'ops' },
  comparison: Comparison,
  { checks = false, onProgress }: ReplayOptions,
): ReplayResult {
  const { header, lines } = trace;
  const allocator = new PooledAllocator({
    version: header.netty,
    directArenas: header.directArenas,
    limitBytes: header.maxDirectMemory ?? Infinity,
    pageBytes: header.pageSize,
    maxOrder: header.maxOrder,
    tinyCacheSize: header.tinyCacheSize,
    smallCacheSize: header.smallCacheSize,
    normalCacheSize: header.normalCacheSize,
    maxCachedBufferCapacity: header.maxCachedBufferCapacity,
    cacheTrimInterval: header.cacheTrimInterval,
    memory: 'none',
  });
  for (let thread = 0; thread < header.threads; thread++) allocator.createThreadCache();
  const buffers = new Map<string, number>();
  const ordinals = new Map<number, number>(); // ours → the trace's: order of first appearance
  const ordinal = (chunk: number) => ordinals.get(chunk) ?? ordinals.set(chunk, ordinals.size).get(chunk)!;
  const where = (ref: number): string => {
    const p = placeOf(allocator, ref);
    return `${p.arena} ${p.huge ? 'H' : ordinal(p.chunk)} ${p.handle} ${p.offset} ${p.length} ${p.maxLength}`;
  };
  const bufferOf = (name: string, line: number) => {
    const ref = buffers.get(name);
    if (ref === undefined) throw new TraceError(`line ${line + 1}: buffer ${name} (expected: one that is live here)`);
    return ref;
  };
  for (let i = 1; i < lines.length; i++) {
    const line = lines[i]!;
    const fields = line.split(' ');
    const [verb, thread, name] = [fields[0]!, Number(fields[1]), fields[2]!];
    if (i % 1000 === 0) onProgress?.(i, lines.length);
    comparison.operations++;
    switch (verb) {
      case 'A': {
        if (buffers.has(name)) throw new TraceError(`line ${i + 1}: buffer ${name} (expected: a name that is not live)`);
        const ref = allocator.allocate(thread, Number(fields[3]));
        if (ref !== NONE) buffers.set(name, ref);
        comparison.compare(i + 1, line, fields.slice(4).join(' '), ref === NONE ? 'OOM' : where(ref));
        break;
      }
      case 'R': {
        const ref = bufferOf(name, i);
        const done = allocator.capacity(thread, ref, Number(fields[3]));
        comparison.compare(i + 1, line, fields.slice(4).join(' '), done ? where(ref) : 'OOM');
        break;
      }
      case 'F':
        allocator.release(bufferOf(name, i));
        buffers.delete(name);
        break;
      case 'S':
        comparison.compare(i + 1, 'S', line.slice(2), snapshotJson(snapshot(allocator), ordinal));
        if (checks) check(allocator);
        break;
      case 'X':
        comparison.compare(i + 1, 'X', line.slice(2), dumpText(snapshot(allocator), ordinal));
        break;
      default:
        throw new TraceError(`line ${i + 1}: ${line.slice(0, 60)} (expected: A, R, F, S or X)`);
    }
  }
  check(allocator);
  const { operations, differences, first } = comparison;
  return { operations, differences, first, liveBuffers: buffers.size };
}
