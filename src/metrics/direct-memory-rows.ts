// The direct-memory account, and the allocator as Micrometer's Netty binder tells it.
import { type AllocatorSnapshot, type NettyVersion, PROFILES } from '../allocator/index.ts';
import { powersOfTwo } from './histogram.ts';
import { row } from './row.ts';

/** Micrometer's labels. Its `id` is an identity hash, which aggregates over nothing; ours is a name. */
const IDENTITY = { id: ['arenascope'], allocator_type: ['PooledByteBufAllocator'] } as const;
const MEMORY = { ...IDENTITY, memory_type: ['direct'] } as const;
const OURS = { id: 'arenascope', allocator_type: 'PooledByteBufAllocator' } as const;
const OUR_MEMORY = { ...OURS, memory_type: 'direct' } as const;

const EXHAUSTION_CAUSES = ['chunk', 'huge'] as const;
const NETTY_VERSIONS = Object.keys(PROFILES) as NettyVersion[];
/** 16 B (the smallest region) … 1 GiB (the largest chunk), of the snapshot's 1 B … 2 GiB. */
const [FIRST_POWER, LAST_POWER] = [4, 30] as const;
const REQUEST_BOUNDS = powersOfTwo(FIRST_POWER, LAST_POWER);

export const DIRECT_MEMORY_ROWS = [
  row({
    name: 'direct_memory_limit_bytes',
    type: 'gauge',
    help: 'Most that chunks and huge allocations may reserve together (-XX:MaxDirectMemorySize).',
    unit: 'bytes',
    labels: {},
    stability: 'stable',
    collect: ({ allocator }, emit) => emit({}, allocator.limitBytes),
  }),
  row({
    name: 'direct_memory_reserved_bytes',
    type: 'gauge',
    help: 'Reserved now: all chunks, used or not, and huge allocations.',
    unit: 'bytes',
    labels: {},
    stability: 'stable',
    collect: ({ allocator }, emit) => emit({}, allocator.reservedBytes),
  }),
  row({
    name: 'direct_memory_headroom_bytes',
    type: 'gauge',
    help: 'Limit less reserved: a new chunk or a huge allocation above this fails.',
    unit: 'bytes',
    labels: {},
    stability: 'stable',
    collect: ({ allocator }, emit) => emit({}, allocator.limitBytes - allocator.reservedBytes),
  }),
  row({
    name: 'direct_memory_huge_bytes',
    type: 'gauge',
    help: 'Part of the reserved bytes that is huge allocations: larger than a chunk, not pooled, freed on release.',
    unit: 'bytes',
    labels: {},
    stability: 'stable',
    collect: ({ allocator }, emit) => emit({}, allocator.hugeBytes),
  }),
  row({
    name: 'direct_memory_buffers',
    type: 'gauge',
    help: "Direct buffers reserved: chunks and huge allocations. It is the count of JVisualVM's Buffer Pools view.",
    unit: 'none',
    labels: {},
    stability: 'stable',
    collect: ({ allocator }, emit) => emit({}, chunkCount(allocator) + allocator.hugeCount),
  }),
  row({
    name: 'direct_memory_exhausted_total',
    type: 'counter',
    help: 'Reservations refused because they exceeded the limit, by what was wanted: a chunk, or a huge allocation.',
    unit: 'none',
    labels: { cause: EXHAUSTION_CAUSES },
    stability: 'stable',
    collect: ({ allocator }, emit) => EXHAUSTION_CAUSES.forEach((cause) => emit({ cause }, allocator.exhausted[cause])),
  }),
  row({
    name: 'netty_allocator_memory_used_bytes',
    type: 'gauge',
    help: "Memory of the allocator: chunks and huge allocations (Micrometer's netty.allocator.memory.used).",
    unit: 'bytes',
    labels: MEMORY,
    stability: 'stable',
    collect: ({ allocator }, emit) => emit(OUR_MEMORY, allocator.reservedBytes),
  }),
  row({
    name: 'netty_allocator_memory_pinned_bytes',
    type: 'gauge',
    help: "Memory of live buffers, those in thread caches left out (Micrometer's netty.allocator.memory.pinned).",
    unit: 'bytes',
    labels: MEMORY,
    stability: 'stable',
    collect: ({ allocator }, emit) => emit(OUR_MEMORY, liveChunkBytes(allocator) + allocator.hugeBytes),
  }),
  row({
    name: 'netty_allocator_pooled_arenas',
    type: 'gauge',
    help: "Arenas (Micrometer's netty.allocator.pooled.arenas).",
    unit: 'none',
    labels: MEMORY,
    stability: 'stable',
    collect: ({ allocator }, emit) => emit(OUR_MEMORY, allocator.arenas.length),
  }),
  row({
    name: 'netty_allocator_pooled_chunk_size_bytes',
    type: 'gauge',
    help: "Size of a chunk (Micrometer's netty.allocator.pooled.chunk.size).",
    unit: 'bytes',
    labels: IDENTITY,
    stability: 'stable',
    collect: ({ allocator }, emit) => emit(OURS, allocator.chunkBytes),
  }),
  row({
    name: 'netty_allocator_pooled_threadlocal_caches',
    type: 'gauge',
    help: "Thread caches, one for each event loop (Micrometer's netty.allocator.pooled.threadlocal.caches).",
    unit: 'none',
    labels: IDENTITY,
    stability: 'stable',
    collect: ({ allocator }, emit) => emit(OURS, allocator.caches.length),
  }),
  row({
    name: 'netty_allocator_info',
    type: 'gauge',
    help: 'Always 1; the label tells which version of Netty the allocator reproduces.',
    unit: 'none',
    labels: { netty_version: NETTY_VERSIONS },
    stability: 'stable',
    collect: ({ allocator }, emit) => emit({ netty_version: allocator.version as NettyVersion }, 1),
  }),
  row({
    name: 'netty_allocator_live_buffers',
    type: 'gauge',
    help: 'Buffers that somebody holds, pooled and huge.',
    unit: 'none',
    labels: {},
    stability: 'stable',
    collect: ({ allocator }, emit) => emit({}, allocator.liveBuffers),
  }),
  row({
    name: 'netty_allocator_requested_size_bytes',
    type: 'histogram',
    help: 'Sizes asked for, before they are rounded up to a size class; requests that found memory, from caches, arenas or huge.',
    unit: 'bytes',
    labels: {},
    stability: 'stable',
    collect: ({ allocator }, emit) => emit({}, requestSizes(allocator)),
  }),
] as const;

function chunkCount({ arenas }: AllocatorSnapshot): number {
  return arenas.reduce((sum, { lists }) => lists.reduce((count, list) => count + list.chunks.length, sum), 0);
}

function liveChunkBytes({ arenas }: AllocatorSnapshot): number {
  let bytes = 0;
  for (const { lists } of arenas) for (const { chunks } of lists) for (const chunk of chunks) bytes += chunk.liveBytes;
  return bytes;
}

/** The snapshot counts by powers of two from 2^0; those below the first bound are one bucket, those above the last another. */
function requestSizes({ requests, requestedBytes }: AllocatorSnapshot) {
  const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
  const counts = [
    sum(requests.slice(0, FIRST_POWER + 1)),
    ...requests.slice(FIRST_POWER + 1, LAST_POWER + 1),
    sum(requests.slice(LAST_POWER + 1)),
  ];
  return { bounds: REQUEST_BOUNDS, counts, sum: requestedBytes };
}
