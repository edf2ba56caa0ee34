// JvmBuffers.java, running: a real JVM whose Netty takes chunks when it is told to.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export const CHUNK_BYTES = 2 ** 24;

export class RealJvm {
  readonly #process: ChildProcess;
  readonly #url: string;

  private constructor(process: ChildProcess, url: string) {
    this.#process = process;
    this.#url = url;
  }

  static async start(classPath: string): Promise<RealJvm> {
    const args = ['-cp', classPath, '-Dio.netty.maxDirectMemory=0', join(import.meta.dirname, 'JvmBuffers.java')];
    const child = spawn('java', args, { stdio: ['pipe', 'pipe', 'ignore'] });
    for await (const port of createInterface({ input: child.stdout })) return new RealJvm(child, `http://127.0.0.1:${port}`);
    throw new Error('JvmBuffers.java: ended without a port');
  }

  /** What a scrape reads, without its empty lines. */
  async metrics(): Promise<string[]> {
    const text = await (await fetch(`${this.#url}/metrics`)).text();
    return text.split('\n').filter((line) => line !== '');
  }

  async takeChunk(): Promise<void> {
    const { ok } = await fetch(`${this.#url}/chunk`, { method: 'POST' });
    if (!ok) throw new Error('JvmBuffers.java: no chunk');
  }

  async stop(): Promise<void> {
    const ended = once(this.#process, 'exit');
    this.#process.stdin!.end();
    await ended;
  }
}
