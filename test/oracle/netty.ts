// Finds Debian's Netty, compiles our one-file Java programs against it and runs them.
// Keeps true: no child outlives this process, a compiled program is reused while source, jars and compiler are the same.
import { spawn, execFile, type ChildProcessByStdio } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { accessSync, constants, existsSync, realpathSync, statSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { promisify } from 'node:util';

const execute = promisify(execFile);

const JAR_DIRECTORY = '/usr/share/java'; // where Debian's libnetty-java puts them
const REQUIRED_JARS = [
  'netty-buffer', 'netty-common', 'netty-codec', 'netty-codec-http', 'netty-transport', 'netty-handler', 'netty-resolver',
  'jctools-core', 'slf4j-api',
]; // prettier-ignore
const OPTIONAL_JARS = ['netty-transport-native-unix-common', 'slf4j-simple']; // without slf4j-simple its warning goes to stderr

/** Without these Netty on Java 17 has no account of direct memory of its own, and no optimised selector. */
const OPENED = ['java.base/java.nio', 'java.base/jdk.internal.misc', 'java.base/sun.nio.ch'];
const STOP_MILLISECONDS = 5_000; // what a child gets to end after its input has ended
const MAX_OUTPUT_BYTES = 1 << 30;

export interface Netty {
  readonly classPath: string[];
  readonly java: string;
  readonly javac: string;
}

/** Debian's Netty and a JDK, or undefined where any part is missing: callers then skip what needs it. */
export function findNetty(): Netty | undefined {
  const required = REQUIRED_JARS.map(jarPath);
  const java = findProgram('java');
  const javac = findProgram('javac');
  if (java === undefined || javac === undefined || !required.every((jar) => existsSync(jar))) return undefined;
  return { classPath: [...required, ...OPTIONAL_JARS.map(jarPath).filter((jar) => existsSync(jar))], java, javac };
}

const jarPath = (name: string): string => join(JAR_DIRECTORY, `${name}.jar`);

function findProgram(name: string): string | undefined {
  const home = process.env['JAVA_HOME'];
  const directories = [...(home === undefined ? [] : [join(home, 'bin')]), ...(process.env['PATH'] ?? '').split(delimiter)];
  return directories.map((directory) => join(directory, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function requireNetty(): Netty {
  const netty = findNetty();
  if (netty === undefined)
    throw new Error('netty: not found (expected: JDK 17 and libnetty-java, apt-get install openjdk-17-jdk-headless libnetty-java)');
  return netty;
}

/** Compiles source files, named after the first; answers the directory of their classes, made once per content. */
export async function compileJava(sources: Sources, netty: Netty = requireNetty()): Promise<string> {
  const sourceFiles = [sources].flat();
  const out = join(tmpdir(), `arenascope-java-${userInfo().uid}`, await contentHash(sourceFiles, netty));
  if (existsSync(out)) return out;
  const draft = `${out}.${randomUUID()}`; // renamed when complete, so that nobody ever sees half of it
  await mkdir(draft, { recursive: true, mode: 0o700 });
  try {
    await execute(netty.javac, ['-d', draft, '-cp', netty.classPath.join(delimiter), ...sourceFiles]);
    await rename(draft, out);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (!existsSync(out)) throw error; // else another process was first, with the same classes
  }
  return out;
}

async function contentHash(sourceFiles: readonly string[], netty: Netty): Promise<string> {
  const hash = createHash('sha256');
  for (const file of sourceFiles) hash.update(await readFile(file));
  for (const path of [netty.javac, ...netty.classPath]) {
    const file = realpathSync(path);
    hash.update(`${file} ${statSync(file).size} ${statSync(file).mtimeMs}\n`);
  }
  return `${basename(sourceFiles[0]!, '.java')}-${hash.digest('hex').slice(0, 24)}`;
}

/** One file, or the one with the main class and those it needs. */
export type Sources = string | readonly string[];

export interface JavaOptions {
  readonly netty?: Netty;
  /** Sets Netty's own limit of direct memory. */
  readonly maxDirectMemoryBytes?: number;
  /** More arguments for the JVM, before the class. */
  readonly jvm?: readonly string[];
  /** For a program that runs to its end: its standard input. */
  readonly input?: string;
}

export type ProgramOptions = Readonly<Record<string, string | number>>;

/** Everything after `java`: JVM flags, class path, main class, `key=value` arguments. */
export function javaArguments(mainClass: string, classes: string, options: ProgramOptions = {}, settings: JavaOptions = {}): string[] {
  const netty = settings.netty ?? requireNetty();
  const limit = settings.maxDirectMemoryBytes;
  return [
    ...OPENED.map((name) => `--add-opens=${name}=ALL-UNNAMED`),
    '-Dio.netty.tryReflectionSetAccessible=true',
    '-Dio.netty.leakDetectionLevel=DISABLED',
    '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
    ...(limit === undefined ? [] : [`-Dio.netty.maxDirectMemory=${limit}`]),
    ...(settings.jvm ?? []),
    '-cp',
    [classes, ...netty.classPath].join(delimiter),
    mainClass,
    ...Object.entries(options).map(([key, value]) => `${key}=${value}`),
  ];
}

/** Compiles and runs a program to its end; answers what it printed. */
export async function runJava(
  sources: Sources,
  mainClass: string,
  options: ProgramOptions = {},
  settings: JavaOptions = {},
): Promise<string> {
  const netty = settings.netty ?? requireNetty();
  const classes = await compileJava(sources, netty);
  const running = execute(netty.java, javaArguments(mainClass, classes, options, { ...settings, netty }), { maxBuffer: MAX_OUTPUT_BYTES });
  const release = endWithThisProcess(() => running.child.kill('SIGKILL'));
  running.child.stdin!.on('error', () => {}); // the child is gone: its exit code says so
  running.child.stdin!.end(settings.input ?? '');
  try {
    return (await running).stdout;
  } finally {
    release();
  }
}

const here = (name: string): string => join(import.meta.dirname, name);

/** Records a trace of a real allocator. The options are those of TraceRecorder. */
export function recordTrace(options: ProgramOptions, settings: JavaOptions = {}): Promise<string> {
  return runJava([here('TraceRecorder.java'), here('AllocatorView.java')], 'io.netty.buffer.TraceRecorder', options, settings);
}

/** Records a trace of a real HTTP server pipeline; HttpRecorder says what a script is. */
export function recordHttpTrace(script: readonly string[], options: ProgramOptions, settings: JavaOptions = {}): Promise<string> {
  const input = `${script.join('\n')}\n`;
  return runJava([here('HttpRecorder.java'), here('AllocatorView.java')], 'io.netty.buffer.HttpRecorder', options, { ...settings, input });
}

/** Compiles and starts a program that goes on; resolves when its first line of JSON has arrived. */
export async function startJava(
  sourceFile: string,
  mainClass: string,
  options: ProgramOptions = {},
  settings: JavaOptions = {},
): Promise<JavaProcess> {
  const netty = settings.netty ?? requireNetty();
  const classes = await compileJava(sourceFile, netty);
  const child = spawn(netty.java, javaArguments(mainClass, classes, options, { ...settings, netty }), { stdio: ['pipe', 'pipe', 'pipe'] });
  const program = new JavaProcess(basename(sourceFile), child);
  try {
    program.first = await program.nextJson();
    return program;
  } catch (error) {
    await program.stop();
    throw error;
  }
}

/** A running program that speaks lines of JSON. Ends by `stop()`, by `await using`, or with this process. */
export class JavaProcess {
  /** The first line of JSON: `{"port":…}` or `{"ready":true,…}`. */
  first: unknown;
  readonly pid: number | undefined;
  readonly #name: string;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #lines: AsyncIterator<string>;
  readonly #closed: Promise<void>;
  #errors = '';

  constructor(name: string, child: ChildProcessByStdio<Writable, Readable, Readable>) {
    this.#name = name;
    this.#child = child;
    this.pid = child.pid;
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#errors = (this.#errors + text).slice(-10_000)));
    child.stdin.on('error', () => {}); // the child is gone: nextJson() says so
    const release = endWithThisProcess(() => child.kill('SIGKILL'));
    this.#closed = new Promise((resolve) => {
      child.once('error', (error) => (this.#errors += error.message));
      child.once('close', () => resolve(release()));
    });
  }

  /** What the program last wrote to standard error. */
  get errors(): string {
    return this.#errors;
  }

  /** Writes one line and reads the line of JSON it is answered by. */
  ask(line: string): Promise<unknown> {
    this.#child.stdin.write(`${line}\n`);
    return this.nextJson();
  }

  /** The next line that is JSON; lines of another kind are passed over. */
  async nextJson(): Promise<unknown> {
    for (;;) {
      const line = await this.#lines.next();
      if (line.done === true) {
        await this.#closed;
        throw new Error(`${this.#name}: ended with code ${this.#child.exitCode} (expected: a line of JSON)\n${this.#errors}`);
      }
      if (line.value.startsWith('{')) return JSON.parse(line.value);
    }
  }

  /** Ends its input, which ends the program; kills it where that does not help. */
  async stop(): Promise<void> {
    this.#child.stdin.end();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MILLISECONDS);
    await this.#closed;
    clearTimeout(timer);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

/** Calls `end` when this process exits first; answers how to take that back. */
function endWithThisProcess(end: () => void): () => void {
  process.once('exit', end);
  return () => process.off('exit', end);
}
