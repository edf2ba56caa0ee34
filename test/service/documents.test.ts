// What is written down agrees with the tables it is about.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { generatedFiles, withParts } from '../../scripts/generated.ts';
import { POOL_ERROR_CODES } from '../../src/allocator/index.ts';
import { PROBLEM_CODES, problemStatus } from '../../src/service/index.ts';
import { SIMULATION_ERROR_CODES } from '../../src/simulation/index.ts';

const root = join(import.meta.dirname, '../..');

describe('generated files', () => {
  test.each(generatedFiles(root).map(({ path, text }) => [path, text]))('%s is up to date (npm run generate)', (path, text) => {
    expect(readFileSync(join(root, path), 'utf8')).toBe(text);
  });

  test('a part is written between its markers, and nothing else is touched', () => {
    const text = 'a\n<!-- x:begin -->\nold $&\n<!-- x:end -->\nb <!-- y:begin --><!-- y:end -->\n';
    expect(withParts(text, { x: () => 'new $&' })).toBe('a\n<!-- x:begin -->\nnew $&\n<!-- x:end -->\nb <!-- y:begin --><!-- y:end -->\n');
  });
});

describe('docs/errors.md', () => {
  const [service, allocator, simulation] = readFileSync(join(root, 'docs/errors.md'), 'utf8').split(/^## Misuse of .+$/m) as [string, string, string]; // prettier-ignore
  const codesIn = (text: string) => [...text.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code!);

  test('has every code of the service once, and no other', () => {
    expect(codesIn(service).sort()).toEqual([...PROBLEM_CODES].sort());
  });

  test('has every code of the allocator once, and no other', () => {
    expect(codesIn(allocator).sort()).toEqual([...POOL_ERROR_CODES].sort());
  });

  test('has every code of the simulation once, and no other', () => {
    expect(codesIn(simulation).sort()).toEqual([...SIMULATION_ERROR_CODES].sort());
  });

  test('has the right status for each', () => {
    const statuses = [...service.matchAll(/^\| `([A-Z_]+)` \| (\d+) \|/gm)].map(([, code, status]) => [code, Number(status)]);
    expect(Object.fromEntries(statuses)).toEqual(Object.fromEntries(PROBLEM_CODES.map((code) => [code, problemStatus(code)])));
  });
});
