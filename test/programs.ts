// The programs from outside npm that some tests need. A test file asks once, at its top, and skips where the answer is no:
//   const chromium = needs('chromium');
//   describe.skipIf(!chromium.available)('the page', () => { launch({ executablePath: chromium.path }) ... });
// Where one is missing, one line says what to install; with CI=true that line is a failing test, since a skipped one would hide it.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { test } from 'vitest';

export type ProgramName = 'chromium' | 'promtool' | 'java-netty' | 'docker';

export interface Program {
  readonly available: boolean;
  readonly path: string; // of the command; for java-netty the class path; '' where missing
  readonly reason: string; // what is missing and what to install; '' where available
}

/** What a look-up asks of the machine. */
export interface Machine {
  readonly command: (name: string) => string | undefined; // its path
  readonly exists: (file: string) => boolean;
  readonly answers: (command: string, args: readonly string[]) => boolean; // it runs and exits with 0
}

const NETTY_JARS = ['netty-buffer', 'netty-common', 'jctools-core', 'slf4j-api'].map((name) => `/usr/share/java/${name}.jar`);

const PROGRAMS: Readonly<Record<ProgramName, { install: string; find: (machine: Machine) => string | undefined }>> = {
  chromium: { install: 'the Debian package chromium', find: (m) => m.command('chromium') },
  promtool: { install: 'the Debian package prometheus', find: (m) => m.command('promtool') },
  'java-netty': {
    install: 'the Debian packages libnetty-java, libslf4j-java and a JDK (default-jdk-headless)',
    find: (m) => (m.command('java') && m.command('javac') && NETTY_JARS.every(m.exists) ? NETTY_JARS.join(delimiter) : undefined),
  },
  docker: {
    install: 'a running Docker engine',
    find: (m) => {
      const docker = m.command('docker');
      return docker !== undefined && m.answers(docker, ['info']) ? docker : undefined;
    },
  },
};

const thisMachine: Machine = {
  command: (name) => (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name)).find(isExecutable), // prettier-ignore
  exists: existsSync,
  answers: (command, args) => spawnSync(command, args, { stdio: 'ignore', timeout: 10_000 }).status === 0,
};

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Looks the program up; says nothing. */
export function locate(name: ProgramName, machine: Machine = thisMachine): Program {
  const { install, find } = PROGRAMS[name];
  const path = find(machine);
  if (path !== undefined) return { available: true, path, reason: '' };
  return { available: false, path: '', reason: `${name}: missing (install ${install})` };
}

/** How a missing program is told: on a desk a line, in CI a failing test. */
export interface Teller {
  readonly isCi: boolean;
  readonly say: (line: string) => void;
  readonly addTest: (name: string, body: () => void) => void;
}

const vitestTeller: Teller = {
  isCi: process.env.CI === 'true',
  say: (line) => console.warn(line),
  addTest: (name, body) => test(name, body),
};

/** Declares that the tests of this file need the program. Call it at the top of a test file, outside any test. */
export function needs(name: ProgramName, machine: Machine = thisMachine, teller: Teller = vitestTeller): Program {
  const program = locate(name, machine);
  if (program.available) return program;
  if (teller.isCi) {
    teller.addTest(`needs ${name}`, () => {
      throw new Error(program.reason);
    });
  } else teller.say(`skipped: ${program.reason}`);
  return program;
}
