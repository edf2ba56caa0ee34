// The history as columns, for charts: what `GET /api/history` held, and what is new since.
import { getJson } from './api.ts';

/** As src/web/history.ts answers. */
interface Answer {
  readonly nowSeconds: number;
  readonly generation: number;
  readonly from: number;
  readonly limitBytes: number;
  readonly wallSeconds: number[];
  readonly simSeconds: (number | null)[];
  readonly reservedBytes: number[];
  readonly hugeBytes: number[];
  readonly liveBytes: number[];
  readonly cachedBytes: number[];
  readonly subpageBytes: number[];
  readonly freeBytes: number[];
  readonly exhaustedChunk: number[];
  readonly exhaustedHuge: number[];
  readonly chunksByArena: number[][];
  readonly chunksByBand: number[][];
}

const DAY_SECONDS = 86_400;

export class HistoryStore {
  #held: Answer | null = null;

  /** Asks for what is new, and for the last sample again: while the simulation is paused it goes on changing. */
  async refresh(): Promise<void> {
    const { generation, wallSeconds } = this.#held ?? { generation: 0, wallSeconds: [] };
    const from = Math.max(0, wallSeconds.length - 1);
    const answer = await getJson<Answer>(`/api/history?generation=${generation}&from=${from}`);
    const ahead = Date.now() / 1000 - answer.nowSeconds; // the service's clock starts anywhere
    answer.wallSeconds.forEach((seconds, i) => (answer.wallSeconds[i] = seconds + ahead));
    if (this.#held === null || answer.generation !== generation || answer.from !== from) this.#held = answer;
    else append(this.#held, answer);
  }

  get columns(): Answer | null {
    return this.#held;
  }

  get length(): number {
    return this.#held?.wallSeconds.length ?? 0;
  }

  get unit(): 'day' | 'second' {
    return (this.#held?.simSeconds.at(-1) ?? null) === null ? 'second' : 'day';
  }

  /** Simulated days, or seconds of wall time, of each sample. */
  get x(): number[] {
    if (this.#held === null) return [];
    if (this.unit === 'second') return this.#held.wallSeconds;
    return this.#held.simSeconds.map((seconds) => (seconds ?? 0) / DAY_SECONDS);
  }

  get limitBytes(): number {
    return this.#held?.limitBytes ?? 0;
  }

  get headroomBytes(): number[] {
    return this.#held?.reservedBytes.map((reserved) => this.limitBytes - reserved) ?? [];
  }
}

/** Columns grow by the new rows, which begin at `more.from`. */
function append(held: Answer, more: Answer): void {
  const grow = (column: unknown[], rows: unknown[]) => column.splice(more.from, Infinity, ...rows);
  for (const [name, column] of Object.entries(more) as [keyof Answer, unknown][]) {
    if (!Array.isArray(column)) continue;
    const mine = held[name] as unknown[];
    if (name === 'chunksByArena' || name === 'chunksByBand') column.forEach((inner, i) => grow(mine[i] as unknown[], inner as unknown[]));
    else grow(mine, column as unknown[]);
  }
}
