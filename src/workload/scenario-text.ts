// A scenario's text, read: either a scenario, or every mistake at once, each with its line and what was expected there.
import { isMap, isNode, isPair, isScalar, LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import { Scenario } from './scenario.ts';

export interface ScenarioMistake {
  readonly line: number; // from 1
  readonly path: string;
  readonly got: string;
  readonly expected: string;
}

export class ScenarioError extends Error {
  readonly mistakes: readonly ScenarioMistake[];
  constructor(name: string, mistakes: readonly ScenarioMistake[]) {
    const lines = mistakes.map(({ line, path, got, expected }) => `  line ${line}: ${path}: ${got} (expected: ${expected})`);
    super(`scenario ${name}: ${mistakes.length === 1 ? '1 mistake' : `${mistakes.length} mistakes`}\n${lines.join('\n')}`);
    this.name = 'ScenarioError';
    this.mistakes = mistakes;
  }
}

export function parseScenario(name: string, text: string): Scenario {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0)
    throw new ScenarioError(
      name,
      document.errors.map((error) => ({
        line: lines.linePos(error.pos[0]).line,
        path: 'YAML',
        got: error.message,
        expected: 'valid YAML',
      })),
    );
  const raw: unknown = document.toJS();
  const parsed = Scenario.safeParse(raw);
  if (parsed.success) return { ...parsed.data, name };
  const mistakes = parsed.error.issues.flatMap((issue) => mistakesOf(issue, raw, document, lines));
  throw new ScenarioError(name, mistakes.sort((a, b) => a.line - b.line)); // prettier-ignore
}

function mistakesOf(issue: z.core.$ZodIssue, raw: unknown, document: Document, lines: LineCounter): ScenarioMistake[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => describe([...issue.path, key], 'a name that is known here', raw, document, lines));
  return [describe(issue.path, expectedBy(issue), raw, document, lines)];
}

function describe(path: readonly PropertyKey[], expected: string, raw: unknown, document: Document, lines: LineCounter): ScenarioMistake {
  const value = path.reduce<unknown>((at, key) => (typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined), raw); // prettier-ignore
  const got = value === undefined ? 'missing' : JSON.stringify(value);
  return { line: lineOf(path, document, lines), path: path.join('.') || 'scenario', got: shorten(got), expected };
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

/** The line of the key at `path`, or of the nearest thing above it that is there. */
function lineOf(path: readonly PropertyKey[], document: Document, lines: LineCounter): number {
  for (let length = path.length; length > 0; length--) {
    const parent = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    const key = path[length - 1];
    const pair = isMap(parent) ? parent.items.find((item) => isScalar(item.key) && item.key.value === key) : undefined;
    const node = isPair(pair) ? pair.key : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

function expectedBy(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected;
    case 'invalid_value':
      return issue.values.map(String).join(' or ');
    case 'too_small':
      return `at least ${issue.minimum}`;
    case 'too_big':
      return `at most ${issue.maximum}`;
    case 'invalid_union':
      return issue.discriminator === undefined ? issue.message : 'off, watermark, refuse or connection';
    default:
      return issue.message;
  }
}
