// What would fail next, as the service explains it: a headline, its sentences by arena, and what moment they are of.

/** As much of `GET /api/explain` as is read here. */
export interface Prospects {
  readonly headroomBytes: number | null; // null: no limit is set
  readonly clock: number; // simulated seconds, while a simulation runs
  readonly arenas: readonly { readonly index: number; readonly nextChunkFits: boolean; readonly sentence: string }[];
}

export interface Outlook {
  readonly isAlarming: boolean;
  readonly headline: string;
  readonly more: readonly string[];
}

const MOST_SENTENCES = 3;

export function outlookOf({ headroomBytes, arenas }: Prospects, formatBytes: (bytes: number) => string): Outlook {
  const more = sentences(arenas);
  if (headroomBytes === null) return { isAlarming: false, headline: 'Nothing: no limit is set.', more };
  if (!arenas.every(({ nextChunkFits }) => nextChunkFits))
    return { isAlarming: true, headline: 'The next chunk, and every huge allocation.', more };
  return { isAlarming: false, headline: `A single allocation above ${formatBytes(headroomBytes)}.`, more };
}

/** Arenas that say the same say it together, the many first. */
function sentences(arenas: Prospects['arenas']): string[] {
  const byText = new Map<string, number[]>();
  for (const { index, sentence } of arenas) {
    const text = sentence.replace(/^Arena \d+: /, '');
    byText.set(text, [...(byText.get(text) ?? []), index]);
  }
  const groups = [...byText].sort(([, a], [, b]) => b.length - a.length);
  const told = groups.slice(0, MOST_SENTENCES).map(([text, indices]) => `${whoText(indices, arenas.length)}: ${text}`);
  const untold = groups.slice(MOST_SENTENCES).reduce((sum, [, indices]) => sum + indices.length, 0);
  return untold === 0 ? told : [...told, `${untold} more ${untold === 1 ? 'arena' : 'arenas'} in /api/explain.`];
}

/** `Every arena`, `Arena 7`, `Arenas 0–6, 8–20`. */
function whoText(indices: readonly number[], all: number): string {
  if (indices.length === all && all > 1) return 'Every arena';
  const starts = indices.filter((index) => !indices.includes(index - 1));
  const ranges = starts.map((start) => {
    let end = start;
    while (indices.includes(end + 1)) end++;
    return end === start ? String(start) : `${start}–${end}`;
  });
  return `Arena${indices.length > 1 ? 's' : ''} ${ranges.join(', ')}`;
}
