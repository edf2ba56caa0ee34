// `npm test`: types, lint, format, tests. Each runs even where one before it failed; ends with one line for each, and the exit code.
// Arguments go to vitest: `npm test -- src/allocator`.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const root = join(import.meta.dirname, '..');
const PATH = `${join(root, 'node_modules', '.bin')}${delimiter}${process.env.PATH ?? ''}`; // the tools and the Node of package.json

const STEPS: readonly { name: string; commands: readonly (readonly [string, ...string[]])[] }[] = [
  { name: 'types', commands: [['tsc'], ['tsc', '-p', 'src/web']] },
  { name: 'lint', commands: [['eslint', '.']] },
  { name: 'format', commands: [['prettier', '--check', '--log-level', 'warn', '.']] },
  { name: 'tests', commands: [['vitest', 'run', ...process.argv.slice(2)]] },
];

rmSync(join(root, '.tmp', 'vitest.json'), { force: true }); // a report of an earlier run must not pass for this one's
const results = STEPS.map(({ name, commands }) => {
  console.log(`\n== ${name}`);
  const started = performance.now();
  const codes = commands.map(
    ([command, ...args]) => spawnSync(command, args, { cwd: root, env: { ...process.env, PATH }, stdio: 'inherit' }).status,
  );
  return { name, passed: codes.every((code) => code === 0), seconds: (performance.now() - started) / 1000 };
});

console.log(`\n== summary (Node ${process.version})`);
for (const { name, passed, seconds } of results) console.log(`${passed ? 'ok    ' : 'FAILED'} ${name} (${seconds.toFixed(1)} s)`);
process.exitCode = results.every(({ passed }) => passed) ? 0 : 1;
