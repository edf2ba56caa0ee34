// The live page under load: frames per second, first paint and size, with 8 arenas × 64 chunks whose chunks move 5,000 times a second.
//   node bench/page.ts [seconds]          prints a table; needs Debian's chromium
// The service runs in a process of its own, as it does for users; the browser draws in software, as it does without a screen.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { chromium, type Page } from 'playwright-core';
import { pageFiles } from '../src/web/index.ts';
import { locate } from '../test/programs.ts';
import { heading, table } from './table.ts';

const ARENAS = 8;
const CHUNKS = 64;
const EVENTS_PER_SECOND = 5000;
const SETTLE_MILLISECONDS = 3000;

interface Measured {
  readonly frames: number[]; // milliseconds from frame to frame
  readonly longTasks: number; // over 50 ms
}

const seconds = Number(process.argv[2] ?? 10);
const { path } = locate('chromium');
const server = fork(new URL('./page-server.ts', import.meta.url), [String(ARENAS), String(CHUNKS), String(EVENTS_PER_SECOND)]);
const [url] = (await once(server, 'message')) as [string];
const browser = await chromium.launch({ executablePath: path, args: ['--no-sandbox'] });
try {
  const rows: string[][] = [];
  const paints: number[] = [];
  for (let i = 0; i < 3; i++) paints.push(await firstPaint());
  rows.push(['first contentful paint', `${Math.min(...paints).toFixed(0)} ms (most ${Math.max(...paints).toFixed(0)})`, 'under 1000 ms']);
  const packed = [...pageFiles().values()].reduce((sum, { gzip }) => sum + gzip.length, 0);
  rows.push(['all files, packed', `${(packed / 1000).toFixed(1)} KB`, 'under 100 KB']);
  for (const [name, width, height] of [
    ['1280 × 900', 1280, 900],
    ['390 × 844', 390, 844],
  ] as const) {
    const page = await browser.newPage({ viewport: { width, height } });
    await page.goto(url);
    await page.locator('.arena canvas').first().waitFor();
    await page.locator('#map').scrollIntoViewIfNeeded();
    await page.waitForTimeout(SETTLE_MILLISECONDS);
    const before = await eventsReceived(page);
    const { frames, longTasks } = await measure(page, seconds * 1000);
    const events = ((await eventsReceived(page)) - before) / seconds;
    const sorted = frames.toSorted((a, b) => a - b);
    const perSecond = (1000 * frames.length) / frames.reduce((sum, frame) => sum + frame, 0);
    rows.push([
      `frames, ${name}`,
      `${perSecond.toFixed(1)}/s; median ${at(sorted, 0.5)} ms, 95 % ${at(sorted, 0.95)} ms, worst ${at(sorted, 1)} ms`,
      '60/s',
    ]);
    rows.push([`events received, ${name}`, `${events.toFixed(0)}/s, ${longTasks} tasks over 50 ms`, `${EVENTS_PER_SECOND}/s`]);
    await page.close();
  }
  console.log(heading('live page'));
  console.log(table([['measure', `${ARENAS} arenas × ${CHUNKS} chunks`, 'goal'], ...rows]));
} finally {
  await browser.close();
  server.disconnect();
}

function at(sorted: readonly number[], share: number): string {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!.toFixed(1);
}

async function firstPaint(): Promise<number> {
  const page = await browser.newPage();
  await page.goto(url);
  await page.locator('.arena canvas').first().waitFor();
  const milliseconds = await page.evaluate<number>("performance.getEntriesByName('first-contentful-paint')[0].startTime");
  await page.close();
  return milliseconds;
}

async function eventsReceived(page: Page): Promise<number> {
  return Number(/^[\d,]+/.exec((await page.locator('#events-note').textContent())!)?.[0].replaceAll(',', '') ?? 0);
}

function measure(page: Page, milliseconds: number): Promise<Measured> {
  return page.evaluate<Measured>(`new Promise((resolve) => {
    const frames = [];
    let longTasks = 0;
    new PerformanceObserver((list) => { longTasks += list.getEntries().length; }).observe({ type: 'longtask' });
    const started = performance.now();
    let last = null;
    requestAnimationFrame(function frame(now) {
      if (last !== null) frames.push(now - last);
      last = now;
      if (performance.now() - started < ${milliseconds}) requestAnimationFrame(frame);
      else resolve({ frames, longTasks });
    });
  })`);
}
