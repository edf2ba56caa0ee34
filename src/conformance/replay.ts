// What every replay shares: counting, comparing line by line, and keeping the first differences.

export interface Difference {
  readonly line: number; // in the trace, from 1
  readonly operation: string; // the recorded line, shortened
  readonly expected: string;
  readonly got: string;
}

export interface ReplayResult {
  readonly operations: number;
  readonly differences: number;
  readonly first: readonly Difference[]; // at most `KEPT`
  readonly liveBuffers: number; // at the end of the trace
}

const KEPT = 5;

export class Comparison {
  operations = 0;
  differences = 0;
  readonly first: Difference[] = [];

  /** The line that is being replayed, from 1; the header is line 1. */
  get line(): number {
    return this.operations + 1;
  }

  compare(line: number, operation: string, expected: string, got: string): void {
    if (expected === got) return;
    this.differences++;
    if (this.first.length < KEPT) this.first.push({ line, operation: operation.slice(0, 80), ...firstDifference(expected, got) });
  }
}

/** Long texts are cut to the neighbourhood of their first difference. */
function firstDifference(expected: string, got: string): { expected: string; got: string } {
  if (expected.length < 200 && got.length < 200) return { expected, got };
  let at = 0;
  while (at < expected.length && expected[at] === got[at]) at++;
  const cut = (text: string) => `…${text.slice(Math.max(0, at - 60), at + 120)}… (at character ${at})`;
  return { expected: cut(expected), got: cut(got) };
}
