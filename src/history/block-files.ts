// A run's samples in files, one for each block of time, each a whole OpenMetrics text that promtool can load alone. A file gets its
// name when it is whole; until then it ends in `.part`.
import { closeSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type MetricsInput, renderLabels } from '../metrics/index.ts';
import { Columns } from './columns.ts';
import { BLOCK_SECONDS, HOUR_SECONDS, type HistoryPlan } from './plan.ts';
import { DETAILS, rowsOf } from './selection.ts';

export const PART = '.part';
export const ENDING = '.om';

export interface Written {
  samples: number;
  files: number;
  bytes: number;
}

export class BlockFiles {
  readonly written: Written = { samples: 0, files: 0, bytes: 0 };
  readonly #plan: HistoryPlan;
  #columns: Columns;
  #firstSeconds = 0; // of the block's samples
  #block = NaN; // its number: Unix time / BLOCK_SECONDS

  constructor(plan: HistoryPlan) {
    this.#plan = plan;
    this.#columns = this.#emptyColumns();
  }

  #emptyColumns(): Columns {
    const { detail, stepHours } = this.#plan;
    return new Columns(rowsOf(detail), DETAILS[detail], Math.ceil(BLOCK_SECONDS / HOUR_SECONDS / stepHours));
  }

  add(seconds: number, input: MetricsInput): void {
    const block = Math.floor(seconds / BLOCK_SECONDS);
    if (block !== this.#block) {
      this.finish();
      this.#block = block;
      this.#firstSeconds = seconds;
    }
    this.#columns.add(seconds, input);
  }

  /** Write what has no file yet. Two blocks of one run can begin on the same day, so the name has the hour. */
  finish(): void {
    if (this.#columns.times === 0) return;
    const { folder, name, labels } = this.#plan;
    const path = join(folder, `${name}-${new Date(this.#firstSeconds * 1000).toISOString().slice(0, 13)}${ENDING}`);
    const file = openSync(path + PART, 'wx');
    const { written } = this;
    const write = (text: string) => void (written.bytes += writeWhole(file, text));
    try {
      written.samples += this.#columns.write(renderLabels(labels), write);
      write('# EOF\n');
    } finally {
      closeSync(file);
    }
    renameSync(path + PART, path);
    written.files++;
    this.#columns = this.#emptyColumns();
  }
}

/** A write can be cut short, where a disk is nearly full. */
function writeWhole(file: number, text: string): number {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
  return bytes.length;
}
