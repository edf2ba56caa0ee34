// The package as a user gets it: packed, installed into an empty project, and its client used from there, by Node and by the type checker.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { startFeed, until } from './harness.ts';

const root = join(import.meta.dirname, '..', '..');
const project = mkdtempSync(join(tmpdir(), 'arenascope-package-'));
afterAll(() => rmSync(project, { recursive: true }));

function run(command: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: exit ${status}\n${stdout}\n${stderr}`);
  return stdout;
}

interface Locked {
  readonly dev?: boolean;
}

/** A lock file with our own versions: what `npm ci` put into npm's cache is then all that is needed, without a network. */
function lockFor(tarball: { readonly integrity: string; readonly filename: string }): object {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, Locked> };
  const needed = Object.entries(packages).filter(([path, { dev }]) => path !== '' && dev !== true);
  const { version, dependencies, bin, engines } = manifest;
  const resolved = `file:${tarball.filename}`;
  return {
    name: 'project',
    lockfileVersion: 3,
    requires: true,
    packages: {
      '': { name: 'project', dependencies: { arenascope: resolved } },
      'node_modules/arenascope': { version, resolved, integrity: tarball.integrity, dependencies, bin, engines },
      ...Object.fromEntries(needed),
    },
  };
}

beforeAll(() => {
  const [tarball] = JSON.parse(run('npm', ['pack', '--silent', '--json', '--pack-destination', project], root)) as [
    { integrity: string; filename: string; files: { path: string }[] },
  ];
  packed = tarball.files.map(({ path }) => path);
  const dependencies = { arenascope: `file:${tarball.filename}` };
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'project', type: 'module', private: true, dependencies }));
  writeFileSync(join(project, 'package-lock.json'), JSON.stringify(lockFor(tarball)));
  run('npm', ['ci', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'], project);
});

let packed: readonly string[] = [];

const USE = `
import { describeEvent, EVENT_TYPES, FeedClient, type EventType, type FeedEvent, type FeedState } from 'arenascope/client';

const types: readonly EventType[] = EVENT_TYPES;
const client = new FeedClient({
  url: process.argv[2] ?? '',
  listener: {
    onSnapshot: (state: FeedState) => console.log(types.length, state.arenas[0]!.lists.qInit.length),
    onEvent: (event: FeedEvent) => {
      if (event.type === 'settings.changed') console.log(event.settings.seed satisfies string | undefined);
      console.log(event.sequence, describeEvent(event));
      if (event.sequence === 2) client.stop();
    },
  },
});
client.start();
`;

test('holds the client as JavaScript and types, the command and what it runs, and no test', () => {
  expect(packed).toEqual(expect.arrayContaining(['dist/client/index.js', 'dist/client/index.d.ts', 'bin/arenascope.js', 'src/cli/main.ts', 'LICENSE']));
  expect(packed.filter((path) => /\.(test|suite)\.|^test\/|^node_modules\//.test(path))).toEqual([]);
}); // prettier-ignore

test('the installed client follows a feed', async () => {
  const { url, feed, attached, stop } = await startFeed();
  writeFileSync(join(project, 'use.ts'), USE);
  const child = spawn(process.execPath, ['use.ts', url], { cwd: project, stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  child.stdout.on('data', (data: Buffer) => (printed += data.toString()));
  const ended = new Promise<number | null>((resolve) => void child.on('exit', resolve));
  await until(() => attached.sample().clients === 1);
  feed.publish({ type: 'settings.changed', settings: { seed: '7' } });
  feed.publish({ type: 'backpressure.ended', source: 'http', headroomBytes: 1024 });
  expect(await ended).toBe(0);
  expect(printed.split('\n').slice(1)).toEqual(['7', '1 settings changed: seed 7', '2 http: back-pressure off, 1 KiB of headroom', '']);
  expect(printed).toMatch(/^\d+ 0\n/);
  await stop();
});

test.each([
  ['Node', { module: 'nodenext', types: ['node'], typeRoots: [join(root, 'node_modules', '@types')], skipLibCheck: true }],
  ['bundlers for browsers', { module: 'esnext', moduleResolution: 'bundler', lib: ['esnext', 'dom'], types: [] }], // checks our .d.ts files too
])('the installed types check as %s resolve them', (_, options) => {
  const isBrowser = 'lib' in options;
  writeFileSync(
    join(project, 'check.ts'),
    isBrowser ? USE.replace("process.argv[2] ?? ''", "new URL('/', location.href), WebSocket") : USE,
  );
  const compilerOptions = { noEmit: true, strict: true, noUncheckedIndexedAccess: true, target: 'esnext', ...options };
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['check.ts'] }));
  expect(run(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc')], project)).toBe('');
});
