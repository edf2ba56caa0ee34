import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cycles, tooLong, violations, type Files, type Room } from './architecture.ts';

/** The allowed pairs. An entry may name only rooms above it, so the table itself has no cycle. */
const ROOMS = {
  allocator: { imports: [], outside: false, pure: true },
  pipeline: { imports: ['allocator'], outside: false, pure: true },
  conformance: { imports: ['allocator', 'pipeline'], outside: true, pure: false },
  workload: { imports: [], outside: true, pure: true },
  simulation: { imports: ['allocator', 'pipeline', 'workload'], outside: true, pure: false },
  explain: { imports: ['allocator'], outside: false, pure: true },
  client: { imports: [], outside: false, pure: false },
  feed: { imports: ['allocator', 'pipeline', 'workload', 'simulation', 'explain', 'client'], outside: true, pure: false },
  metrics: { imports: ['allocator', 'pipeline', 'workload', 'simulation', 'explain', 'client', 'feed'], outside: true, pure: false },
  history: { imports: ['allocator', 'workload', 'simulation', 'metrics'], outside: true, pure: false },
  dashboards: { imports: ['metrics', 'history'], outside: true, pure: false },
  web: { imports: ['allocator', 'simulation', 'explain', 'client', 'feed'], outside: true, pure: false },
  service: {
    imports: ['allocator', 'pipeline', 'workload', 'simulation', 'explain', 'client', 'feed', 'metrics', 'web'],
    outside: true,
    pure: false,
  },
  cli: {
    imports: [
      'allocator',
      'pipeline',
      'conformance',
      'workload',
      'simulation',
      'explain',
      'client',
      'feed',
      'metrics',
      'history',
      'service',
    ],
    outside: true,
    pure: false,
  },
} as const satisfies Record<string, Room>;

/** Files that may be longer than the limit, each with its reason. */
const LONG_FILES: Readonly<Record<string, string>> = {
  'src/allocator/allocator.ts': 'the hot path: take, release and reallocate share one record layout and are inlined together',
};

const root = join(import.meta.dirname, '..');
const read = (pattern: string): Files =>
  Object.fromEntries(globSync(pattern, { cwd: root }).map((path) => [path.replaceAll('\\', '/'), readFileSync(join(root, path), 'utf8')]));

describe('this repository', () => {
  test('keeps to its rooms', () => {
    expect(violations(ROOMS, read('src/**/*.ts'))).toEqual([]);
  });

  test('has no file over the limit without a reason', () => {
    expect(tooLong(read('{src,bench,scripts}/**/*.ts'), LONG_FILES)).toEqual([]);
  });

  test('has a table of rooms without a cycle, in which nothing imports the command', () => {
    const names = Object.keys(ROOMS);
    for (const [name, { imports }] of Object.entries(ROOMS))
      expect(names.slice(0, names.indexOf(name))).toEqual(expect.arrayContaining([...imports]));
    expect(Object.entries(ROOMS).filter(([, { imports }]) => [...imports].some((room: string) => room === 'cli'))).toEqual([]);
    expect(Object.entries(ROOMS).filter(([, { imports }]) => [...imports].some((room: string) => room === 'service')).map(([name]) => name)).toEqual(['cli']); // prettier-ignore
  });
});

/** What the checker says of one file, its path cut off. */
const said = (path: string, text: string): string[] => violations(ROOMS, { [path]: text }).map((line) => line.replace(/^\S+: /, ''));

describe('the checker', () => {
  test.each([
    ['a static import', "import { a } from '../explain/index.ts';"],
    ['an import for its effect', "import '../explain/index.ts';"],
    ['a type import', "import type { A } from '../explain/index.ts';"],
    ['an export-from', "export * from '../explain/index.ts';"],
    ['a dynamic import', "const a = await import('../explain/index.ts');"],
    ['a dynamic import by template', 'const a = await import(`../explain/index.ts`);'],
    ['an import within a type', "type A = import('../explain/index.ts').A;"],
    ['an import by assignment', "import a = require('../explain/index.ts');"],
    ['a require', "const a = require('../explain/index.ts');"],
    ["a worker's file", "new Worker(new URL('../explain/index.ts', import.meta.url));"],
    ['a path reference', '/// <reference path="../explain/index.ts" />'],
  ])('catches a forbidden pair in %s', (_, text) => {
    expect(said('src/simulation/a.ts', text)).toEqual(['simulation may not import explain']);
  });

  test.each([
    [
      'a room entered past its door',
      'src/pipeline/a.ts',
      "import { a } from '../allocator/chunk.ts';",
      'enters allocator by src/allocator/chunk.ts (expected: src/allocator/index.ts)',
    ],
    [
      'a room entered past its door by a test',
      'src/pipeline/a.test.ts',
      "import { a } from '../allocator/chunk.ts';",
      'enters allocator by src/allocator/chunk.ts (expected: src/allocator/index.ts)',
    ],
    [
      'a Node module in the allocator',
      'src/allocator/a.ts',
      "import fs from 'node:fs';",
      'imports node:fs; allocator imports nothing from outside src/',
    ],
    [
      'a package in the allocator',
      'src/allocator/a.ts',
      "import { z } from 'zod';",
      'imports zod; allocator imports nothing from outside src/',
    ],
    [
      'a test package in what is no test',
      'src/allocator/a.ts',
      "import fc from 'fast-check';",
      'imports fast-check; allocator imports nothing from outside src/',
    ],
    [
      'another package in a test of the allocator',
      'src/allocator/a.test.ts',
      "import { z } from 'zod';",
      'imports zod; allocator imports nothing from outside src/',
    ],
    [
      'a room imported by the allocator',
      'src/allocator/a.ts',
      "import { a } from '../pipeline/index.ts';",
      'allocator may not import pipeline',
    ],
    ['the service imported by a room', 'src/web/a.ts', "import { a } from '../service/index.ts';", 'web may not import service'],
    ['the command imported by the service', 'src/service/a.ts', "import { a } from '../cli/index.ts';", 'service may not import cli'],
    ['an unknown room', 'src/service/a.ts', "import { a } from '../helpers/index.ts';", 'service may not import helpers, which is no room'],
    [
      'a computed import',
      'src/cli/a.ts',
      'await import(name);',
      'imports something computed (expected: a string literal, so that it can be checked)',
    ],
    ['a name without its ending', 'src/cli/a.ts', "import { a } from './b.js';", 'imports ./b.js (expected: a file name that ends in .ts)'],
    ['a file outside src', 'src/cli/a.ts', "import { a } from '../../bench/a.ts';", 'imports bench/a.ts, which lies outside the rooms'],
    ['a test imported by what is none', 'src/cli/a.ts', "import { a } from './a.test.ts';", 'imports the test src/cli/a.test.ts'],
  ])('catches %s', (_, path, text, sentence) => {
    expect(said(path, text)).toEqual([sentence]);
  });

  test.each([
    ['Date', 'const now = Date.now();'],
    ['Date', 'const now = new Date();'],
    ['Math.random', 'const a = Math.random();'],
    ['Math.random', "const a = Math['random']();"],
    ['Math.random', 'const { random } = Math;'],
    ['performance', 'const a = performance.now();'],
    ['globalThis', 'const a = globalThis.Date;'],
    ['setTimeout', 'setTimeout(() => {}, 1);'],
    ['process', 'const a = process.env;'],
    ['process', 'const a = { process };'],
  ])('catches %s in the allocator: %s', (word, text) => {
    expect(said('src/allocator/a.ts', text)).toEqual([`uses ${word}; time and chance are arguments in allocator`]);
  });

  test('catches a file that lies in no room', () => {
    expect(violations(ROOMS, { 'src/a.ts': '', 'src/helpers/a.ts': '' })).toHaveLength(2);
  });

  test('catches a cycle between rooms, even where the table allows each pair', () => {
    const room = { outside: false, pure: false };
    const files = { 'src/a/index.ts': "import '../b/index.ts';", 'src/b/index.ts': "import '../a/index.ts';" };
    expect(violations({ a: { ...room, imports: ['b'] }, b: { ...room, imports: ['a'] } }, files)).toEqual(['cycle: a -> b -> a']);
  });

  test('finds a cycle behind a tail, and none where two ways lead to one room', () => {
    expect(cycles(new Map([['a', ['b']], ['b', ['c']], ['c', ['b']]]))).toEqual([['b', 'c', 'b']]); // prettier-ignore
    expect(cycles(new Map([['a', ['b', 'c']], ['b', ['d']], ['c', ['d']]]))).toEqual([]); // prettier-ignore
  });

  test('catches a long file, and a reason that is no longer needed; tests may be long', () => {
    const long = 'x\n'.repeat(301);
    const files = { 'src/a/long.ts': long, 'src/a/known.ts': long, 'src/a/fits.ts': 'x\n'.repeat(300), 'src/a/long.test.ts': long };
    expect(tooLong(files, { 'src/a/known.ts': 'one table', 'src/a/fits.ts': 'one table' })).toEqual([
      'src/a/long.ts: 301 lines (expected: 300 at most, or a reason in LONG_FILES)',
      'src/a/fits.ts: in LONG_FILES without need',
    ]);
  });

  test.each([
    ['src/allocator/a.ts', "import { a } from './b.ts'; const x = Math.max(1, 2); interface A { process: number } const y = z.Date;"],
    ['src/allocator/a.ts', '// Date.now() and Math.random() in a comment\nconst a = "performance.now()";'],
    ['src/allocator/a.test.ts', "import { test } from 'vitest'; import fc from 'fast-check'; import fs from 'node:fs'; Date.now();"],
    ['src/allocator/a.test.ts', "import { needs } from '../../test/programs.ts';"],
    ['src/pipeline/a.ts', "import { a } from '../allocator/index.ts'; export type { A } from '../allocator/index.ts';"],
    ['src/simulation/a.ts', "import { Worker } from 'node:worker_threads'; new Worker(new URL('./worker.ts', import.meta.url));"],
    ['src/service/a.ts', "import { z } from 'zod'; import pkg from '../../package.json' with { type: 'json' }; new URL('/x', base);"],
    ['src/cli/main.ts', "const { serve } = await import('../service/index.ts');"],
  ])('lets pass what is allowed in %s: %s', (path, text) => {
    expect(said(path, text)).toEqual([]);
  });
});
