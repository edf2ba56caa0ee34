// A child process that speaks lines on its standard streams; ends with its standard input or by `stop`.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface Child {
  /** The next line for which `take` answers something. */
  readonly next: <T>(take: (line: string) => T | undefined) => Promise<T>;
  readonly ask: (line: string) => Promise<unknown>;
  readonly stop: () => void;
}

export function startChild(file: string, args: readonly string[] = []): Child {
  const child = spawn(process.execPath, [file, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  process.once('exit', () => child.kill());
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async <T>(take: (line: string) => T | undefined): Promise<T> => {
    for (;;) {
      const line = await lines.next();
      if (line.done === true) throw new Error(`${file}: ended (expected: another line)`);
      const taken = take(line.value);
      if (taken !== undefined) return taken;
    }
  };
  return {
    next,
    ask: (line) => {
      child.stdin.write(`${line}\n`);
      return next(json);
    },
    stop: () => child.kill('SIGTERM'),
  };
}

export const json = (line: string): unknown => (line.startsWith('{') ? JSON.parse(line) : undefined);
