// Reads the page map of `GET /api/chunkmap`; its layout stands in src/allocator/page-map.ts.
// Runs stay encoded until they are shown: most chunks do not change from one map to the next.

export const LIST_NAMES = ['qInit', 'q000', 'q025', 'q050', 'q075', 'q100'] as const;
export const LIST_RANGES = ['below 25 %', '1–49 %', '25–74 %', '50–99 %', '75–99 %', 'full'] as const;

/** Holders of a page, as the runs number them. */
export const HOLDER = { FREE: 0, LIVE: 1, THREAD_CACHE: 2, SUBPAGE: 3 } as const;
export const HOLDER_NAMES = ['free', 'live', 'thread cache', 'kept subpage'] as const;
const RANK = [0, 3, 2, 1] as const; // which of several holders a shared cell shows: the highest

const VERSION = 1;
export const MAX_CELLS = 2048; // of a strip: one a page, or several pages share one

export interface ChunkStrip {
  readonly id: number;
  readonly list: number; // index into LIST_NAMES
  readonly usagePercent: number;
  readonly stranded: boolean;
  readonly runs: Uint8Array; // encoded
}

export interface PageMap {
  readonly pageBytes: number;
  readonly pagesPerChunk: number;
  readonly arenas: readonly (readonly ChunkStrip[])[]; // in list order, head first
}

class Varints {
  readonly bytes: Uint8Array;
  position = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  next(): number {
    let [value, shift] = [0, 0];
    for (;;) {
      if (this.position >= this.bytes.length) throw new Error(`page map: ends at byte ${this.position} (expected: more)`);
      const byte = this.bytes[this.position++]!;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
      shift += 7;
    }
  }
}

export function readPageMap(bytes: Uint8Array): PageMap {
  const varints = new Varints(bytes);
  const version = varints.next();
  if (version !== VERSION) throw new Error(`page map: version ${version} (expected: ${VERSION}; reload the page)`);
  const [pageBytes, pagesPerChunk, arenaCount] = [varints.next(), varints.next(), varints.next()];
  return { pageBytes, pagesPerChunk, arenas: Array.from({ length: arenaCount }, () => readArena(varints, pagesPerChunk)) };
}

function readArena(varints: Varints, pagesPerChunk: number): ChunkStrip[] {
  const strips: ChunkStrip[] = [];
  for (let list = 0; list < LIST_NAMES.length; list++) {
    for (let left = varints.next(); left > 0; left--) {
      const id = varints.next();
      const usage = varints.next();
      const start = varints.position;
      for (let pages = 0; pages < pagesPerChunk;) pages += varints.next() >>> 2;
      strips.push({
        id,
        list,
        usagePercent: usage >>> 1,
        stranded: (usage & 1) === 1,
        runs: varints.bytes.subarray(start, varints.position),
      });
    }
  }
  return strips;
}

/** The holder of each cell of a strip. A cell is a page, or shows the strongest holder of its pages where there are too many. */
export function readCells(runs: Uint8Array, pagesPerChunk: number): Uint8Array {
  const cells = new Uint8Array(Math.min(MAX_CELLS, pagesPerChunk));
  const pagesPerCell = pagesPerChunk / cells.length;
  const varints = new Varints(runs);
  for (let page = 0; page < pagesPerChunk;) {
    const run = varints.next();
    const [holder, end] = [run & 3, page + (run >>> 2)];
    if (pagesPerCell === 1) cells.fill(holder, page, end);
    else
      for (let cell = Math.floor(page / pagesPerCell); cell * pagesPerCell < end; cell++)
        if (RANK[holder]! > RANK[cells[cell]!]!) cells[cell] = holder;
    page = end;
  }
  return cells;
}

/** Pages by holder. */
export function countPages(runs: Uint8Array): number[] {
  const counts = [0, 0, 0, 0];
  for (const varints = new Varints(runs); varints.position < runs.length;) {
    const run = varints.next();
    counts[run & 3]! += run >>> 2;
  }
  return counts;
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
