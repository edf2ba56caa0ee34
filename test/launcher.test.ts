// bin/arenascope.js, run against a stand-in for src/cli/main.ts, in the places where a user can have it.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

const MAIN = `
type Said = { version: string; args: string[] };
const said: Said = { version: process.version, args: process.argv.slice(2) };
if (said.args[0] === 'wait') {
  process.on('SIGTERM', () => process.exit(7));
  setInterval(() => {}, 1000);
}
if (said.args[0] === 'die') process.kill(process.pid, 'SIGKILL');
console.log(JSON.stringify(said));
process.exitCode = said.args[0] === 'fail' ? 3 : 0;
`;

const root = join(import.meta.dirname, '..');
const top = mkdtempSync(join(tmpdir(), 'arenascope-launcher-'));
afterAll(() => rmSync(top, { recursive: true }));

/** A checkout or an installed package at `folder` of a new place, with or without the `node` package. Returns the launcher's path. */
function place(name: string, folder: string, hasNode: boolean): string {
  const home = join(top, name, folder);
  mkdirSync(join(home, 'src', 'cli'), { recursive: true });
  mkdirSync(join(home, 'node_modules'));
  cpSync(join(root, 'bin'), join(home, 'bin'), { recursive: true });
  writeFileSync(join(home, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(home, 'src', 'cli', 'main.ts'), MAIN);
  if (hasNode) symlinkSync(join(root, 'node_modules', 'node'), join(home, 'node_modules', 'node'));
  return join(home, 'bin', 'arenascope.js');
}

const run = (node: string, ...args: string[]) => spawnSync(node, args, { encoding: 'utf8' });
const said = (version: string, ...args: string[]): string => `${JSON.stringify({ version, args })}\n`;

/** A Node older than 24 from the PATH: the machine's own. */
const oldNode = (process.env.PATH ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'node'))
  .find((file) => existsSync(file) && Number(/^v(\d+)/.exec(run(file, '--version').stdout)?.[1]) < 24);

async function stopWaiting(node: string, launcher: string): Promise<number | null> {
  const child = spawn(node, [launcher, 'wait'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
  await new Promise((resolve) => child.stdout.once('data', resolve)); // it is up
  child.kill('SIGTERM');
  return ended;
}

const checkout = place('checkout', 'arenascope', true);
const bare = place('bare', 'arenascope', false);
const installed = place('installed', 'node_modules/arenascope', false);
const link = join(top, 'link');
symlinkSync(checkout, link);

describe.each([
  ['a checkout', checkout],
  ['a symlink', link],
  ['a checkout without development dependencies', bare],
  ['an installed package, where Node strips no types', installed],
])('under Node 24, from %s', (_, launcher) => {
  const node = process.execPath;

  test('runs the command with its arguments and says nothing else', () => {
    expect(run(node, launcher, 'simulate', '--days', '3')).toMatchObject({
      stdout: said(process.version, 'simulate', '--days', '3'),
      stderr: '',
      status: 0,
    });
  });

  test('exits with its exit code', () => {
    expect(run(node, launcher, 'fail').status).toBe(3);
  });

  test('passes SIGTERM on', async () => {
    expect(await stopWaiting(node, launcher)).toBe(7);
  });
});

describe.skipIf(oldNode === undefined)('under an older Node', () => {
  const node = oldNode ?? '';

  test.each([checkout, link])('runs the command under the pinned one (%#)', (launcher) => {
    expect(run(node, launcher, 'serve', 'x')).toMatchObject({ stdout: said(process.version, 'serve', 'x'), stderr: '', status: 0 });
  });

  test('exits with its exit code, and 128 + the signal that ended it', () => {
    expect([run(node, checkout, 'fail').status, run(node, checkout, 'die').status]).toEqual([3, 137]);
  });

  test('passes SIGTERM on', async () => {
    expect(await stopWaiting(node, checkout)).toBe(7);
  });

  test('says what is wrong where there is no newer one', () => {
    const { status, stderr } = run(node, bare);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(/^arenascope: Node v\d.* \(expected: 24 or newer.*\)\n$/) as string,
    });
  });
});
