// The README's pictures of the live page: `node scripts/screenshots.ts URL`, of a service that runs. Needs Debian's chromium.
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { locate } from '../test/programs.ts';

const [url = 'http://127.0.0.1:3000'] = process.argv.slice(2);
const folder = join(import.meta.dirname, '..', 'docs', 'images');
const SHOTS = [
  { name: 'page-light', width: 1280, height: 900, colorScheme: 'light', opensChunk: false },
  { name: 'page-dark', width: 1280, height: 900, colorScheme: 'dark', opensChunk: false },
  { name: 'chunk', width: 1280, height: 900, colorScheme: 'light', opensChunk: true },
  { name: 'page-narrow', width: 390, height: 844, colorScheme: 'dark', opensChunk: false },
] as const;
const SETTLE_MILLISECONDS = 3000; // charts, sentences, and the strips' fades

const browser = await chromium.launch({ executablePath: locate('chromium').path, args: ['--no-sandbox'] });
try {
  for (const { name, width, height, colorScheme, opensChunk } of SHOTS) {
    const page = await browser.newPage({ viewport: { width, height }, colorScheme });
    await page.goto(url);
    const canvas = page.locator('.arena canvas').first();
    await canvas.waitFor();
    if (opensChunk) {
      await page.locator('#map').scrollIntoViewIfNeeded();
      await canvas.focus();
      for (const key of ['Home', 'ArrowRight', 'Enter']) await page.keyboard.press(key);
    }
    await page.waitForTimeout(SETTLE_MILLISECONDS);
    await page.screenshot({ path: join(folder, `${name}.png`) });
    await page.close();
  }
} finally {
  await browser.close();
}
