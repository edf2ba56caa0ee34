// What the service says in sentences: why each chunk stays, and what would fail next. Asked now and then, since it looks at everything.
import { getJson } from './api.ts';

interface Explanation {
  readonly summary: string;
  readonly arenas: readonly { readonly index: number; readonly sentence: string }[];
  readonly chunks: readonly { readonly arena: number; readonly id: number; readonly sentence: string }[];
}

const FRESH_MILLISECONDS = 4000;
let held: { readonly at: number; readonly answer: Promise<Explanation> } | null = null;

export function explanation(): Promise<Explanation> {
  const now = performance.now();
  if (held === null || now - held.at > FRESH_MILLISECONDS) held = { at: now, answer: getJson<Explanation>('/api/explain') };
  return held.answer;
}

/** What would fail next, by arena; arenas that say the same say it together. */
export function prospects({ arenas }: Pick<Explanation, 'arenas'>): string[] {
  const byText = new Map<string, number[]>();
  for (const { index, sentence } of arenas) {
    const text = sentence.replace(/^Arena \d+: /, '');
    byText.set(text, [...(byText.get(text) ?? []), index]);
  }
  return [...byText].map(([text, indices]) => {
    const who =
      indices.length === arenas.length && indices.length > 1
        ? 'Every arena'
        : `Arena${indices.length > 1 ? 's' : ''} ${indices.join(', ')}`;
    return `${who}: ${text}`;
  });
}

/** Null for a chunk that is too new, or left out because there are too many. */
export async function sentenceOf(arena: number, chunk: number): Promise<string | null> {
  const answer = await explanation();
  return answer.chunks.find((one) => one.arena === arena && one.id === chunk)?.sentence ?? null;
}
