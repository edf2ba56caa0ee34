// A real Prometheus for a test: on a port of its own choice, filled with samples whose times the test chooses, so that nothing waits.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';

export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly number[]; // one, of an instant query
}

/** At which times of a range a query had a result. */
export interface TimedSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly times: readonly number[]; // Unix seconds
}

type Matrix = readonly { readonly metric: Series['metric']; readonly values: readonly [number, string][] }[];

/** Asks the HTTP API of a Prometheus anywhere. Throws what Prometheus says of a query that it does not accept. */
export class PrometheusClient {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  async #get(path: string, parameters: Readonly<Record<string, string | number>>): Promise<unknown> {
    const body = new URLSearchParams();
    for (const [name, value] of Object.entries(parameters)) body.set(name, String(value));
    const response = await fetch(`${this.url}/api/v1/${path}?${body.toString()}`);
    const answer = (await response.json()) as { status: string; data: unknown; error?: string };
    if (answer.status !== 'success') throw new Error(`${answer.error} in ${parameters.query}`);
    return answer.data;
  }

  async range(query: string, start: number, end: number, step: number): Promise<Series[]> {
    const result = await this.#matrix(query, start, end, step);
    return result.map(({ metric, values }) => ({ metric, values: values.map(([, text]) => numberOf(text)) }));
  }

  async timedRange(query: string, start: number, end: number, step: number): Promise<TimedSeries[]> {
    const result = await this.#matrix(query, start, end, step);
    return result.map(({ metric, values }) => ({ metric, times: values.map(([time]) => time) }));
  }

  async #matrix(query: string, start: number, end: number, step: number): Promise<Matrix> {
    return ((await this.#get('query_range', { query, start, end, step })) as { result: Matrix }).result;
  }

  async instant(query: string, time: number): Promise<Series[]> {
    const { result } = (await this.#get('query', { query, time })) as { result: { metric: Series['metric']; value: [number, string] }[] };
    return result.map(({ metric, value }) => ({ metric, values: [numberOf(value[1])] }));
  }

  async labelValues(label: string, match: string, start: number, end: number): Promise<string[]> {
    return (await this.#get(`label/${label}/values`, { 'match[]': match, start, end })) as string[];
  }
}

const numberOf = (text: string): number => (text === '+Inf' ? Infinity : text === '-Inf' ? -Infinity : Number(text));

export class LocalPrometheus extends PrometheusClient {
  readonly #process: ChildProcess;
  readonly #folder: string;

  private constructor(process: ChildProcess, folder: string, url: string) {
    super(url);
    this.#process = process;
    this.#folder = folder;
  }

  /** `samples`: lines of the text format with timestamps in seconds. */
  static async start(promtool: string, samples: string): Promise<LocalPrometheus> {
    const folder = mkdtempSync(join(tmpdir(), 'arenascope-prometheus-'));
    writeFileSync(join(folder, 'samples.om'), `${samples}# EOF\n`);
    createBlocks(promtool, ['--quiet', 'openmetrics', join(folder, 'samples.om'), dataOf(folder)]);
    return LocalPrometheus.open(promtool, folder);
  }

  /** With the blocks that lie in the folder's `data`, and more flags if wanted. */
  static async open(promtool: string, folder: string, ...flags: readonly string[]): Promise<LocalPrometheus> {
    writeFileSync(join(folder, 'prometheus.yml'), 'scrape_configs: []\n');
    const args = [`--config.file=${join(folder, 'prometheus.yml')}`, `--storage.tsdb.path=${dataOf(folder)}`, '--storage.tsdb.retention.time=100y', '--web.listen-address=127.0.0.1:0', ...flags]; // prettier-ignore
    const child = spawn(join(dirname(promtool), 'prometheus'), args, { stdio: ['ignore', 'ignore', 'pipe'] });
    return new LocalPrometheus(child, folder, await whenReady(child));
  }

  /** Ends it; its blocks stay. */
  async close(): Promise<void> {
    this.#process.kill('SIGTERM');
    await once(this.#process, 'exit');
  }

  async stop(): Promise<void> {
    await this.close();
    rmSync(this.#folder, { recursive: true });
  }
}

export const dataOf = (folder: string): string => join(folder, 'data');

/** `promtool tsdb create-blocks-from …`; throws what it says where it fails. */
export function createBlocks(promtool: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(promtool, ['tsdb', 'create-blocks-from', ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

/** Its address, once it answers: it logs both. */
async function whenReady(child: ChildProcess): Promise<string> {
  let address: string | undefined;
  let isReady = false;
  const said: string[] = [];
  const lines = createInterface({ input: child.stderr! });
  for await (const line of lines) {
    said.push(line);
    address ??= /Listening on" address=(\S+)/.exec(line)?.[1];
    isReady ||= line.includes('ready to receive web requests');
    if (!isReady || address === undefined) continue; // either comes first
    child.stderr!.resume(); // what it logs from here on must not fill the pipe
    return `http://${address}`;
  }
  throw new Error(`prometheus ended: ${said.slice(-5).join('\n')}`);
}
