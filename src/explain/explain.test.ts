// One constructed state for each way in which a chunk is held, and the exact words for it.
import { describe, expect, test } from 'vitest';
import { type AllocatorOptions, type BufferRef, holders, type LiveHolder, type LivePurpose, PooledAllocator } from '../allocator/index.ts';
import { explain, explanationText } from './index.ts';

const KIB = 1 << 10;
const MIB = 1 << 20;

/** An allocator with two event loops, and what the explanation says of it. */
class Bench {
  readonly allocator: PooledAllocator;
  readonly owners: LiveHolder[] = [];

  constructor(options: Partial<AllocatorOptions> = {}) {
    this.allocator = new PooledAllocator({ directArenas: 1, limitBytes: 256 * MIB, memory: 'none', ...options });
    this.allocator.createThreadCache();
    this.allocator.createThreadCache();
  }

  take(bytes: number, loop = 0, purpose?: LivePurpose): BufferRef {
    const ref = this.allocator.allocate(loop, bytes);
    if (purpose !== undefined) this.owners.push({ ref, purpose, cache: loop });
    return ref;
  }

  release(...refs: BufferRef[]): void {
    for (const ref of refs) this.allocator.release(ref);
  }

  explain() {
    return explain(holders(this.allocator, this.owners));
  }

  sentence(chunk = 0): string {
    return this.explain().chunks.find(({ id }) => id === chunk)!.sentence;
  }
}

/** A chunk out of qInit: a quarter of it was taken and given back while something else stayed. */
function leaveInit(bench: Bench): void {
  bench.release(bench.take(4 * MIB));
}

describe('a chunk with live buffers', () => {
  test('names them by purpose and event loop, most bytes first', () => {
    const bench = new Bench();
    bench.take(8 * MIB, 0, 'held_consolidated');
    for (let i = 0; i < 3; i++) bench.take(32 * KIB, 1, 'receiving');
    bench.take(64 * KIB);
    expect(bench.sentence()).toMatchInlineSnapshot(
      `"Chunk 0 (arena 0, q025, 51 %): live buffers hold 8,352 KiB: event loop 0 has 1 consolidated message that waits for its answer (8 MiB), event loop 1 has 3 receive buffers of bodies on their way in (96 KiB) and 1 buffer whose owner is not known (64 KiB). Each free that leaves it below the minimum of its list moves it down, but only by one list: it goes if the last one finds it in q000."`,
    );
  });

  test('says what else is in it, and that qInit would keep it', () => {
    const bench = new Bench();
    bench.take(1000, 1, 'held');
    bench.release(bench.take(16 * KIB));
    expect(bench.sentence()).toMatchInlineSnapshot(
      `"Chunk 0 (arena 0, qInit, 1 %): live buffers hold 1 KiB: event loop 1 has 1 receive buffer of a message that waits for its answer; thread caches keep another 16 KiB (event loop 0 has 1 × 16 KiB; released 0 s ago); 7 KiB are unused in 1 page cut into 1 KiB slots. Even empty it will stay: it is in qInit, which destroys nothing."`,
    );
  });

  test('of Netty 4.1.48 goes with the last of them', () => {
    const bench = new Bench({ version: '4.1.48.Final' });
    bench.take(32 * KIB, 0, 'slice');
    leaveInit(bench);
    expect(bench.sentence()).toMatchInlineSnapshot(
      `"Chunk 0 (arena 0, q000, 1 %): live buffers hold 32 KiB: event loop 0 has 1 receive buffer whose consumer has not read it. It is destroyed when the last of them goes back."`,
    );
  });

  test('of CR3, one large buffer: its release will strand the chunk', () => {
    const bench = new Bench();
    bench.take(16 * MIB, 1, 'receiving_consolidated');
    expect(bench.sentence()).toMatchInlineSnapshot(
      `"Chunk 0 (arena 0, q100, 100 %): live buffers hold 16 MiB: event loop 1 has 1 consolidated body on its way in. Letting go of them will not free it: a free moves a chunk at most one list down, so 1 free can bring it no further than q075, where nothing would hold it."`,
    );
  });
});

describe('a chunk held by thread caches', () => {
  test('names event loop, size class and age', () => {
    const bench = new Bench();
    const refs = [32 * KIB, 32 * KIB, 16 * KIB].map((bytes) => bench.take(bytes, 1));
    leaveInit(bench);
    bench.release(refs[0]!);
    bench.allocator.clock = 7000.5;
    bench.release(refs[1]!, refs[2]!);
    bench.allocator.clock = 7090;
    expect(bench.sentence()).toMatchInlineSnapshot(
      `"Chunk 0 (arena 0, q000, 1 %): no live buffer is in it, but thread caches keep 80 KiB (event loop 1 has 2 × 32 KiB and 1 × 16 KiB; released 1 min 30 s to 1 h 58 min ago). The other 16,304 KiB are free, but a chunk of 16 MiB goes back only as a whole. It is destroyed when the last of them goes back."`,
    );
    expect(bench.explain().caches[1]!.sentence).toMatchInlineSnapshot(
      `"The thread cache of event loop 1 (arena 0) keeps 3 regions, 80 KiB, in 1 chunk, and alone keeps it from going; it trims itself only after 8,189 more requests to it."`,
    );
  });

  test('two loops pin it together, with slots of a page', () => {
    const bench = new Bench();
    const refs = [bench.take(32 * KIB, 0), bench.take(32 * KIB, 1), bench.take(256, 1)];
    leaveInit(bench);
    bench.release(...refs);
    expect(bench.sentence()).toMatchInlineSnapshot(
      `"Chunk 0 (arena 0, q000, 1 %): no live buffer is in it, but thread caches keep 65,792 bytes (event loop 0 has 1 × 32 KiB; event loop 1 has 1 × 32 KiB and 1 × 256 B; released 0 s ago); 7,936 bytes are unused in 1 page cut into 256 B slots. The other 16,312 KiB are free, but a chunk of 16 MiB goes back only as a whole. Even then it may stay: a size class keeps its last page, and a chunk with a page in use is not empty."`,
    );
    expect(bench.explain().caches.map(({ aloneChunks }) => aloneChunks)).toEqual([0, 0]);
  });

  test('of CR3, too high a list: too few frees are left to bring it down', () => {
    const bench = new Bench({ maxOrder: 1, normalCacheSize: 1 }); // two pages to a chunk, one of them kept
    bench.release(bench.take(8 * KIB), bench.take(8 * KIB));
    expect(bench.sentence()).toMatchInlineSnapshot(
      `"Chunk 0 (arena 0, q075, 50 %): no live buffer is in it, but thread caches keep 8 KiB (event loop 0 has 1 × 8 KiB; released 0 s ago). The other 8 KiB are free, but a chunk of 16 KiB goes back only as a whole. Letting go of them will not free it: a free moves a chunk at most one list down, so 1 free can bring it no further than q050, where nothing would hold it."`,
    );
  });
});

describe('a chunk held by a kept page', () => {
  const withKeptPage = (version: '4.1.0.CR3' | '4.1.48.Final') => {
    const bench = new Bench({ version, tinyCacheSize: 0, smallCacheSize: 0 });
    const slot = bench.take(256);
    leaveInit(bench);
    bench.release(slot);
    return bench;
  };

  test('says that its class keeps its last one, and that it counts as 1 %', () => {
    expect(withKeptPage('4.1.0.CR3').sentence()).toMatchInlineSnapshot(
      `"Chunk 0 (arena 0, q000, 1 %): nobody uses it, but 1 empty page cut into 256 B slots is kept (8 KiB unused): a size class keeps its last page with a free slot. It counts as 1 %, a chunk is destroyed only at 0 %, and no free can come to an empty page."`,
    );
    expect(withKeptPage('4.1.48.Final').explain().chunks[0]!.cause).toBe('subpage');
  });

  test('also when another page of the class has free slots again', () => {
    const bench = new Bench({ tinyCacheSize: 0 });
    const slots = Array.from({ length: 33 }, () => bench.take(256)); // a full page, and one slot of a second
    bench.release(slots[32]!, slots[0]!);
    expect(bench.sentence()).toMatchInlineSnapshot(
      `"Chunk 0 (arena 0, qInit, 1 %): live buffers hold 7,936 bytes: 31 buffers whose owners are not known; 1 empty page and 1 in use cut into 256 B slots are kept (8,448 bytes unused): it was the last of its size class when its last slot came back. Even empty it will stay: it is in qInit, which destroys nothing."`,
    );
  });

  test('a page for requests of 0 bytes', () => {
    const bench = new Bench({ tinyCacheSize: 0 });
    bench.release(bench.take(0));
    expect(bench.sentence()).toMatchInlineSnapshot(
      `"Chunk 0 (arena 0, qInit, 1 %): nobody uses it, but 1 page cut for requests of 0 bytes (8 KiB) never goes back. Even without it the chunk would stay: qInit destroys nothing."`,
    );
  });
});

describe('a chunk that nothing holds', () => {
  test('in q075: its only region filled it', () => {
    const bench = new Bench();
    bench.release(bench.take(16 * MIB));
    expect(bench.sentence()).toMatchInlineSnapshot(
      `"Chunk 0 (arena 0, q075, 0 %): nothing holds it. The free of its only region, 16 MiB, moved it one list down, from q100, and only a free moves or destroys a chunk: 4 more frees, one for each of q075, q050, q025, q000, would destroy it, but none can come until something is allocated in it and released."`,
    );
  });

  test('in q050, q025 and q000: its last region was one of two, of three, or half of it', () => {
    const sentences = [[8, 8], [8, 4, 4], [8]].map((regions) => {
      const bench = new Bench();
      bench.release(...regions.map((size) => bench.take(size * MIB)));
      return bench.sentence();
    });
    expect(sentences).toMatchInlineSnapshot(`
      [
        "Chunk 0 (arena 0, q050, 0 %): nothing holds it. The free of its last region moved it one list down, from q075, and only a free moves or destroys a chunk: 3 more frees, one for each of q050, q025, q000, would destroy it, but none can come until something is allocated in it and released.",
        "Chunk 0 (arena 0, q025, 0 %): nothing holds it. The free of its last region moved it one list down, from q050, and only a free moves or destroys a chunk: 2 more frees, one for each of q025, q000, would destroy it, but none can come until something is allocated in it and released.",
        "Chunk 0 (arena 0, q000, 0 %): nothing holds it. The free of its last region moved it one list down, from q025, and only a free moves or destroys a chunk: one more free would destroy it, but none can come until something is allocated in it and released.",
      ]
    `);
  });

  test('in qInit, in every version', () => {
    for (const version of ['4.1.0.CR3', '4.1.48.Final'] as const) {
      const bench = new Bench({ version, normalCacheSize: 0 });
      bench.release(bench.take(2 * MIB));
      expect(bench.sentence()).toBe(
        'Chunk 0 (arena 0, qInit, 0 %): nothing holds it, but it has never been 25 % full, so it has never left qInit, and no version of Netty destroys a chunk there: it stays for good, ready for use.',
      );
    }
  });
});

describe('the prospects', () => {
  test('of an arena: huge allocations up to the headroom', () => {
    const bench = new Bench({ limitBytes: 48 * MIB });
    bench.take(8 * MIB);
    expect(bench.explain().arenas[0]!.sentence).toMatchInlineSnapshot(
      `"Arena 0: the largest request that succeeds now is 32 MiB; one byte more fails (a huge allocation above the headroom). One more chunk fits; once it is full, the largest is 16 MiB."`,
    );
  });

  test('of an arena for which no chunk is left', () => {
    const bench = new Bench({ limitBytes: 20 * MIB });
    bench.take(8 * MIB);
    bench.take(4 * MIB);
    expect(bench.explain().arenas[0]!.sentence).toMatchInlineSnapshot(
      `"Arena 0: the largest request that succeeds now is 4 MiB; one byte more fails (a new chunk, 16 MiB, does not fit). No further chunk fits."`,
    );
  });

  test('of a full arena, but for a thread cache', () => {
    const bench = new Bench({ limitBytes: 16 * MIB });
    bench.release(bench.take(32 * KIB));
    for (let bytes = 8 * MIB; bytes >= 32 * KIB; bytes /= 2) bench.take(bytes, 1);
    expect(bench.explain().arenas[0]!.sentence).toMatchInlineSnapshot(
      `"Arena 0: no request succeeds now, except from thread caches: up to 32 KiB on event loop 0. No further chunk fits."`,
    );
  });

  test('of an arena that has a whole chunk free but no room for another', () => {
    const bench = new Bench({ limitBytes: 16 * MIB });
    bench.release(bench.take(16 * MIB));
    expect(bench.explain().arenas[0]!.sentence).toMatchInlineSnapshot(
      `"Arena 0: the largest request that succeeds now is 16 MiB; one byte more fails (a huge allocation above the headroom). No further chunk fits."`,
    );
  });

  test('of Netty 4.1.48: an empty chunk in qInit serves half of itself at most', () => {
    const bench = new Bench({ version: '4.1.48.Final', limitBytes: 16 * MIB });
    bench.release(bench.take(2 * MIB));
    expect(bench.explain().arenas[0]!.largestNowBytes).toBe(8 * MIB);
  });

  test('without a limit', () => {
    expect(new Bench({ limitBytes: Infinity }).explain().arenas[0]!.sentence).toBe('Arena 0: every request succeeds.');
  });
});

test('the whole text: summary, prospects, caches, chunks, huge allocations', () => {
  const bench = new Bench();
  bench.release(bench.take(16 * MIB), bench.take(32 * KIB, 1));
  bench.take(20 * MIB, 1, 'receiving_consolidated');
  expect(explanationText(bench.explain())).toMatchInlineSnapshot(`
    "Netty 4.1.0.CR3. 2 chunks (32 MiB: 0 B live, 32 KiB in thread caches, 32,736 KiB free) are held: 1 by nothing but thread caches and 1 by nothing: stranded in the wrong list, and huge allocations 20 MiB. 204 MiB of 256 MiB are left.

    Arena 0: the largest request that succeeds now is 204 MiB; one byte more fails (a huge allocation above the headroom). One more chunk fits; once it is full, the largest is 188 MiB.
      The thread cache of event loop 0 (arena 0) is empty.
      The thread cache of event loop 1 (arena 0) keeps 1 region, 32 KiB, in 1 chunk, and alone keeps it from going; it trims itself only after 8,191 more requests to it.
      Chunk 1 (arena 0, qInit, 1 %): no live buffer is in it, but thread caches keep 32 KiB (event loop 1 has 1 × 32 KiB; released 0 s ago). The other 16,352 KiB are free, but a chunk of 16 MiB goes back only as a whole. Even empty it will stay: it is in qInit, which destroys nothing.
      Chunk 0 (arena 0, q075, 0 %): nothing holds it. The free of its only region, 16 MiB, moved it one list down, from q100, and only a free moves or destroys a chunk: 4 more frees, one for each of q075, q050, q025, q000, would destroy it, but none can come until something is allocated in it and released.
      Huge allocation 0 (arena 0, 20 MiB): event loop 1 has 1 consolidated body on its way in. It goes back to the system when it is released.
    "
  `);
});

test('an allocator without chunks', () => {
  expect(new Bench().explain().summary).toBe('No chunk is reserved. 256 MiB of 256 MiB are left.');
});

test('one arena, and no more chunks than wanted; totals are of all', () => {
  const allocator = new PooledAllocator({ directArenas: 2, limitBytes: Infinity, memory: 'none' });
  for (let i = 0; i < 6; i++) allocator.allocate(i < 2 ? allocator.createThreadCache() : i % 2, 16 * MIB);
  const explanation = explain(holders(allocator), { arena: 1, mostChunks: 2 });
  expect(explanation.chunks.map(({ arena }) => arena)).toEqual([1, 1]);
  expect([explanation.chunksLeftOut, explanation.causes.live.chunks, explanation.arenas.length]).toEqual([1, 6, 1]);
  expect(explanationText(explanation)).toContain('1 more chunk not shown.');
});
