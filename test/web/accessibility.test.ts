// The live page for those who do not see it, or not all of it, or use no pointer: what the browser tells assistive technology, what
// axe-core finds, where the focus goes, what moves. In a real browser, against a real service.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { needs } from '../programs.ts';
import { expectSoon, launch, openPage, put, type Stand, startStand, storyTraffic } from './stand.ts';

const chromium = needs('chromium');
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What an axe run answers, as far as it is read here. */
interface AxeResult {
  readonly violations: readonly { readonly id: string; readonly help: string; readonly nodes: readonly { readonly html: string }[] }[];
}

/** A node of Chromium's accessibility tree. */
interface Node {
  readonly role: string;
  readonly name: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

const CONTROL_ROLES = ['button', 'combobox', 'textbox', 'searchbox', 'spinbutton', 'checkbox', 'link', 'listbox', 'option', 'DisclosureTriangle']; // prettier-ignore

const MOST_STOPS = 80; // of the Tab key
const LINE = 24; // pixels
/** Where the focus is on the page, and what has it; null: nothing has. Runs in the browser. */
const ACTIVE = `(() => {
  const at = document.activeElement;
  if (at === document.body) return null;
  const { top, left } = at.getBoundingClientRect();
  return { top: top + scrollY, left, what: at.id || at.textContent.trim() || at.tagName };
})()`;

describe.skipIf(!chromium.available)('the live page, to assistive technology', () => {
  let browser: Browser;
  let stand: Stand;
  let page: Page;
  beforeAll(async () => {
    browser = await launch(chromium.path);
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    stand = await startStand();
  });
  afterEach(async () => {
    await page.close();
    await stand.stop();
  });

  const open = async (...args: Parameters<typeof openPage> extends [unknown, unknown, ...infer R] ? R : never): Promise<Page> => {
    ({ page } = await openPage(browser, stand.url, ...args));
    return page;
  };

  /** The page with all of it unfolded: settings, tables, a chunk explained. */
  async function unfold(): Promise<void> {
    for (const summary of await page.locator('summary').all()) await summary.click();
    await page.locator('.arena canvas').first().focus();
    for (const key of ['Home', 'Enter']) await page.keyboard.press(key);
    await page.locator('#inspector .explanation').waitFor();
    await page.locator('.u-legend').first().waitFor();
    await page.locator('#events').scrollIntoViewIfNeeded(); // out of sight no event is drawn
    await page.locator('#event-rows tr').first().waitFor();
  }

  test.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 390],
    ['dark', 390],
  ] as const)('axe finds nothing, contrast of all text included: %s, %i pixels', async (colorScheme, width) => {
    await open({ colorScheme, viewport: { width, height: 844 }, bypassCSP: true }); // axe is no script of the page
    await storyTraffic(stand.url);
    await unfold();
    await page.addScriptTag({ content: AXE });
    const { violations } = await page.evaluate<AxeResult>('axe.run(document, { resultTypes: ["violations"] })');
    expect(violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
  });

  test('each control has a role and a name', async () => {
    await open();
    await storyTraffic(stand.url);
    await unfold();
    const controls = (await tree()).filter(({ role }) => CONTROL_ROLES.includes(role));
    expect(new Set(controls.map(({ role }) => role))).toEqual(new Set(CONTROL_ROLES)); // none is overlooked
    expect(controls.filter(({ name }) => name.trim() === '')).toEqual([]);
  });

  test('a chunk is reached by the keyboard, and said in words: arena, list, usage, holders, place among the others', async () => {
    await storyTraffic(stand.url);
    await open();
    const { lists } = stand.service.runtime.allocator.arenas[1]!;
    await page.locator('.arena canvas').nth(1).focus();
    await page.keyboard.press('End');
    const [option] = (await tree()).filter(({ role, name }) => role === 'option' && name.startsWith('Chunk'));
    expect(option!.name).toMatch(/^Chunk \d+ of arena 1, q\d+, \d+ % used(, stranded)?; (of 2,048 pages (\d+ (live|in thread caches|kept as subpages)(, )?)+|all 2,048 pages free)$/); // prettier-ignore
    const chunks = lists.reduce((sum, { head }) => {
      for (let chunk = head; chunk !== null; chunk = chunk.next) sum++;
      return sum;
    }, 0);
    const place = await page.locator('[role=option]').nth(0).evaluate(placeOf);
    expect(place).toEqual([chunks, chunks]);
  });

  test('the active chunk is told anew when it changes', async () => {
    await put(stand.url, 102_400);
    await open();
    await page.locator('.arena canvas').first().focus();
    const active = page.locator('.arena').first().locator('[role=option]');
    const before = await active.textContent();
    await storyTraffic(stand.url);
    await expectSoon(async () => (await active.textContent()) !== before, true);
  });

  test('headroom and failures are announced politely, all other numbers change in silence', async () => {
    await open();
    const live = (await tree()).filter(({ properties }) => properties['live'] !== undefined && properties['live'] !== 'off');
    expect(live.map(({ properties }) => properties['live'])).toEqual(live.map(() => 'polite'));
    const ids = await page.evaluate<string[]>(
      '[...document.querySelectorAll("[aria-live], [role=status], [role=alert], [role=log], output")].map(({ id }) => id).sort()',
    );
    expect(ids).toEqual(['announcement', 'connection', 'control-answer']);
  });

  test('Tab goes through the page from top to bottom, and reaches all of it', async () => {
    await storyTraffic(stand.url);
    await open();
    const places: { top: number; left: number }[] = [];
    const reached: string[] = [];
    for (let press = 0; press < MOST_STOPS; press++) {
      await page.keyboard.press('Tab');
      const at = await page.evaluate<{ top: number; left: number; what: string } | null>(ACTIVE);
      if (at === null) break;
      if (press > 0) places.push(at); // the first one, the way to skip, lies over the page
      reached.push(at.what);
    }
    expect(reached[0]).toBe('Skip to the chunk map');
    for (const id of ['theme', 'scenario', 'seed', 'reset', 'send', 'trim', 'event-search', 'event-hold', 'event-scroller'])
      expect(reached).toContain(id);
    const isBack = ({ top, left }: (typeof places)[0], before: (typeof places)[0]) => top < before.top - LINE && left <= before.left;
    expect(places.filter((place, i) => i > 0 && isBack(place, places[i - 1]!))).toEqual([]); // down, or to the right
    expect(reached.length).toBeLessThan(MOST_STOPS); // no trap
  });

  test('the focus stays where it is while everything around it changes', async () => {
    await stand.stop();
    stand = await startStand(['--scenario=production', '--speed=864000']);
    await open();
    for (const summary of await page.locator('#arenas summary').all()) await summary.click();
    const places = ['#speed', '#seed', '#pause', '#send', '.arena canvas', '.arena tbody button', '#event-search', '#event-scroller'];
    for (const place of places) {
      await page.locator(place).first().waitFor();
      await page.locator(place).first().focus();
      await page.evaluate('void (window.focused = document.activeElement)');
      const day = await page.locator('#day-more').textContent();
      await expectSoon(async () => (await page.locator('#day-more').textContent()) !== day, true); // the page was shown anew
      expect(await page.evaluate<boolean>('document.activeElement === window.focused'), place).toBe(true);
    }
  });

  test.each([
    ['reduce', false],
    ['no-preference', true],
  ] as const)('with %s, chunks that come and go make the page move: %s', async (reducedMotion, moves) => {
    await open({ reducedMotion });
    await page.locator('#map').scrollIntoViewIfNeeded();
    await page.evaluate(`void (() => {
      window.frames = 0;
      const usual = requestAnimationFrame;
      window.requestAnimationFrame = (draw) => { window.frames++; return usual(draw); };
    })()`);
    await put(stand.url, 102_400);
    await expectSoon(
      async () => (await page.locator('.arena header p').allTextContents()).some((text) => text.startsWith('1 chunk')),
      true,
    );
    const still = (): Promise<number> => page.evaluate<number>('new Promise((done) => setTimeout(() => done(window.frames), 1500))');
    const frames = await still();
    if (moves) expect(frames).toBeGreaterThan(10);
    else expect(frames).toBeLessThanOrEqual(10); // one or two for each answer of the service
    expect(await page.evaluate<number>('document.getAnimations().length')).toBe(0);
  });

  /** What the browser tells of the page, in order. */
  async function tree(): Promise<Node[]> {
    const session: CDPSession = await page.context().newCDPSession(page);
    const { nodes } = await session.send('Accessibility.getFullAXTree');
    await session.detach();
    return nodes
      .filter(({ ignored }) => !ignored)
      .map(({ role, name, properties = [] }) => ({
        role: String(role?.value),
        name: String(name?.value ?? ''),
        properties: Object.fromEntries(properties.map((property) => [property.name, property.value.value])),
      }));
  }
});

/** Runs in the browser. */
function placeOf(node: unknown): number[] {
  const element = node as { getAttribute(name: string): string | null };
  return ['aria-posinset', 'aria-setsize'].map((name) => Number(element.getAttribute(name)));
}
