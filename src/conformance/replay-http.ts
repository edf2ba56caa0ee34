// Replays `http-*` traces: the recorded socket deliveries through our pipeline, every read, failure and snapshot compared.
import { check, PooledAllocator, snapshot } from '../allocator/index.ts';
import { type Connection, FAILED, type Handler, IDLE, Pipeline } from '../pipeline/index.ts';
import type { Comparison, ReplayResult } from './replay.ts';
import type { ReplayOptions } from './replay-ops.ts';
import { dumpText, snapshotJson } from './snapshot-text.ts';
import { type Trace, TraceError } from './trace.ts';

interface Client {
  readonly connection: Connection;
  messages: number;
  bytes: number;
}

export function replayHttp(
  trace: Trace & { kind: 'http' },
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
    memory: 'none',
  });
  const clients = new Map<number, Client>(); // by our connection's id
  const handler: Handler = {
    onMessage(connection, message) {
      const client = clients.get(connection.id)!;
      client.messages++;
      client.bytes += message.bytes;
      pipeline.answer(message);
    },
  };
  const { minimum, initial, maximum, maxMessagesPerRead } = header.recv;
  const pipeline = new Pipeline(allocator, handler, {
    eventLoops: header.eventLoops,
    maxComponents: header.maxCumulationBufferComponents,
    sliceBytes: header.httpMaxChunkSize,
    receive: { minimum, initial, maximum, maxReads: maxMessagesPerRead },
  });
  let reads: string[] = [];
  pipeline.readObserver = (capacity, bytes) => reads.push(`${capacity}:${bytes}`);
  const byName = new Map<string, Client>();
  const clientOf = (name: string, line: number) => {
    const client = byName.get(name);
    if (client === undefined) throw new TraceError(`line ${line + 1}: connection ${name} (expected: one that is open here)`);
    return client;
  };
  const begin = (connection: Connection, bodyBytes: string | undefined, line: number) => {
    if (connection.state !== IDLE) throw new TraceError(`line ${line + 1}: a request on a connection that is at another`);
    pipeline.begin(connection, header.requestHead.replace('<n>', String(bodyBytes)).length, wholeNumber(bodyBytes, line));
  };
  const ordinals = new Map<number, number>(); // ours → the trace's: order of first appearance in a snapshot
  const ordinal = (chunk: number) => ordinals.get(chunk) ?? ordinals.set(chunk, ordinals.size).get(chunk)!;
  for (let i = 1; i < lines.length; i++) {
    const line = lines[i]!;
    const fields = line.split(' ');
    const name = fields[1]!;
    if (i % 1000 === 0) onProgress?.(i, lines.length);
    comparison.operations++;
    switch (fields[0]) {
      case 'C': {
        const loop = pipeline.loops[Number(fields[2])];
        if (loop === undefined) throw new TraceError(`line ${i + 1}: event loop ${fields[2]} (expected: below ${header.eventLoops})`);
        const connection = pipeline.open(loop);
        begin(connection, fields[3], i);
        const client = { connection, messages: 0, bytes: 0 };
        byName.set(name, client);
        clients.set(connection.id, client);
        break;
      }
      case 'N':
        begin(clientOf(name, i).connection, fields[2], i);
        break;
      case 'V': {
        const { connection } = clientOf(name, i);
        const available = wholeNumber(fields[2], i);
        reads = [];
        const left = available - pipeline.read(connection, available, null);
        comparison.compare(i + 1, line, fields.slice(3).join(' '), reads.join(',') + (left > 0 ? ` left=${left}` : ''));
        break;
      }
      case 'E': {
        const { connection } = clientOf(name, i);
        const got = connection.state === FAILED ? `received=${connection.receivedBytes}` : 'no failure';
        comparison.compare(i + 1, line, fields[3]!, got);
        break;
      }
      case 'D': {
        const client = clientOf(name, i);
        pipeline.close(client.connection);
        comparison.compare(i + 1, line, fields.slice(2).join(' '), `${client.messages} ${client.bytes}`);
        byName.delete(name);
        clients.delete(client.connection.id);
        break;
      }
      case 'S':
        comparison.compare(i + 1, 'S', line.slice(2), snapshotJson(snapshot(allocator), ordinal));
        if (checks) check(allocator);
        break;
      case 'X':
        comparison.compare(i + 1, 'X', line.slice(2), dumpText(snapshot(allocator), ordinal));
        break;
      default:
        throw new TraceError(`line ${i + 1}: ${line.slice(0, 60)} (expected: C, N, V, E, D, S or X)`);
    }
  }
  check(allocator);
  const { operations, differences, first } = comparison;
  return { operations, differences, first, liveBuffers: snapshot(allocator).liveBuffers };
}

function wholeNumber(text: string | undefined, line: number): number {
  if (text === undefined || !/^\d+$/.test(text)) throw new TraceError(`line ${line + 1}: ${text} (expected: a whole number of bytes)`);
  return Number(text);
}
