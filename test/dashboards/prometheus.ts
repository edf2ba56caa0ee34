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
    const { result } = (await this.#get('query_range', { query, start, end, step })) as { result: { metric: Series['metric']; values: [number, string][] }[] }; // prettier-ignore
    return result.map(({ metric, values }) => ({ metric, values: values.map(([, text]) => numberOf(text)) }));
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
    writeFileSync(join(folder, 'prometheus.yml'), 'scrape_configs: []\n');
    const filled = spawnSync(promtool, ['tsdb', 'create-blocks-from', 'openmetrics', '--quiet', join(folder, 'samples.om'), join(folder, 'data')], { encoding: 'utf8' }); // prettier-ignore
    if (filled.status !== 0) throw new Error(filled.stderr);
    const args = [`--config.file=${join(folder, 'prometheus.yml')}`, `--storage.tsdb.path=${join(folder, 'data')}`, '--storage.tsdb.retention.time=100y', '--web.listen-address=127.0.0.1:0']; // prettier-ignore
    const child = spawn(join(dirname(promtool), 'prometheus'), args, { stdio: ['ignore', 'ignore', 'pipe'] });
    return new LocalPrometheus(child, folder, await whenReady(child));
  }

  async stop(): Promise<void> {
    this.#process.kill('SIGTERM');
    await once(this.#process, 'exit');
    rmSync(this.#folder, { recursive: true });
  }
}

/** Its address, once it answers: it logs both. */
async function whenReady(child: ChildProcess): Promise<string> {
  let address: string | undefined;
  const said: string[] = [];
  const lines = createInterface({ input: child.stderr! });
  for await (const line of lines) {
    said.push(line);
    address ??= /Listening on" address=(\S+)/.exec(line)?.[1];
    if (!line.includes('ready to receive web requests')) continue;
    child.stderr!.resume(); // what it logs from here on must not fill the pipe
    return `http://${address}`;
  }
  throw new Error(`prometheus ended: ${said.slice(-5).join('\n')}`);
}
