// What the service explains: why a chunk stays, and what would fail next. It looks at everything, so the page asks for parts.
import { getJson } from './api.ts';
import type { Prospects } from './outlook.ts';

interface Chunks {
  readonly chunks: readonly { readonly id: number; readonly sentence: string }[];
}

export const askProspects = (): Promise<Prospects> => getJson<Prospects>('/api/explain?chunks=0');

/** Null for a chunk that is too new, or left out because there are too many. */
export async function sentenceOf(arena: number, chunk: number): Promise<string | null> {
  const { chunks } = await getJson<Chunks>(`/api/explain?arena=${arena}`);
  return chunks.find(({ id }) => id === chunk)?.sentence ?? null;
}
