// `arenascope verify`: replays recorded traces of real Netty through our allocator and prints where they differ.
import { basename } from 'node:path';
import { readTrace, replay, type ReplayResult, TraceError } from '../conformance/index.ts';

export const help = (): string => `TRACE  a .trace or .trace.gz file, as the recorder in test/oracle writes them

Prints the operations of each file and its first differences, with what was expected and what we got.
Exit code: 0 no difference, 1 differences, 2 a file that cannot be read.`;

export async function run(files: readonly string[]): Promise<number> {
  const flags = files.filter((file) => file.startsWith('-'));
  if (flags.length > 0 || files.length === 0) {
    console.error(flags.length > 0 ? `arenascope: ${flags[0]}: no such flag (expected: TRACE…)` : 'arenascope: TRACE: nothing (expected: one file or more)'); // prettier-ignore
    return 2;
  }
  let code = 0;
  for (const file of files) code = Math.max(code, await verifyFile(file));
  return code;
}

async function verifyFile(file: string): Promise<number> {
  try {
    const trace = await readTrace(file);
    const result = replay(trace, { onProgress: progressOf(file) });
    clearLine();
    return report(file, result);
  } catch (error) {
    clearLine();
    if (!(error instanceof TraceError) && !(error instanceof Error && 'code' in error)) throw error;
    console.error(`${file}: ${error.message}`);
    return 2;
  }
}

function report(file: string, { operations, differences, first }: ReplayResult): number {
  console.log(`${file}: ${operations} operations, ${differences} differences`);
  for (const { line, operation, expected, got } of first) {
    console.log(`  line ${line}: ${operation}\n    expected  ${expected}\n    got       ${got}`);
  }
  if (differences > first.length) console.log(`  … and ${differences - first.length} more`);
  return differences > 0 ? 1 : 0;
}

/** On a terminal only, and only when the whole per cent changes. */
function progressOf(file: string): (line: number, lines: number) => void {
  let shown = -1;
  return (line, lines) => {
    const percent = Math.floor((100 * line) / lines);
    if (!process.stderr.isTTY || percent === shown) return;
    shown = percent;
    process.stderr.write(`\r${basename(file)} ${percent} %`);
  };
}

function clearLine(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
}
