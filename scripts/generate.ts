// `npm run generate`: writes every file, and part of a file, that is made from a table in the source. CI fails when one is stale.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generatedFiles } from './generated.ts';

const root = join(import.meta.dirname, '..');
for (const { path, text } of generatedFiles(root)) {
  if (readFileSync(join(root, path), { encoding: 'utf8', flag: 'a+' }) === text) continue;
  writeFileSync(join(root, path), text);
  console.log(`generated ${path}`);
}
