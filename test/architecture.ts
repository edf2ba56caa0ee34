// Reads the imports of src/ and says what breaks the rooms of docs/architecture: a pure function from file texts to sentences.
import { posix } from 'node:path';
import ts from 'typescript';

export interface Room {
  readonly imports: readonly string[]; // the rooms it may enter, by their index.ts
  readonly outside: boolean; // may import node: modules and npm packages
  readonly pure: boolean; // no clock, chance, process or timer: time and chance are arguments
}

export type Files = Readonly<Record<string, string>>; // path from the top of the repository -> text

interface Reference {
  readonly specifier: string | undefined; // undefined where it is not a string literal
  readonly line: number;
}

const IMPURE = new Set(['Date', 'performance', 'process', 'crypto', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'fetch', 'globalThis', 'require']); // prettier-ignore
const TEST_FILE = /\.(test|suite)\.ts$/; // a suite is a test that several implementations share
const TEST_PACKAGES = ['vitest', 'fast-check'];
export const MAX_LINES = 300;

/** Every break of the rules in `files`, as `path:line: sentence`. */
export function violations(rooms: Readonly<Record<string, Room>>, files: Files): string[] {
  const found: string[] = [];
  for (const [path, text] of Object.entries(files)) {
    const name = roomOf(path);
    const room = name === undefined ? undefined : rooms[name];
    if (name === undefined || room === undefined) {
      found.push(`${path}: lies in no room (expected: src/ROOM/…, ROOM one of ${Object.keys(rooms).join(', ')})`);
      continue;
    }
    const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
    for (const { specifier, line } of references(source)) {
      const sentence = judge(rooms, name, room, path, specifier);
      if (sentence !== undefined) found.push(`${path}:${line}: ${sentence}`);
    }
    if (room.pure && !TEST_FILE.test(path))
      found.push(...impurities(source).map(({ word, line }) => `${path}:${line}: uses ${word}; time and chance are arguments in ${name}`));
  }
  for (const cycle of cycles(edges(files))) found.push(`cycle: ${cycle.join(' -> ')}`);
  return found;
}

/** What is wrong with this import of `path`, or undefined. */
function judge(
  rooms: Readonly<Record<string, Room>>,
  name: string,
  room: Room,
  path: string,
  specifier: string | undefined,
): string | undefined {
  const isTest = TEST_FILE.test(path);
  if (specifier === undefined) return 'imports something computed (expected: a string literal, so that it can be checked)';
  if (!specifier.startsWith('.')) {
    if (room.outside || (isTest && (specifier.startsWith('node:') || TEST_PACKAGES.includes(specifier)))) return undefined;
    return `imports ${specifier}; ${name} imports nothing from outside src/`;
  }
  const target = posix.join(posix.dirname(path), specifier);
  if (target.endsWith('.json') && room.outside) return undefined;
  if (!target.endsWith('.ts')) return `imports ${specifier} (expected: a file name that ends in .ts)`;
  if (!isTest && TEST_FILE.test(target)) return `imports the test ${target}`;
  if (isTest && target.startsWith('test/')) return undefined;
  const other = roomOf(target);
  if (other === undefined) return `imports ${target}, which lies outside the rooms`;
  if (other === name) return undefined;
  if (!room.imports.includes(other)) return `${name} may not import ${other}${rooms[other] === undefined ? ', which is no room' : ''}`;
  if (target !== `src/${other}/index.ts`) return `enters ${other} by ${target} (expected: src/${other}/index.ts)`;
  return undefined;
}

export function roomOf(path: string): string | undefined {
  return /^src\/([^/]+)\/./.exec(path)?.[1];
}

/** Static imports, export-from, dynamic import(), require(), type imports, and workers' `new URL('…', import.meta.url)`. */
function references(source: ts.SourceFile): Reference[] {
  const found: Reference[] = [];
  const add = (node: ts.Node, specifier: ts.Node | undefined): void => {
    const text = specifier !== undefined && ts.isStringLiteralLike(specifier) ? specifier.text : undefined;
    found.push({ specifier: text, line: lineOf(source, node) });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node, node.moduleSpecifier);
    else if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) add(node, node.moduleSpecifier);
    else if (ts.isImportEqualsDeclaration(node) && ts.isExternalModuleReference(node.moduleReference))
      add(node, node.moduleReference.expression);
    else if (ts.isImportTypeNode(node)) add(node, ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined);
    else if (ts.isCallExpression(node) && isImporter(node.expression)) add(node, node.arguments[0]);
    else if (ts.isNewExpression(node) && isWorkerFile(node)) add(node, node.arguments?.[0]);
    ts.forEachChild(node, visit);
  };
  visit(source);
  for (const { fileName, pos } of source.referencedFiles)
    found.push({ specifier: fileName, line: source.getLineAndCharacterOfPosition(pos).line + 1 });
  return found;
}

function isImporter(expression: ts.Expression): boolean {
  return expression.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(expression) && expression.text === 'require');
}

function isWorkerFile({ expression, arguments: args }: ts.NewExpression): boolean {
  const [file, base] = args ?? [];
  if (!ts.isIdentifier(expression) || expression.text !== 'URL' || file === undefined || base?.getText() !== 'import.meta.url')
    return false;
  return ts.isStringLiteralLike(file) && file.text.endsWith('.ts');
}

/** Where a file of a pure room names the clock, chance, a timer or the process. */
function impurities(source: ts.SourceFile): { word: string; line: number }[] {
  const found: { word: string; line: number }[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && !isNameOnly(node)) {
      if (IMPURE.has(node.text)) found.push({ word: node.text, line: lineOf(source, node) });
      if (node.text === 'Math' && !isSoundMath(node)) found.push({ word: 'Math.random', line: lineOf(source, node) });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** The identifier is a member's or a declaration's own name (`x.process`, `{ process: 1 }`), not a use of the global. */
function isNameOnly(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isShorthandPropertyAssignment(parent)) return false;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node;
  return 'name' in parent && parent.name === node;
}

function isSoundMath({ parent }: ts.Identifier): boolean {
  return ts.isPropertyAccessExpression(parent) && parent.name.text !== 'random';
}

function lineOf(source: ts.SourceFile, node: ts.Node): number {
  return source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
}

/** Which rooms each room imports. */
function edges(files: Files): Map<string, Set<string>> {
  const result = new Map<string, Set<string>>();
  for (const [path, text] of Object.entries(files)) {
    const from = roomOf(path);
    if (from === undefined || TEST_FILE.test(path)) continue;
    const targets = result.get(from) ?? new Set<string>();
    result.set(from, targets);
    for (const { specifier } of references(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true))) {
      const to = specifier?.startsWith('.') === true ? roomOf(posix.join(posix.dirname(path), specifier)) : undefined;
      if (to !== undefined && to !== from) targets.add(to);
    }
  }
  return result;
}

/** Each cycle once, as `[a, b, a]`, beginning where it was met. */
export function cycles(graph: ReadonlyMap<string, Iterable<string>>): string[][] {
  const found: string[][] = [];
  const done = new Set<string>();
  const walk = (room: string, path: readonly string[]): void => {
    const start = path.indexOf(room);
    if (start >= 0) found.push([...path.slice(start), room]);
    if (start >= 0 || done.has(room)) return;
    for (const next of graph.get(room) ?? []) walk(next, [...path, room]);
    done.add(room);
  };
  for (const room of graph.keys()) walk(room, []);
  return found;
}

/** Files over the limit without a reason in `allowed`, and reasons that are no longer needed. */
export function tooLong(files: Files, allowed: Readonly<Record<string, string>>): string[] {
  const lines = (text: string): number => text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
  const long = Object.entries(files).filter(([path, text]) => !TEST_FILE.test(path) && lines(text) > MAX_LINES);
  const unknown = long.filter(([path]) => allowed[path] === undefined).map(([path, text]) => `${path}: ${lines(text)} lines (expected: ${MAX_LINES} at most, or a reason in LONG_FILES)`); // prettier-ignore
  const stale = Object.keys(allowed).filter((path) => !long.some(([name]) => name === path)).map((path) => `${path}: in LONG_FILES without need`); // prettier-ignore
  return [...unknown, ...stale];
}
