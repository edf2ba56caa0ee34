// The live page in a real browser, against a real service: the map agrees with the API, a chunk is explained, controls work, the page
// outlives the service, nothing is complained about and nothing is asked of anybody else.
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { occupancy, snapshot } from '../../src/allocator/index.ts';
import { needs } from '../programs.ts';
import { expectSoon, launch, openPage, put, type SeenPage, type Stand, startStand, storyTraffic } from './stand.ts';

const chromium = needs('chromium');
const MIB = 1 << 20;

describe.skipIf(!chromium.available)('the live page', () => {
  let browser: Browser;
  let stand: Stand;
  let seen: SeenPage | undefined;
  beforeAll(async () => {
    browser = await launch(chromium.path);
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    stand = await startStand();
  });
  afterEach(async () => {
    await seen?.page.close();
    seen = undefined;
    await stand.stop();
  });

  const open = async (...args: Parameters<typeof openPage> extends [unknown, unknown, ...infer R] ? R : never): Promise<Page> => {
    seen = await openPage(browser, stand.url, ...args);
    return seen.page;
  };

  test('shows each chunk in its list, with its usage and its pages by holder, as the allocator has them', async () => {
    await storyTraffic(stand.url);
    const page = await open();
    for (const summary of await page.locator('.arena summary').all()) await summary.click();
    const { allocator } = stand.service.runtime;
    for (const { index, lists } of snapshot(allocator).arenas) {
      const expected = lists.flatMap(({ name, chunks }) =>
        chunks.map(({ id, usagePercent, stranded }) => {
          const pages = pagesByHolder(index, id);
          return [id, name, `${usagePercent} %`, pages.live, pages.thread_cache, pages.subpage, pages.free, stranded ? 'stranded' : ''].map(
            String,
          );
        }),
      );
      expect(expected.length).toBeGreaterThan(0);
      await expectSoon(() => rowsOf(page.locator('.arena').nth(index)), expected);
    }
  });

  test('paints as many dots in the colour of thread caches as they hold pages', async () => {
    await storyTraffic(stand.url);
    const page = await open({ reducedMotion: 'reduce' });
    const canvas = page.locator('.arena').first().locator('canvas');
    await canvas.scrollIntoViewIfNeeded();
    const { lists } = snapshot(stand.service.runtime.allocator).arenas[0]!;
    const cached = lists.flatMap(({ chunks }) => chunks).reduce((sum, { id }) => sum + pagesByHolder(0, id).thread_cache, 0);
    expect(cached).toBeGreaterThan(10);
    await expectSoon(() => canvas.evaluate(countPixels, THREAD_CACHE), cached * 4); // a dot is 2 × 2 pixels in large strips
  });

  test('follows the allocator while it is open', async () => {
    const page = await open();
    const facts = page.locator('.arena header p').first();
    await expectSoon(() => facts.textContent(), 'no chunk');
    await Promise.all([put(stand.url, 20 * MIB), put(stand.url, 20 * MIB)]);
    const { lists } = snapshot(stand.service.runtime.allocator).arenas[0]!;
    const count = lists.flatMap(({ chunks }) => chunks).length;
    await expectSoon(async () => (await facts.textContent())?.split(' ')[0], String(count));
    await page.locator('#events').scrollIntoViewIfNeeded(); // out of sight nothing is drawn
    await page.locator('#event-rows tr').first().waitFor();
    expect(await page.locator('#event-rows').textContent()).toContain('chunk.created');
    expect(await page.locator('#connection').textContent()).toBe('live');
  });

  test('a click on a chunk explains it in the sentence of the service, with its holders; Escape closes', async () => {
    await storyTraffic(stand.url);
    const page = await open();
    const canvas = page.locator('.arena canvas').first();
    await canvas.click({ position: await firstStrip(canvas) });
    const inspector = page.locator('#inspector');
    const title = (await inspector.locator('h2').textContent())!;
    const id = Number(/^Chunk (\d+) of arena 0$/.exec(title)![1]);
    const { chunks } = (await (await fetch(`${stand.url}/api/explain`)).json()) as {
      chunks: { arena: number; id: number; sentence: string }[];
    };
    const { sentence } = chunks.find((chunk) => chunk.arena === 0 && chunk.id === id)!;
    const withoutAges = (text: string | null) => text?.replaceAll(/released .*? ago/g, '');
    await expectSoon(async () => withoutAges(await inspector.locator('.explanation').textContent()), withoutAges(sentence));
    expect(await inspector.locator('canvas').getAttribute('aria-label')).toContain('Buddy tree');
    await page.keyboard.press('Escape');
    expect(await inspector.isHidden()).toBe(true);
  });

  test('the keyboard alone chooses a chunk, is told what it is, opens it and comes back', async () => {
    await storyTraffic(stand.url);
    const page = await open();
    const arena = page.locator('.arena').first();
    await arena.locator('canvas').focus();
    await page.keyboard.press('End');
    expect(await arena.locator('[role=option]').textContent()).toMatch(/^Chunk \d+ of arena 0, q\d+, \d+ % used/);
    await page.keyboard.press('Enter');
    await page.locator('#inspector .explanation').waitFor();
    expect(await page.evaluate<string>('document.activeElement.id')).toBe('inspector-title');
    await page.keyboard.press('Escape');
    expect(await page.evaluate<string>('document.activeElement.getAttribute("aria-label")')).toMatch(/^Chunk map of arena 0/);
  });

  test('"Send a 20 MB body" sends one, and trimming gives regions back', async () => {
    const page = await open();
    await page.getByRole('button', { name: 'Send a 20 MB body' }).click();
    const answer = page.locator('#control-answer');
    await expectSoon(async () => /^20,971,520 bytes in \d+ ms: \S+ components, 2 consolidations/.test((await answer.textContent())!), true);
    expect(stand.service.traffic.outcomes.answered).toBe(1);
    const before = cachedBytes();
    await page.getByRole('button', { name: 'Trim the thread caches' }).click();
    await expectSoon(async () => (await answer.textContent())?.includes('went back to their chunks'), true);
    expect(cachedBytes()).toBeLessThan(before);
    const real = () => page.locator('#requests td:nth-child(2)').allTextContents();
    await expectSoon(async () => (await real()).slice(1), ['1', '0', '0']); // the order to trim is no body
  });

  test('a body that finds no memory is told with its reason, and counted', async () => {
    await stand.stop();
    stand = await startStand(['--direct-memory=16m']);
    const page = await open();
    await page.getByRole('button', { name: 'Send a 20 MB body' }).click();
    await expectSoon(async () => (await page.locator('#control-answer').getAttribute('class'))?.includes('alarm'), true);
    await expectSoon(async () => Number(await page.locator('#failures').textContent()) > 0, true);
    seen!.complaints.length = 0; // the browser reports the 503, which is what was asked for
  });

  test('the simulation does what the controls say, and is shown as it is', async () => {
    await stand.stop();
    stand = await startStand(['--scenario=steady-small', '--speed=8640', '--seed=7']);
    const { control, runtime } = stand.service;
    const page = await open();
    await expectSoon(async () => /^\d+$/.test((await page.locator('#day').textContent())!), true);
    await page.getByRole('button', { name: 'Pause' }).click();
    await expectSoon(async () => control.state().paused, true);
    await page.getByRole('button', { name: 'Go on' }).click();
    await expectSoon(async () => control.state().paused, false);
    await page.getByLabel('Speed').selectOption({ label: 'a day a second' });
    await expectSoon(async () => control.state().speed, 86_400);
    await page.getByLabel('Scenario').selectOption('story-serial');
    await page.getByLabel('Seed').fill('41');
    await page.getByRole('button', { name: 'Reset', exact: true }).click();
    await expectSoon(async () => [control.state().scenario, control.state().seed], ['story-serial', 41]);
    await page.getByText('Settings of the allocator').click();
    await page.getByLabel('max-order').fill('9');
    await page.getByRole('button', { name: 'Apply and reset' }).click();
    await expectSoon(async () => runtime.allocator.geometry.chunkBytes, 4 * MIB);
    await expectSoon(async () => (await page.locator('#about').textContent())?.includes('chunks of 4 MiB'), true);
    await expectSoon(async () => Number(await page.locator('#requests td:nth-child(3)').nth(1).textContent()) > 0, true);
  });

  test('a setting that is refused is told with what was expected', async () => {
    const page = await open();
    await page.getByText('Settings of the allocator').click();
    await page.getByLabel('page-size').fill('5000');
    await page.getByRole('button', { name: 'Apply and reset' }).click();
    await expectSoon(
      async () => (await page.locator('#control-answer').textContent())?.includes('pageBytes: 5000 (expected: a power of two'),
      true,
    );
    seen!.complaints.length = 0; // the browser reports the 400, which is what was asked for
  });

  test('the event log filters by kind, arena and words', async () => {
    const page = await open();
    await storyTraffic(stand.url);
    await page.locator('#events').scrollIntoViewIfNeeded();
    const rows = page.locator('#event-rows tr');
    const kinds = async () => [...new Set(await rows.locator('td:nth-child(3)').allTextContents())].sort();
    await expectSoon(async () => (await kinds()).includes('chunk.moved'), true);
    await page.getByLabel('chunk.moved').uncheck();
    await expectSoon(async () => (await kinds()).includes('chunk.moved'), false); // drawn a few times a second
    await page.getByLabel('Search').fill('CHUNK created');
    await expectSoon(kinds, ['chunk.created']);
    await page.locator('#event-arena').selectOption('1');
    await expectSoon(async () => (await rows.allTextContents()).every((text) => text.includes('arena 1')), true);
    await page.getByLabel('Search').fill('nothing like it');
    await expectSoon(() => rows.count(), 0);
  });

  test('an alert that Alertmanager reports is in the event log, marked', async () => {
    const page = await open();
    const labels = { alertname: 'DirectMemoryHeadroomLow', severity: 'warning', instance: 'a:3000' };
    const alert = { status: 'firing', labels, annotations: { summary: 'Headroom is low.' }, startsAt: '2026-11-22T00:00:00Z' };
    const body = JSON.stringify({ version: '4', status: 'firing', receiver: 'arenascope', alerts: [alert] });
    expect((await fetch(`${stand.url}/api/alerts`, { method: 'POST', body })).status).toBe(200);
    await page.locator('#events').scrollIntoViewIfNeeded();
    const row = page.locator('#event-rows tr', { hasText: 'alert.fired' });
    await expectSoon(async () => (await row.allTextContents()).join().includes('DirectMemoryHeadroomLow'), true);
    expect(await row.first().getAttribute('class')).toContain('bad');
  });

  test('the charts are painted, the heat map of usage among them', async () => {
    await stand.stop();
    stand = await startStand(['--scenario=production', '--speed=1000000']);
    const page = await open();
    const charts = page.locator('#charts .uplot canvas');
    await expectSoon(async () => (await charts.count()) >= 4, true);
    for (const chart of await charts.all()) await expectSoon(async () => (await chart.evaluate(countColours)) > 3, true);
  });

  test('what found no memory is marked in the charts', async () => {
    await stand.stop();
    stand = await startStand(['--scenario=production', '--direct-memory=384m', '--speed=500000']);
    const page = await open({ colorScheme: 'light' });
    const headroom = page.locator('#charts .uplot canvas').first();
    await expectSoon(async () => (await headroom.evaluate(countPixels, ALARM)) > 10, true);
  });

  test('outlives the service: says that it is gone, comes back by itself, and shows the new one', async () => {
    await storyTraffic(stand.url);
    const page = await open();
    const pill = page.locator('#connection');
    const opacity = () => page.evaluate<string>("getComputedStyle(document.querySelector('#glance')).opacity");
    await expectSoon(() => pill.textContent(), 'live');
    expect(await opacity()).toBe('1');
    const { port } = stand;
    await stand.stop();
    await expectSoon(() => pill.textContent(), 'the service does not answer; trying again');
    expect(await opacity()).toBe('0.5'); // what is shown is old
    stand = await startStand([], port);
    await expectSoon(() => pill.textContent(), 'live, reconnected');
    expect(await opacity()).toBe('1');
    await expectSoon(() => page.locator('.arena header p').allTextContents(), ['no chunk', 'no chunk']);
    expect(seen!.complaints.filter((text) => !/ERR_CONNECTION|ERR_EMPTY|ERR_SOCKET|WebSocket|net::/.test(text))).toEqual([]);
    seen!.complaints.length = 0; // the browser reports each failed connection
  });

  test.each([
    [1280, 'light'],
    [1280, 'dark'],
    [390, 'light'],
    [390, 'dark'],
  ] as const)('at %i pixels, %s: nothing is complained about, nothing asked of others, nothing sticks out', async (width, colorScheme) => {
    await storyTraffic(stand.url);
    const page = await open({ viewport: { width, height: 844 }, colorScheme });
    await page.locator('.u-legend').first().waitFor(); // the charts are there
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    expect(seen!.complaints).toEqual([]);
    expect([...seen!.addresses]).toEqual([stand.url]);
  });

  test('the theme is chosen, kept, and painted', async () => {
    const page = await open({ colorScheme: 'light' });
    const ground = () => page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    const light = await ground();
    for (let press = 0; press < 2; press++) await page.locator('#theme').click();
    expect(await ground()).not.toBe(light);
    await page.reload();
    await page.locator('.arena canvas').first().waitFor();
    expect([await page.locator('#theme').textContent(), (await ground()) === light]).toEqual(['Theme: dark', false]);
  });

  /** Pages of a chunk by what they show, from the full account. */
  function pagesByHolder(arena: number, id: number): Record<'live' | 'thread_cache' | 'subpage' | 'free', number> {
    const pages = { live: 0, thread_cache: 0, subpage: 0, free: 0 };
    for (const run of occupancy(stand.service.runtime.allocator, arena, id)!.runs) {
      const slots = run.holder === 'subpage' ? run.slots : [];
      const shown = slots.some(({ holder }) => holder === 'live') ? 'live' : slots.length > 0 ? 'thread_cache' : run.holder;
      pages[shown] += run.pages;
    }
    return pages;
  }

  const cachedBytes = (): number => snapshot(stand.service.runtime.allocator).caches.reduce((sum, { bytes }) => sum + bytes, 0);
});

async function rowsOf(arena: Locator): Promise<string[][]> {
  const rows = await arena.locator('tbody tr').all();
  return Promise.all(rows.map((row) => row.locator('th, td').allTextContents()));
}

/** As much of a canvas as is used here: the browser's types are not those of this file. */
interface Canvas {
  readonly width: number;
  readonly height: number;
  getContext(kind: '2d'): { getImageData(x: number, y: number, width: number, height: number): { readonly data: Uint8ClampedArray } };
}

const THREAD_CACHE = [0xe6, 0x9f, 0x00] as const;
const ALARM = [0xc0, 0x3b, 0x00] as const;

/** Pixels of a canvas in this colour. Runs in the browser. */
function countPixels(node: unknown, [red, green, blue]: readonly [number, number, number]): number {
  const canvas = node as Canvas;
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let count = 0;
  for (let i = 0; i < data.length; i += 4) if (data[i] === red && data[i + 1] === green && data[i + 2] === blue) count++;
  return count;
}

/** Colours that a canvas shows. */
function countColours(node: unknown): number {
  const canvas = node as Canvas;
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const seen = new Set<number>();
  for (let i = 0; i < data.length; i += 4) if (data[i + 3]! > 0) seen.add((data[i]! << 16) | (data[i + 1]! << 8) | data[i + 2]!);
  return seen.size;
}

/** The middle of the first strip: beside the label of the first list that is not empty. */
async function firstStrip(canvas: Locator): Promise<{ x: number; y: number }> {
  const box = (await canvas.boundingBox())!;
  const label = (await canvas.page().locator('.arena').first().locator('.list:not(.empty)').first().boundingBox())!;
  return { x: 108 + 40, y: label.y - box.y + 12 };
}
