#!/usr/bin/env node
// The command. Runs src/cli/main.ts with type stripping: in this process where Node is new enough, else in a child process
// under the `node` npm package's Node 24. The child's signals, exit code and streams are this process's own.
// Plain JavaScript that Node 20 can read.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const OLDEST_MAJOR = 24;
const here = dirname(fileURLToPath(import.meta.url)); // Node resolves symlinks first, so this is the package's own bin/
const main = join(here, '..', 'src', 'cli', 'main.ts');
// Node strips no types below node_modules, where `npm install arenascope` puts us: there a preload does it.
const isInstalled = here.includes(`${sep}node_modules${sep}`);
const isOld = Number(process.versions.node.split('.')[0]) < OLDEST_MAJOR;

// A service's chunks are mapped apart and by huge pages where the C library is told so before it starts: src/service/memory-mapper.ts.
const TUNABLES = 'glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=1048576';
const isService = process.argv[2] === 'serve';
const isUntuned = process.platform === 'linux' && isService && !process.env.GLIBC_TUNABLES?.includes('glibc.malloc.');

if (isOld || isInstalled || isUntuned) run(isOld ? pinnedNode() : process.execPath);
else await import(pathToFileURL(main).href);

/** The binary of the `node` npm package, a development dependency. Exits where there is none. */
function pinnedNode() {
  try {
    const manifest = createRequire(import.meta.url).resolve('node/package.json');
    const binary = join(dirname(manifest), JSON.parse(readFileSync(manifest, 'utf8')).bin.node);
    if (existsSync(binary)) return binary;
  } catch {
    // not installed: said below
  }
  console.error(
    `arenascope: Node ${process.version} (expected: ${OLDEST_MAJOR} or newer, or the npm package node@${OLDEST_MAJOR} beside it)`,
  );
  process.exit(1);
}

function tuned(environment) {
  const given = environment.GLIBC_TUNABLES;
  return { ...environment, GLIBC_TUNABLES: given ? `${given}:${TUNABLES}` : TUNABLES };
}

function run(node) {
  const preload = isInstalled
    ? ['--disable-warning=ExperimentalWarning', '--import', pathToFileURL(join(here, 'strip-types.js')).href]
    : [];
  const child = spawn(node, [...preload, main, ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: isUntuned ? tuned(process.env) : process.env,
  });
  let isStopping = false;
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) {
    process.on(signal, () => {
      if (isService && isStopping) return; // a service stops once; a second signal would only find it in its last moments, and kill it
      isStopping = true;
      if (signal === 'SIGINT' && process.stdin.isTTY) return; // Ctrl-C: the terminal has told the child already
      child.kill(signal);
    });
  }
  child.on('error', (error) => {
    console.error(`arenascope: ${node} does not start: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}
