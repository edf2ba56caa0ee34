// check() itself: on a sound allocator it is silent, and each single corruption of each structure makes it throw.
import { beforeEach, describe, expect, test } from 'vitest';
import { PooledAllocator, RECORD } from './allocator.ts';
import { check } from './check.ts';
import type { Chunk } from './chunk.ts';
import type { Subpage } from './subpage.ts';
import { QUEUE } from './thread-caches.ts';

interface World {
  readonly allocator: PooledAllocator;
  readonly full: Chunk; // holds one run that is the whole chunk
  readonly mixed: Chunk; // holds runs, subpages, cached regions
  readonly huge: Chunk;
  readonly subpage: Subpage; // of 64-byte slots, two of them taken
  readonly word: (of: keyof typeof refs, field: number) => number; // index into records
}
let refs: { tiny: number; small: number; run: number; huge: number; whole: number; cached: number; freed: number };
let world: World;

/** Two chunks and a huge one: live and cached regions of every kind, a free record. */
function build(): World {
  const allocator = new PooledAllocator({ version: '4.1.48.Final', directArenas: 2, limitBytes: 1 << 26, maxOrder: 4, memory: 'none' });
  const cache = allocator.createThreadCache();
  const take = (bytes: number) => allocator.allocate(cache, bytes);
  refs = { whole: take(131_072), tiny: take(64), small: take(1024), run: take(16_384), huge: take(200_000), cached: take(64), freed: take(65_536) }; // prettier-ignore
  take(0);
  allocator.release(refs.cached);
  allocator.release(refs.freed); // too large for the cache: back to its chunk
  const word = (of: keyof typeof refs, field: number) => ((refs[of] & RECORD.SLOT_MASK) << RECORD.SHIFT) + field;
  const chunkOf = (of: keyof typeof refs) => allocator.chunks[allocator.records[word(of, RECORD.CHUNK)]!]!;
  const mixed = chunkOf('tiny');
  const subpage = mixed.subpages.find((s) => s?.elemBytes === 64)!;
  return { allocator, full: chunkOf('whole'), mixed, huge: chunkOf('huge'), subpage, word };
}

beforeEach(() => {
  world = build();
});

const set = (of: keyof typeof refs, field: number, change: (value: number) => number) => (w: World) => {
  const index = w.word(of, field);
  w.allocator.records[index] = change(w.allocator.records[index]!);
};
const queueOf = ({ allocator }: World) => allocator.caches.queueOf(0, 4);
const RUN_NODE = 9; // where the live run lies
const inc = (value: number) => value + 1;

const corruptions: readonly [what: string, corrupt: (w: World) => unknown, says: RegExp][] = [
  ['a leaf of the tree', (w) => w.mixed.map[31]!++, /node 31/],
  ['an inner node of the tree', (w) => w.mixed.map[3]!++, /node 3/],
  ['the root of the tree', (w) => w.mixed.map[1]!--, /root/],
  ['a page taken that nobody holds', (w) => { w.mixed.allocateRun(4); w.mixed.freeBytes += 8192; }, /node/],
  ['a run free that a buffer holds', (w) => { w.mixed.freeRun(RUN_NODE); w.mixed.freeBytes -= 16_384; }, /node/],
  ['free bytes of a chunk', (w) => (w.mixed.freeBytes += 8192), /freeBytes/],
  ['subpage bytes of a chunk', (w) => (w.mixed.subpageBytes += 8192), /subpageBytes/],
  ['slot bytes of a chunk', (w) => (w.mixed.slotBytes -= 64), /slotBytes/],
  ['a set bit of a subpage', (w) => (w.subpage.bitmap[0]! ^= 1), /slot 0: bit/],
  ['a clear bit of a subpage', (w) => (w.subpage.bitmap[3]! ^= 1 << 5), /slot 101: bit/],
  ['available slots of a subpage', (w) => w.subpage.available--, /available/],
  ['a subpage not in use', (w) => (w.subpage.inUse = false), /node|subpage/],
  ['a subpage out of its pool', (w) => { w.subpage.prev.next = w.subpage.next; w.subpage.next.prev = w.subpage.prev; }, /in its pool/], // prettier-ignore
  ['a subpage’s back link', (w) => (w.subpage.next.prev = w.subpage.next), /link/],
  ['a subpage’s slot size', (w) => (w.subpage.elemBytes = 80), /offset|lies at|slots|slotBytes/],
  ['the list of a chunk', (w) => (w.mixed.list = 3), /wrong list/],
  ['a back link of the chunk list', (w) => (w.mixed.prev = w.full), /wrong list, arena or link/],
  ['a chunk in no list', (w) => (w.allocator.arenas[0]!.lists[w.mixed.list]!.head = null), /size|in lists/],
  ['a chunk in a list above its usage', (w) => move(w, w.mixed, 4), /% in q075/],
  ['a chunk in a list below its usage', (w) => move(w, w.full, 1), /% in q000/],
  ['the size of a list', (w) => w.allocator.arenas[0]!.lists[5]!.size++, /size/],
  ['chunks created', (w) => w.allocator.arenas[0]!.chunksCreated++, /created/],
  ['chunks destroyed', (w) => w.allocator.arenas[0]!.chunksDestroyed++, /created/],
  ['the registry slot of a chunk', (w) => w.allocator.chunks.push(w.mixed), /registered/],
  ['a chunk gone from the registry', (w) => (w.allocator.chunks[w.mixed.slot] = null), /gone/],
  ['reserved bytes', (w) => w.allocator.memory.reservedBytes++, /reservedBytes/],
  ['reserved bytes above the limit', (w) => Object.assign(w.allocator.memory, { limitBytes: 1000 }), /limit/],
  ['huge bytes', (w) => w.allocator.memory.hugeBytes--, /hugeBytes/],
  ['huge count', (w) => w.allocator.memory.hugeCount++, /hugeCount/],
  ['huge bytes of an arena', (w) => w.allocator.arenas[0]!.hugeBytes++, /arena 0 hugeBytes/],
  ['a queue entry', (w) => w.allocator.caches.words[w.allocator.caches.words[queueOf(w) + QUEUE.RING]!]!++, /record/],
  ['a queue’s tail', (w) => w.allocator.caches.words[queueOf(w) + QUEUE.TAIL]!++, /record|two thread caches/],
  ['a queue’s head', (w) => w.allocator.caches.words[queueOf(w) + QUEUE.HEAD]!++, /count 0, cached: false/],
  ['a queue longer than it may be', (w) => (w.allocator.caches.words[queueOf(w) + QUEUE.TAIL]! += 600), /entries/],
  ['a cached record in the free stack', (w) => (w.allocator.freeRecords[w.allocator.freeRecordCount++] = refs.cached & RECORD.SLOT_MASK), /free stack/], // prettier-ignore
  ['a free record twice in the stack', (w) => (w.allocator.freeRecords[w.allocator.freeRecordCount++] = w.allocator.freeRecords[0]!), /twice/], // prettier-ignore
  ['a free record lost', (w) => w.allocator.freeRecordCount--, /free stack/],
  ['the count of records', (w) => (w.allocator.recordCount -= 3), /record|free stack/],
  ['a live record that counts nothing', set('run', RECORD.COUNT, () => 0), /cached: false/],
  ['a cached record that counts one', set('cached', RECORD.COUNT, () => 1), /cached but counts/],
  ['a ref that names another record', set('run', RECORD.REF, inc), /names another record/],
  ['the chunk of a record', set('run', RECORD.CHUNK, () => 99), /gone/],
  ['the handle of a run', set('run', RECORD.HANDLE, inc), /node|overlap/],
  ['the handle of a slot', set('tiny', RECORD.HANDLE, (handle) => handle + (2 << 5)), /slot 0: bit true/],
  ['a length above the region', set('run', RECORD.LENGTH, () => 16_385), /exceeds/],
  ['the size of a region', set('run', RECORD.MAX_LENGTH, (bytes) => bytes * 2), /run of another size/],
  ['the home of a cached record', set('cached', RECORD.HOME, (home) => home + 8), /another queue/],
  ['the size of a cached region', set('cached', RECORD.MAX_LENGTH, () => 80), /another size/],
  ['the size of a huge buffer', set('huge', RECORD.MAX_LENGTH, inc), /huge/],
  ['two records on one region', overlap, /taken twice/],
  ['two records on one slot', shareSlot, /overlap|held twice/],
]; // prettier-ignore

function move({ allocator }: World, chunk: Chunk, list: number): void {
  const { lists } = allocator.arenas[0]!;
  lists[chunk.list]!.remove(chunk);
  lists[list]!.insert(chunk);
}

function overlap({ allocator, word }: World): void {
  for (const field of [RECORD.CHUNK, RECORD.HANDLE, RECORD.MAX_LENGTH, RECORD.LENGTH])
    allocator.records[word('small', field)] = allocator.records[word('run', field)]!;
}

function shareSlot({ allocator, word }: World): void {
  for (const field of [RECORD.HANDLE]) allocator.records[word('cached', field)] = allocator.records[word('tiny', field)]!;
}

test('a sound allocator passes', () => {
  expect(() => check(world.allocator)).not.toThrow();
});

describe('one corruption is found:', () => {
  test.each(corruptions)('%s', (_, corrupt, says) => {
    corrupt(world);
    expect(() => check(world.allocator)).toThrow(says);
    expect(() => check(world.allocator)).toThrow(/^check: /);
  });
});
