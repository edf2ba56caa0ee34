// For the tests of commands: what they print, kept instead of printed, and a folder that goes when they end.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, vi } from 'vitest';

/** Lines of the present test, on standard output and on standard error. */
export function keepConsole(): { said: string[]; complained: string[] } {
  const said: string[] = [];
  const complained: string[] = [];
  beforeEach(() => {
    said.length = complained.length = 0;
    vi.spyOn(console, 'log').mockImplementation((text: string) => void said.push(text));
    vi.spyOn(console, 'error').mockImplementation((text: string) => void complained.push(text));
  });
  return { said, complained };
}

export function scratchFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `arenascope-${name}-`));
  afterAll(() => rmSync(folder, { recursive: true }));
  return folder;
}
