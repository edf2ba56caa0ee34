// Every invariant of the room, recomputed the slow and obvious way from the buffer table. A broken one throws a plain Error.
import { type PooledAllocator, RECORD } from './allocator.ts';
import { Chunk } from './chunk.ts';
import { LIST_BOUNDS } from './chunk-list.ts';
import { isSlot, nodeOf, NONE, slotOf } from './handle.ts';
import { classBytes, classOf } from './sizes.ts';
import type { Subpage } from './subpage.ts';

const { CHUNK, COUNT, HANDLE, HOME, LENGTH, MAX_LENGTH, SHIFT: RECORD_SHIFT, REF, SLOT_MASK } = RECORD;

/** Throws an Error that names the first broken invariant. Costs time in the number of pages and buffers: for tests. */
export function check(allocator: PooledAllocator): void {
  const cached = checkCaches(allocator);
  const regions = collectRegions(allocator, cached);
  let chunkBytes = 0;
  let hugeBytes = 0;
  let hugeCount = 0;
  const hugeByArena = allocator.arenas.map(() => 0);
  let account = 0; // live + cached + kept by subpages + free
  allocator.chunks.forEach((chunk, slot) => {
    if (chunk === null) return;
    expect(chunk.slot === slot, `chunk ${chunk.id}: registered at ${slot}, says ${chunk.slot}`);
    const held = regions.get(slot) ?? [];
    if (chunk.unpooled) {
      expect(held.length === 1 && held[0]!.length === chunk.bytes, `huge ${chunk.id}: not held by exactly one buffer of its size`);
      hugeBytes += chunk.bytes;
      hugeCount++;
      hugeByArena[chunk.arena.index]! += chunk.bytes;
      account += chunk.bytes;
    } else {
      chunkBytes += chunk.bytes;
      account += checkChunk(allocator, chunk, held);
    }
  });
  const { memory } = allocator;
  expect(memory.hugeBytes === hugeBytes, `hugeBytes: ${memory.hugeBytes} (expected: ${hugeBytes})`);
  expect(memory.hugeCount === hugeCount, `hugeCount: ${memory.hugeCount} (expected: ${hugeCount})`);
  for (const { index, hugeBytes: bytes } of allocator.arenas)
    expect(bytes === hugeByArena[index], `arena ${index} hugeBytes: ${bytes} (expected: ${hugeByArena[index]})`);
  expect(
    memory.reservedBytes === chunkBytes + hugeBytes,
    `reservedBytes: ${memory.reservedBytes} (expected: chunks ${chunkBytes} + huge ${hugeBytes})`,
  );
  expect(
    memory.reservedBytes === account,
    `reservedBytes: ${memory.reservedBytes} (expected: live + cached + subpages + free = ${account})`,
  );
  expect(memory.reservedBytes <= memory.limitBytes, `reservedBytes: ${memory.reservedBytes} exceeds the limit ${memory.limitBytes}`);
  allocator.arenas.forEach((_, arena) => checkLists(allocator, arena));
  checkPools(allocator);
}

interface Region {
  readonly slot: number; // record
  readonly handle: number;
  readonly offset: number;
  readonly length: number; // bytes of the region
  readonly live: boolean;
}

function expect(condition: boolean, text: string): asserts condition {
  if (!condition) throw new Error(`check: ${text}`);
}

/** Queue contents; every entry a record that nobody holds, whose home is that queue. Returns the cached records. */
function checkCaches(allocator: PooledAllocator): Set<number> {
  const { caches, records } = allocator;
  const cached = new Set<number>();
  for (let cache = 0; cache < caches.count; cache++)
    for (let sizeClass = 0; sizeClass < caches.classes; sizeClass++) {
      const queue = caches.queueOf(cache, sizeClass);
      if (queue === NONE) continue;
      const entries = caches.entries(queue);
      expect(entries >= 0 && entries <= caches.capacityOf(sizeClass), `cache ${cache} class ${sizeClass}: ${entries} entries`);
      for (let i = 0; i < entries; i++) {
        const slot = caches.entryAt(queue, i);
        const record = slot << RECORD_SHIFT;
        expect(!cached.has(slot), `record ${slot}: in two thread caches`);
        expect(records[record + COUNT] === 0, `record ${slot}: cached but counts ${records[record + COUNT]} references`);
        expect(records[record + HOME] === queue, `record ${slot}: cached in another queue than its home`);
        expect(records[record + MAX_LENGTH] === classBytes(sizeClass), `record ${slot}: cached in a class of another size`);
        cached.add(slot);
      }
    }
  return cached;
}

/** Regions by chunk slot; every record is live, cached or free, never two of them. */
function collectRegions(allocator: PooledAllocator, cached: Set<number>): Map<number, Region[]> {
  const { records } = allocator;
  const free = new Set(allocator.freeRecords.subarray(0, allocator.freeRecordCount));
  expect(free.size === allocator.freeRecordCount, 'free records: one is there twice');
  for (const slot of free) expect(slot < allocator.recordCount, `free records: ${slot} (expected: below ${allocator.recordCount})`);
  const regions = new Map<number, Region[]>();
  for (let slot = 0; slot < allocator.recordCount; slot++) {
    const record = slot << RECORD_SHIFT;
    const count = records[record + COUNT]!;
    expect((records[record + REF]! & SLOT_MASK) === slot, `record ${slot}: its ref names another record`);
    expect(free.has(slot) === (count === -1), `record ${slot}: count ${count}, on the free stack: ${free.has(slot)}`);
    if (count === -1) continue;
    expect(cached.has(slot) === (count === 0), `record ${slot}: count ${count}, cached: ${cached.has(slot)}`);
    const [chunk, length, maxLength] = [records[record + CHUNK]!, records[record + LENGTH]!, records[record + MAX_LENGTH]!];
    expect(length <= maxLength, `record ${slot}: length ${length} exceeds ${maxLength}`);
    const handle = records[record + HANDLE]!;
    expect(allocator.chunks[chunk] instanceof Chunk, `chunk slot ${chunk}: holds regions but is gone`);
    const region = { slot, handle, offset: allocator.chunks[chunk].offsetOf(handle), length: maxLength, live: count > 0 };
    regions.set(chunk, [...(regions.get(chunk) ?? []), region]);
  }
  return regions;
}

/** Tree, subpages and counters of one chunk against the regions in it. Returns live + cached + kept by subpages + free bytes. */
function checkChunk(allocator: PooledAllocator, chunk: Chunk, regions: readonly Region[]): number {
  const { geometry } = allocator;
  const taken = new Set<number>(); // tree nodes
  const slots = new Map<Subpage, number[]>();
  for (const region of regions) {
    const node = nodeOf(region.handle, geometry.nodeBits);
    if (isSlot(region.handle)) {
      const subpage = chunk.subpages[node ^ (1 << geometry.maxOrder)]!;
      slots.set(subpage, [...(slots.get(subpage) ?? []), slotOf(region.handle, geometry.nodeBits)]);
      expect(subpage.elemBytes === region.length, `record ${region.slot}: ${region.length} bytes in slots of ${subpage.elemBytes}`);
    } else {
      expect(!taken.has(node), `chunk ${chunk.id} node ${node}: taken twice`);
      expect(geometry.chunkBytes >>> (31 - Math.clz32(node)) === region.length, `record ${region.slot}: run of another size`);
      taken.add(node);
    }
  }
  checkOverlap(chunk, regions);
  let slotBytes = 0;
  let pages = 0;
  for (const subpage of chunk.subpages) {
    if (!subpage?.inUse) continue;
    taken.add(subpage.node);
    pages++;
    slotBytes += checkBitmap(chunk, subpage, slots.get(subpage) ?? []);
  }
  expect(chunk.subpageBytes === pages * geometry.pageBytes, `chunk ${chunk.id} subpageBytes: ${chunk.subpageBytes}`);
  expect(chunk.slotBytes === slotBytes, `chunk ${chunk.id} slotBytes: ${chunk.slotBytes} (expected: ${slotBytes})`);
  const free = checkTree(chunk, taken);
  expect(chunk.freeBytes === free, `chunk ${chunk.id} freeBytes: ${chunk.freeBytes} (expected: ${free})`);
  const held = regions.reduce((sum, region) => sum + region.length, 0);
  return held + (pages * geometry.pageBytes - slotBytes) + free;
}

function checkOverlap(chunk: Chunk, regions: readonly Region[]): void {
  const sorted = regions.filter((region) => region.length > 0).sort((a, b) => a.offset - b.offset);
  sorted.forEach((region, i) => {
    const end = region.offset + region.length;
    expect(end <= chunk.bytes, `record ${region.slot}: ends at ${end}, past its chunk`);
    const next = sorted[i + 1];
    expect(next === undefined || next.offset >= end, `chunk ${chunk.id}: records ${region.slot} and ${next?.slot} overlap`);
  });
}

/** Bits against the regions that live in the slots. Returns the bytes of the taken slots. */
function checkBitmap(chunk: Chunk, subpage: Subpage, slots: readonly number[]): number {
  const name = `chunk ${chunk.id} subpage ${subpage.node}`;
  if (subpage.elemBytes === 0) return 0;
  const expected = new Set(slots);
  expect(expected.size === slots.length, `${name}: a slot is held twice`);
  for (let slot = 0; slot < subpage.maxElems; slot++) {
    const set = ((subpage.bitmap[slot >>> 5]! >>> (slot & 31)) & 1) === 1;
    expect(set === expected.has(slot), `${name} slot ${slot}: bit ${set}, held ${expected.has(slot)}`);
  }
  expect(subpage.available === subpage.maxElems - slots.length, `${name} available: ${subpage.available}`);
  return slots.length * subpage.elemBytes;
}

/** The whole tree, from the leaves up. Returns the bytes that are free. */
function checkTree(chunk: Chunk, taken: ReadonlySet<number>): number {
  const { maxOrder, chunkBytes } = chunk.geometry;
  const none = maxOrder + 1;
  const walk = (node: number, depth: number): { value: number; free: number } => {
    if (taken.has(node)) return { value: none, free: 0 };
    if (depth === maxOrder) return { value: depth, free: chunkBytes >>> depth };
    const [left, right] = [walk(2 * node, depth + 1), walk(2 * node + 1, depth + 1)];
    const whole = left.value === depth + 1 && right.value === depth + 1;
    const value = whole ? depth : Math.min(left.value, right.value);
    expect(chunk.map[2 * node] === left.value, `chunk ${chunk.id} node ${2 * node}: ${chunk.map[2 * node]} (expected: ${left.value})`);
    expect(chunk.map[2 * node + 1] === right.value, `chunk ${chunk.id} node ${2 * node + 1}: wrong (expected: ${right.value})`);
    return { value, free: left.free + right.free };
  };
  const root = walk(1, 0);
  expect(chunk.map[1] === root.value, `chunk ${chunk.id} root: ${chunk.map[1]} (expected: ${root.value})`);
  return root.free;
}

/** Each chunk in exactly one list, the list's links sound, and its usage as the version's rules allow. */
function checkLists(allocator: PooledAllocator, arenaIndex: number): void {
  const arena = allocator.arenas[arenaIndex]!;
  const seen = new Set<Chunk>();
  for (const list of arena.lists) {
    let size = 0;
    for (let chunk = list.head, prev: Chunk | null = null; chunk !== null; prev = chunk, chunk = chunk.next) {
      expect(!seen.has(chunk), `chunk ${chunk.id}: in two lists`);
      seen.add(chunk);
      expect(chunk.list === list.index && chunk.arena === arena && chunk.prev === prev, `chunk ${chunk.id}: wrong list, arena or link`);
      const { minUsage, maxUsage, name } = LIST_BOUNDS[list.index]!;
      const usage = chunk.usagePercent();
      expect(usage < maxUsage, `chunk ${chunk.id}: ${usage} % in ${name}`);
      // CR3 leaves a chunk wherever one step down took it; 4.1.48 keeps the minimum of every list.
      expect(!allocator.profile.fallsThrough || usage >= minUsage, `chunk ${chunk.id}: ${usage} % in ${name}`);
      size++;
    }
    expect(size === list.size, `arena ${arenaIndex} list ${list.index} size: ${list.size} (expected: ${size})`);
  }
  const owned = allocator.chunks.filter((chunk) => chunk !== null && !chunk.unpooled && chunk.arena === arena).length;
  expect(seen.size === owned, `arena ${arenaIndex}: ${seen.size} chunks in lists (expected: ${owned})`);
  expect(arena.chunksCreated - arena.chunksDestroyed === owned, `arena ${arenaIndex}: created − destroyed is not ${owned}`);
}

/** A subpage is in its class's pool exactly when it is in use and has a free slot (or is of size 0). */
function checkPools(allocator: PooledAllocator): void {
  for (const arena of allocator.arenas) {
    const pooled = new Set<Subpage>();
    arena.pools.forEach((head, sizeClass) => {
      for (let s = head.next; s !== head; s = s.next) {
        expect(classOf(s.elemBytes) === sizeClass && s.next.prev === s, `arena ${arena.index} pool ${sizeClass}: a wrong member or link`);
        pooled.add(s);
      }
    });
    for (const chunk of allocator.chunks) {
      if (chunk === null || chunk.unpooled || chunk.arena !== arena) continue;
      for (const s of chunk.subpages) {
        if (s === undefined) continue;
        const expected = s.inUse && (s.available > 0 || s.elemBytes === 0);
        expect(pooled.has(s) === expected, `chunk ${chunk.id} subpage ${s.node}: in its pool ${pooled.has(s)} (expected: ${expected})`);
      }
    }
  }
}
