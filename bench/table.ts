// How benchmarks print: a heading with machine, Node and date, and rows in columns.
import { cpus } from 'node:os';

export function heading(name: string): string {
  const [cpu] = cpus();
  return `${name}: ${cpus().length} × ${cpu?.model ?? 'unknown CPU'}, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}`;
}

/** Columns as wide as their widest cell; the first is aligned left, the others right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const align = (cell: string, column: number) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!));
  return rows.map((row) => row.map(align).join('  ').trimEnd()).join('\n');
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}

/** Minimum, median and maximum, with that many decimals. */
export function spread(numbers: readonly number[], decimals = 1): string {
  return [Math.min(...numbers), median(numbers), Math.max(...numbers)].map((n) => n.toFixed(decimals)).join(' / ');
}

/** The same in another order each round, so that nobody always comes after the same neighbour. */
export function rotated<T>(all: readonly T[], round: number): T[] {
  const from = ((round % all.length) + all.length) % all.length;
  return [...all.slice(from), ...all.slice(0, from)];
}
