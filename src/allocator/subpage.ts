// One page cut into equal slots. Pages of one class in one arena form a ring around the class's pool head; a full page leaves it.
//
//   Σ bits set in `bitmap` = maxElems − available        (elemBytes > 0)
//
// Source of the behaviour: Netty's PoolSubpage.

const NONE = -1; // its own, so that it is folded: see the hot-path note in README.md

export class Subpage {
  prev: Subpage = this; // neighbours in the pool's ring; a head points to itself when its ring is empty
  next: Subpage = this;
  readonly chunkSlot: number; // the chunk's index in the allocator's registry; NONE for a pool head
  readonly node: number; // the leaf of the chunk's tree
  elemBytes = 0;
  maxElems = 0;
  available = 0;
  inUse = false; // false once the page went back to its chunk (Netty's doNotDestroy)
  private nextAvailable = 0; // the slot freed last, once; NONE: search
  readonly bitmap: Int32Array; // bit set: slot taken

  constructor(chunkSlot: number, node: number, pageBytes: number) {
    this.chunkSlot = chunkSlot;
    this.node = node;
    this.bitmap = new Int32Array(((pageBytes >>> 4) + 31) >>> 5);
  }

  /** Cut the page anew and join the pool. For size 0 the counts of the former life stay, as in Netty. */
  init(head: Subpage, elemBytes: number, pageBytes: number): void {
    this.inUse = true;
    this.elemBytes = elemBytes;
    if (elemBytes !== 0) {
      this.maxElems = this.available = Math.floor(pageBytes / elemBytes);
      this.nextAvailable = 0;
      this.bitmap.fill(0, 0, (this.maxElems + 31) >>> 5);
    }
    this.join(head);
  }

  /** A free slot. Never called on a full page: those are not in the pool. */
  allocate(): number {
    if (this.elemBytes === 0) return 0;
    let slot = this.nextAvailable;
    if (slot === NONE) slot = this.lowestFree();
    else this.nextAvailable = NONE;
    this.bitmap[slot >>> 5]! |= 1 << (slot & 31);
    if (--this.available === 0) this.leave();
    return slot;
  }

  /** Give a slot back. True when the page is no longer needed and left its pool: the caller returns it to the tree. */
  free(head: Subpage, slot: number): boolean {
    if (this.elemBytes === 0) return false;
    this.bitmap[slot >>> 5]! ^= 1 << (slot & 31);
    this.nextAvailable = slot;
    if (this.available++ === 0) {
      this.join(head);
      return false;
    }
    if (this.available !== this.maxElems) return false;
    if (this.prev === this.next) return false; // the last page of its class stays, though empty
    this.inUse = false;
    this.leave();
    return true;
  }

  private lowestFree(): number {
    for (let word = 0; ; word++) {
      const free = ~this.bitmap[word]!;
      if (free !== 0) return (word << 5) + 31 - Math.clz32(free & -free);
    }
  }

  private join(head: Subpage): void {
    this.prev = head;
    this.next = head.next;
    head.next.prev = this;
    head.next = this;
  }

  private leave(): void {
    this.prev.next = this.next;
    this.next.prev = this.prev;
    this.prev = this.next = this;
  }
}
