// What the page's charts show from before it was opened: columns of numbers, one row a sample, at most CAPACITY of them. When they
// are full every second row goes and the samples come half as often, so the whole run stays in view.
//
//   Σ retained (live + cached + subpage + free) = chunk bytes        Σ bands = Σ arenas = chunks
import type { AllocatorSnapshot } from '../allocator/index.ts';

const CAPACITY = 1024;
const FIRST_INTERVAL_SECONDS = 1;
/** 0, 1–10, … 91–99, 100 %. */
const BANDS = 12;

interface Row {
  readonly wallSeconds: number;
  readonly simSeconds: number | null; // null: no simulation runs
  readonly values: readonly number[];
}

/** What is asked for by `GET /api/history`: only what is new, if the rows known are still the first ones. */
export interface HistoryQuery {
  readonly generation: number;
  readonly from: number;
}

const SUMS = [
  'reservedBytes',
  'hugeBytes',
  'liveBytes',
  'cachedBytes',
  'subpageBytes',
  'freeBytes',
  'exhaustedChunk',
  'exhaustedHuge',
] as const;
type SumName = (typeof SUMS)[number];

export interface HistoryAnswer extends Readonly<Record<SumName, readonly number[]>> {
  readonly generation: number; // another one: rows were dropped, forget what you have
  readonly from: number; // index of the first row here
  readonly limitBytes: number;
  readonly wallSeconds: readonly number[];
  readonly simSeconds: readonly (number | null)[];
  readonly chunksByArena: readonly (readonly number[])[];
  readonly chunksByBand: readonly (readonly number[])[];
}

export class History {
  #rows: Row[] = [];
  #generation = 1;
  #intervalSeconds = FIRST_INTERVAL_SECONDS;
  #limitBytes = 0;
  #arenas = 0;

  /** Whether the time for a sample has come: one of the whole allocator is not for nothing. */
  isDue(wallSeconds: number): boolean {
    const last = this.#rows.at(-1);
    return last === undefined || wallSeconds - last.wallSeconds >= this.#intervalSeconds;
  }

  /** A simulated time before the last one is a new run: the history starts again. */
  record(wallSeconds: number, simSeconds: number | null, taken: AllocatorSnapshot): void {
    const last = this.#rows.at(-1);
    if (last !== undefined && ((simSeconds ?? Infinity) < (last.simSeconds ?? -Infinity) || taken.arenas.length !== this.#arenas))
      this.#restart();
    if (simSeconds !== null && this.#rows.at(-1)?.simSeconds === simSeconds) this.#rows.pop(); // paused: no reason to thin what was before
    if (this.#rows.length === CAPACITY) this.#thin();
    this.#limitBytes = taken.limitBytes;
    this.#arenas = taken.arenas.length;
    this.#rows.push({ wallSeconds, simSeconds, values: valuesOf(taken) });
  }

  read({ generation, from }: HistoryQuery): HistoryAnswer {
    const start = generation === this.#generation ? Math.min(from, this.#rows.length) : 0;
    const rows = this.#rows.slice(start);
    const column = (index: number) => rows.map(({ values }) => values[index]!);
    return {
      generation: this.#generation,
      from: start,
      limitBytes: this.#limitBytes,
      wallSeconds: rows.map(({ wallSeconds }) => wallSeconds),
      simSeconds: rows.map(({ simSeconds }) => simSeconds),
      ...(Object.fromEntries(SUMS.map((name, i) => [name, column(i)])) as Record<SumName, number[]>),
      chunksByBand: Array.from({ length: BANDS }, (_, band) => column(SUMS.length + band)),
      chunksByArena: Array.from({ length: this.#arenas }, (_, arena) => column(SUMS.length + BANDS + arena)),
    };
  }

  #restart(): void {
    this.#rows = [];
    this.#generation++;
    this.#intervalSeconds = FIRST_INTERVAL_SECONDS;
  }

  #thin(): void {
    this.#rows = this.#rows.filter((_, i) => i % 2 === 1); // the newest stays
    this.#generation++;
    this.#intervalSeconds *= 2;
  }
}

/** The sums, then chunks by band, then by arena. */
function valuesOf({ reservedBytes, hugeBytes, exhausted, arenas }: AllocatorSnapshot): number[] {
  const bands = Array<number>(BANDS).fill(0);
  const byArena = arenas.map(() => 0);
  let [live, cached, subpage, free] = [0, 0, 0, 0];
  for (const { index, lists } of arenas)
    for (const chunk of lists.flatMap(({ chunks }) => chunks)) {
      bands[Math.floor((chunk.usagePercent + 9) / 10) + Number(chunk.usagePercent === 100)]!++;
      byArena[index]!++;
      live += chunk.liveBytes;
      cached += chunk.cachedBytes;
      subpage += chunk.subpageBytes;
      free += chunk.freeBytes;
    }
  return [reservedBytes, hugeBytes, live, cached, subpage, free, exhausted.chunk, exhausted.huge, ...bands, ...byArena];
}
