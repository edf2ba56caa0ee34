// The six chunk lists of an arena: chunks of similar usage, newest at the head. A list's percentages are turned into free-byte
// thresholds once, so that a move is decided by one comparison:
//
//   usage ≥ max  ⇔  freeBytes ≤ maxFreeBytesToPass        usage < min  ⇔  freeBytes > minFreeBytesToStay
//
// Source of the behaviour: Netty's PoolChunkList; the bounds: PoolArena's constructor.
import type { Chunk } from './chunk.ts';
import { usagePercent } from './chunk.ts';
import { LIST_NAMES, type ListName } from './profile.ts';

/** [minimum usage, maximum usage, previous list, next list]; NONE: no list there. */
const LISTS = [
  [-Infinity, 25, 0, 1], // qInit: its back-link is itself, so its chunks are never destroyed
  [1, 50, -1, 2], // q000: what falls out of it is destroyed
  [25, 75, 1, 3],
  [50, 100, 2, 4],
  [75, 100, 3, 5],
  [100, Infinity, 4, -1],
] as const;

export interface ListBounds {
  readonly name: ListName;
  readonly minUsage: number;
  readonly maxUsage: number;
}
export const LIST_BOUNDS: readonly ListBounds[] = LISTS.map(([minUsage, maxUsage], i) => ({ name: LIST_NAMES[i]!, minUsage, maxUsage }));
export const Q_INIT = 0;

export class ChunkList {
  readonly index: number;
  readonly previous: number;
  readonly next: number;
  readonly passFreeBytes: number; // usage ≥ max ⇔ freeBytes ≤ this
  readonly stayFreeBytes: number; // usage ≥ min ⇔ freeBytes ≤ this
  readonly maxRunBytes: number; // 4.1.48: larger requests are refused without a look
  head: Chunk | null = null;
  size = 0;

  constructor(index: number, chunkBytes: number, capacityBound: boolean) {
    const [minUsage, maxUsage, previous, next] = LISTS[index]!;
    this.index = index;
    this.previous = previous;
    this.next = next;
    this.passFreeBytes = largestFreeAtUsage(maxUsage, chunkBytes);
    this.stayFreeBytes = largestFreeAtUsage(minUsage, chunkBytes);
    const floor = Math.max(1, minUsage);
    this.maxRunBytes = capacityBound ? (floor === 100 ? 0 : Math.floor((chunkBytes * (100 - floor)) / 100)) : chunkBytes;
  }

  insert(chunk: Chunk): void {
    chunk.list = this.index;
    chunk.prev = null;
    chunk.next = this.head;
    if (this.head !== null) this.head.prev = chunk;
    this.head = chunk;
    this.size++;
  }

  remove(chunk: Chunk): void {
    if (chunk.prev === null) this.head = chunk.next;
    else chunk.prev.next = chunk.next;
    if (chunk.next !== null) chunk.next.prev = chunk.prev;
    chunk.prev = chunk.next = null;
    this.size--;
  }
}

/** The largest free-byte count whose usage is still ≥ `usage`; −1 if none is. Found by bisection, so that rounding is Netty's own. */
function largestFreeAtUsage(usage: number, chunkBytes: number): number {
  if (usagePercent(chunkBytes, chunkBytes) >= usage) return chunkBytes;
  let [has, hasNot] = [-1, chunkBytes];
  while (hasNot - has > 1) {
    const middle = (has + hasNot) >>> 1;
    if (usagePercent(middle, chunkBytes) >= usage) has = middle;
    else hasNot = middle;
  }
  return has;
}
