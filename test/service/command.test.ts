// The command, run as its users run it.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { putHead, RawClient } from './harness.ts';

const root = join(import.meta.dirname, '../..');
const launcher = join(root, 'bin/arenascope.js');
const golden = join(root, 'test/fixtures/golden');
const folder = mkdtempSync(join(tmpdir(), 'arenascope-command-'));
afterAll(() => rmSync(folder, { recursive: true }));

const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('ARENASCOPE_')));
const run = (...args: string[]) => spawnSync(process.execPath, [launcher, ...args], { encoding: 'utf8', env: clean });

describe('arenascope', () => {
  test('says what it can do', () => {
    expect(run('--help')).toMatchObject({ status: 0, stdout: expect.stringMatching(/arenascope serve[^]*arenascope verify/) as string });
    expect(run().stdout).toBe(run('--help').stdout);
  });

  test('says its version, everywhere', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    expect([run('--version').stdout, run('serve', '--version').stdout]).toEqual([`${version}\n`, `${version}\n`]);
  });

  test('serve --help lists every setting with its default', () => {
    expect(run('serve', '--help').stdout).toMatch(/--direct-memory +Direct-memory limit.*\[256m\]\n +bytes such as/);
  });

  test('an unknown command exits with 2 and a suggestion', () => {
    expect(run('srve')).toMatchObject({ status: 2, stderr: 'arenascope: srve: no such command (expected: perhaps serve)\n' });
  });

  test('bad settings stop the start, all named', () => {
    expect(run('serve', '--port=x', '--arenas=0')).toMatchObject({
      status: 2,
      stdout: '',
      stderr:
        'arenascope: --port: x (expected: a whole number, 0 … 65535)\narenascope: --arenas: 0 (expected: auto, or a whole number, 1 … 1024)\n',
    });
  });
});

describe('arenascope verify', () => {
  const trace = join(golden, 'ops-cr3-wholechunk.trace.gz');

  test('finds no difference in what real Netty recorded', () => {
    const { status, stdout, stderr } = run('verify', trace, join(golden, 'http-cr3-oom-256mb.trace.gz'));
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^\S+ops-cr3-wholechunk\.trace\.gz: \d+ operations, 0 differences\n\S+: \d+ operations, 0 differences\n$/);
  });

  test('prints a difference with expected and got, and exits with 1', () => {
    const file = join(folder, 'wrong.trace');
    const lines = gunzipSync(readFileSync(trace)).toString().split('\n');
    const at = lines.findIndex((line) => line.startsWith('A '));
    lines[at] = lines[at]!.replace(/\d+$/, '77');
    writeFileSync(file, lines.join('\n'));
    expect(run('verify', file)).toMatchObject({ status: 1, stdout: expect.stringMatching(/1 differences\n {2}line \d+: A .*\n {4}expected {2}.* 77\n {4}got {7}/) as string }); // prettier-ignore
  });

  test.each([
    ['a file that is not there', () => join(folder, 'nothing.trace'), /ENOENT/],
    ['a file that is no trace', () => join(root, 'package.json'), /line 1: .*expected: a JSON header/],
  ])('exits with 2 on %s', (_, file, said) => {
    expect(run('verify', file())).toMatchObject({ status: 2, stderr: expect.stringMatching(said) as string });
  });

  test('exits with 2 without a file, and on a flag', () => {
    expect([run('verify').status, run('verify', '--fast', trace).status]).toEqual([2, 2]);
  });
});

describe('arenascope serve', () => {
  interface Serving {
    readonly child: ChildProcess;
    readonly url: string;
    readonly ended: Promise<number | null>;
  }

  async function serve(...flags: string[]): Promise<Serving> {
    const child = spawn(process.execPath, [launcher, 'serve', '--port=0', '--scenario=none', ...flags], {
      env: clean,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise<number | null>((resolve) => void child.once('exit', resolve));
    let said = '';
    const url = await new Promise<string>((resolve, reject) => {
      child.stdout.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        const found = /listens on (http:\S+)\//.exec(said);
        if (found !== null) resolve(found[1]!);
      });
      void ended.then((code) => reject(new Error(`ended with ${code}: ${said}`)));
    });
    return { child, url, ended };
  }

  async function untilNotAccepting(url: string): Promise<void> {
    for (;;) {
      const probe = new RawClient(url);
      const [refused] = await Promise.all([new Promise<boolean>((resolve) => {
        probe.socket.once('connect', () => resolve(false));
        probe.socket.once('error', () => resolve(true));
      })]); // prettier-ignore
      probe.socket.destroy();
      if (refused) return;
    }
  }

  test.each(['SIGTERM', 'SIGINT'] as const)('%s: no new connections, the request in flight is served, exit 0', async (signal) => {
    const { child, url, ended } = await serve();
    const idle = new RawClient(url);
    await idle.send('GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n').receives('ok');
    const client = new RawClient(url);
    await client.send('POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n').receives('100 Continue');
    child.kill(signal);
    await idle.closed;
    await untilNotAccepting(url);
    child.kill(signal); // npm sends Ctrl-C a second time: that must not cut the request off
    await client.send('0123456789').closed;
    expect(client.received).toMatch(/200 OK[^]*Connection: close[^]*0123456789$/);
    expect(await ended).toBe(0);
  });

  test('what is not done by the deadline is cut, exit 0', async () => {
    const { child, url, ended } = await serve('--shutdown-deadline=1ms');
    const client = new RawClient(url);
    await client.send(putHead(10).replace('\r\n\r\n', '\r\nExpect: 100-continue\r\n\r\n')).receives('100 Continue');
    child.kill('SIGTERM');
    await client.closed;
    expect(await ended).toBe(0);
  });

  test('a message that the peer keeps for hours keeps no process', async () => {
    const { child, url, ended } = await serve('--shutdown-deadline=1ms', '--peer-latency=1h');
    const client = new RawClient(url).send(putHead(3), 'abc');
    while (!(await (await fetch(`${url}/metrics`)).text()).includes('\npipeline_held_messages 1\n'));
    child.kill('SIGTERM');
    await client.closed;
    expect(await ended).toBe(0);
  });

  test('an address that is taken is said, exit 1', async () => {
    const { child, url, ended } = await serve();
    const { status, stderr } = run('serve', `--port=${new URL(url).port}`);
    child.kill('SIGTERM');
    await ended;
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^arenascope: --host, --port: 127\.0\.0\.1:\d+ \(expected: an address that can be listened on; EADDRINUSE\)\n$/)]); // prettier-ignore
  });
});
