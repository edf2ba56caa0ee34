// Sizes: every request belongs to a class, one numbering for tiny, small and normal.
//
//   class    0 … 31     tiny    16 × class bytes                    (0, 16, 32 … 496)
//   class   32 …        512 << (class − 32): small below a page, normal from a page to a chunk
//
// One numbering lets thread-cache queues, subpage pools and counters be indexed alike, whatever the page size.
// Source: Netty's PoolArena.normalizeCapacity, tinyIdx, smallIdx.
import { fail } from './errors.ts';

export const MAX_CAPACITY = 2_147_483_647; // an int in Netty
export const TINY_CLASSES = 32; // written out in the two functions below, which are hot
const MAX_CHUNK_BYTES = 1 << 30;

/** The size class of a request below or at the chunk size. */
export function classOf(bytes: number): number {
  return bytes < 497 ? (bytes + 15) >>> 4 : 55 - Math.clz32(bytes - 1);
}

/** Bytes that a region of this class takes. */
export function classBytes(sizeClass: number): number {
  return sizeClass < 32 ? sizeClass << 4 : 512 << (sizeClass - 32);
}

export const SIZE_KINDS = ['tiny', 'small', 'normal', 'huge'] as const;
export type SizeKind = (typeof SIZE_KINDS)[number];
/** Indices into SIZE_KINDS. */
export const KIND = { TINY: 0, SMALL: 1, NORMAL: 2, HUGE: 3 } as const;

/** Shape of a chunk, checked once and shared by all parts. */
export interface Geometry {
  readonly pageBytes: number;
  readonly pageShift: number;
  readonly maxOrder: number; // depth of the leaves: a chunk has 1 << maxOrder pages
  readonly chunkBytes: number;
  readonly chunkShift: number;
  readonly pageClass: number; // the first normal class
  readonly nodeBits: number; // maxOrder + 1: bits of a tree node in a handle
}

export function createGeometry(pageBytes: number, maxOrder: number): Geometry {
  if (!Number.isInteger(pageBytes) || pageBytes < 4096 || pageBytes > MAX_CHUNK_BYTES || (pageBytes & (pageBytes - 1)) !== 0)
    fail('BAD_PAGE_BYTES', pageBytes);
  if (!Number.isInteger(maxOrder) || maxOrder < 0 || maxOrder > 14) fail('BAD_MAX_ORDER', maxOrder);
  const pageShift = 31 - Math.clz32(pageBytes);
  if (pageShift + maxOrder > 30) fail('BAD_CHUNK_BYTES', pageBytes, maxOrder);
  return {
    pageBytes,
    pageShift,
    maxOrder,
    chunkBytes: pageBytes << maxOrder,
    chunkShift: pageShift + maxOrder,
    pageClass: classOf(pageBytes),
    nodeBits: maxOrder + 1,
  };
}

/** Netty's default number of direct arenas: `min(2 × cores, floor(limit / chunk / 2 / 3))`, at least one. */
export function defaultDirectArenas(cores: number, limitBytes: number, chunkBytes: number): number {
  return Math.max(1, Math.min(2 * cores, Math.floor(limitBytes / chunkBytes / 2 / 3)));
}
