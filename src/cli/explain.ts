// `arenascope explain`: why each chunk is still there and what would fail next, of a live service or of a snapshot saved from one
// or from simulated days.
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { HoldersSnapshot } from '../allocator/index.ts';
import { explain, type ExplainOptions, explanationText } from '../explain/index.ts';
import { HoldersSchema } from '../service/index.ts';

export const help = (): string => `URL           of a running service, such as http://127.0.0.1:8080
FILE          a snapshot: of simulate --snapshot, saved with --save, or from URL/api/explain?format=snapshot
--save FILE   also write the snapshot, to be explained later
--arena N     the chunks of this arena only
--chunks N    at most so many chunks; totals are of all
--json        the whole explanation as JSON

Exit code: 0 explained, 2 a service or file that cannot be read.`;

/** What the user has got wrong, or what cannot be read. */
class ExplainError extends Error {}

const PATIENCE_MILLISECONDS = 10_000;

interface Options extends ExplainOptions {
  readonly source: string;
  readonly save: string | undefined;
  readonly json: boolean;
}

export async function run(args: readonly string[]): Promise<number> {
  try {
    const { source, save, json, ...which } = readOptions(args);
    const state = await readState(source);
    if (which.arena !== undefined && which.arena >= state.arenas.length)
      throw new ExplainError(`--arena: ${which.arena} (expected: 0 … ${state.arenas.length - 1})`);
    if (save !== undefined) await writeFile(save, `${JSON.stringify(state)}\n`);
    const explanation = explain(state, which);
    console.log(json ? JSON.stringify(explanation) : explanationText(explanation).trimEnd());
    return 0;
  } catch (error) {
    if (!(error instanceof ExplainError) && !(error instanceof Error && 'code' in error)) throw error;
    console.error(`arenascope: ${error.message}`);
    return 2;
  }
}

function readOptions(args: readonly string[]): Options {
  const text = { type: 'string' } as const;
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { save: text, arena: text, chunks: text, json: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const [source] = positionals;
  if (source === undefined || positionals.length > 1)
    throw new ExplainError(`URL or FILE: ${positionals.join(' ') || 'nothing'} (expected: one service or one file)`);
  const { save, json, arena, chunks } = values;
  return {
    source,
    save,
    json,
    ...(arena !== undefined && { arena: wholeNumber('--arena', arena) }),
    ...(chunks !== undefined && { mostChunks: wholeNumber('--chunks', chunks) }),
  };
}

function wholeNumber(flag: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new ExplainError(`${flag}: ${text} (expected: a whole number)`);
  return Number(text);
}

async function readState(source: string): Promise<HoldersSnapshot> {
  const text = /^https?:\/\//.test(source) ? await fetchSnapshot(source) : await readSnapshot(source);
  const parsed = HoldersSchema.safeParse(parseJson(source, text));
  if (!parsed.success) throw new ExplainError(`${source}: not a snapshot\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

async function readSnapshot(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new ExplainError(`${file}: ${(error as Error).message} (expected: a saved snapshot, or the URL of a service)`);
  }
}

function parseJson(source: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ExplainError(`${source}: ${JSON.stringify(text.slice(0, 40))} (expected: a snapshot as JSON)`);
  }
}

async function fetchSnapshot(url: string): Promise<string> {
  const address = `${url.replace(/\/+$/, '')}/api/explain?format=snapshot`;
  let response: Response;
  try {
    response = await fetch(address, { signal: AbortSignal.timeout(PATIENCE_MILLISECONDS) });
  } catch (error) {
    const { cause, message } = error as Error;
    throw new ExplainError(`${address}: ${cause instanceof Error ? cause.message : message} (expected: a service that answers)`);
  }
  if (!response.ok) throw new ExplainError(`${address}: status ${response.status} (expected: 200)`);
  return response.text();
}
