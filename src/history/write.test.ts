import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadScenario } from '../simulation/index.ts';
import { planHistory } from './plan.ts';
import { totalsOf, writeHistory } from './write.ts';

const root = mkdtempSync(join(tmpdir(), 'arenascope-history-'));
afterAll(() => rmSync(root, { recursive: true }));

const plansIn = (folder: string, days = 2) =>
  planHistory({ scenario: loadScenario('story-serial'), seed: 3, days, endSeconds: 1_795_392_000, stepHours: 1, settings: ['unpooled'], folder }); // prettier-ignore
const contentOf = (folder: string) => Object.fromEntries(readdirSync(folder).sort().map((file) => [file, readFileSync(join(folder, file), 'utf8')])); // prettier-ignore

test('the same plans give the same bytes, on one thread or two', async () => {
  const [one, other] = [join(root, 'one'), join(root, 'other')];
  const records = await writeHistory(plansIn(one), one, { workers: 1 });
  await writeHistory(plansIn(other), other, { workers: 2 });
  expect(contentOf(one)).toEqual(contentOf(other));
  expect(records!.map(({ name }) => name)).toEqual(['as-it-was', 'unpooled']);
  expect(totalsOf(records!)).toMatchObject({ runs: 2, files: Object.keys(contentOf(one)).length });
});

test('broken off it returns null and leaves nothing behind', async () => {
  const folder = join(root, 'aborted');
  const abort = new AbortController();
  const onProgress = () => abort.abort(); // at the first day that is over
  expect(await writeHistory(plansIn(folder, 2000), folder, { workers: 1, onProgress, signal: abort.signal })).toBeNull();
  expect(readdirSync(folder)).toEqual([]);
});

test('a worker that fails takes all files with it', async () => {
  const folder = join(root, 'failed');
  const plans = plansIn(folder);
  const broken = { ...plans[1]!, folder: join(root, 'nowhere') };
  await expect(writeHistory([plans[0]!, broken], folder, { workers: 1 })).rejects.toThrow('ENOENT');
  expect(readdirSync(folder)).toEqual([]);
});

test('a folder that has a history is refused and left alone', async () => {
  const folder = mkdtempSync(join(root, 'used-'));
  writeFileSync(join(folder, 'old.om'), '# EOF\n');
  await expect(writeHistory(plansIn(folder), folder)).rejects.toThrow(/output: .+ \(expected: a folder without \.om files; it has 1\)/);
  expect(existsSync(join(folder, 'old.om'))).toBe(true);
});
