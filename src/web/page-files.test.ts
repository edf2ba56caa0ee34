import { gunzipSync } from 'node:zlib';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { PAGE_INDEX, PAGE_PATH, pageFiles } from './index.ts';

const files = pageFiles();
const textOf = (name: string): string => files.get(name)!.body.toString();
const scripts = [...files.keys()].filter((name) => files.get(name)!.type.startsWith('text/javascript'));

/** What a script imports, as addresses. */
function importsOf(name: string): string[] {
  const { importedFiles } = ts.preProcessFile(textOf(name));
  return importedFiles.map(({ fileName }) => new URL(fileName, `http://host${PAGE_PATH}${name}`).pathname);
}

describe("the page's files", () => {
  test('are under 100 KB packed, all together', () => {
    const bytes = [...files.values()].reduce((sum, { gzip }) => sum + gzip.length, 0);
    expect(bytes).toBeLessThan(100_000);
  });

  test('unpack to what they are', () => {
    for (const { body, gzip } of files.values()) expect(gunzipSync(gzip).equals(body)).toBe(true);
  });

  test('are scripts without types, which a browser can read', () => {
    const errors = scripts.flatMap((name) => {
      const source = ts.transpileModule(textOf(name), { fileName: 'a.js', reportDiagnostics: true, compilerOptions: { allowJs: true, target: ts.ScriptTarget.ESNext } }); // prettier-ignore
      return source.diagnostics?.map(({ messageText }) => `${name}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`) ?? [];
    });
    expect(errors).toEqual([]);
  });

  test('import and refer to each other only', () => {
    const known = new Set([...files.keys()].map((name) => `${PAGE_PATH}${name}`));
    const referred = [...textOf(PAGE_INDEX).matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, address]) => address!);
    expect(referred.length).toBeGreaterThan(scripts.length);
    expect([...referred, ...scripts.flatMap(importsOf)].filter((address) => !known.has(address))).toEqual([]);
  });

  test('are asked for at once: the page preloads every script', () => {
    for (const name of scripts) expect(textOf(PAGE_INDEX)).toContain(`<link rel="modulepreload" href="${PAGE_PATH}${name}" />`);
  });

  test('hold nothing inline, which the policy would refuse', () => {
    expect(textOf(PAGE_INDEX)).not.toMatch(/<style|\sstyle=|\son\w+=|<script(?![^>]*src=)/);
  });
});
