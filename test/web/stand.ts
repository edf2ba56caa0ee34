// The page in a real browser, in front of a real service. What every test asks for is collected here: what the browser
// complained about, and where requests went.
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { expect } from 'vitest';
import { readSettings, Service } from '../../src/service/index.ts';

export interface Stand {
  readonly service: Service;
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
}

const DEFAULTS = {
  ARENASCOPE_SCENARIO: 'none',
  ARENASCOPE_EVENT_LOOPS: '4',
  ARENASCOPE_ARENAS: '2',
  ARENASCOPE_SHUTDOWN_DEADLINE: '1s',
};

/** The service on a free port, or on one that was used before. Nothing is simulated unless a flag says so. */
export async function startStand(flags: readonly string[] = [], port = 0): Promise<Stand> {
  const service = new Service(readSettings(DEFAULTS, [`--port=${port}`, ...flags]));
  const url = await service.listen();
  return { service, url, port: Number(new URL(url).port), stop: () => service.stop() };
}

export interface SeenPage {
  readonly page: Page;
  readonly complaints: string[]; // errors on the console and exceptions
  readonly addresses: Set<string>; // origins that anything was asked of
}

export function launch(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}

export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<SeenPage> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...options });
  const complaints: string[] = [];
  const addresses = new Set<string>();
  page.on('console', (message) => void (message.type() === 'error' && complaints.push(`${message.text()} ${message.location().url}`)));
  page.on('pageerror', (error) => void complaints.push(error.stack ?? error.message));
  page.on('request', (request) => void (request.url().startsWith('data:') || addresses.add(new URL(request.url()).origin)));
  page.on('websocket', (socket) => void addresses.add(new URL(socket.url()).origin.replace(/^ws/, 'http')));
  await page.goto(url);
  await page.locator('.arena canvas').first().waitFor();
  return { page, complaints, addresses };
}

const MIB = 1 << 20;

export const put = (url: string, bytes: number): Promise<Response> => fetch(url, { method: 'PUT', body: new Uint8Array(bytes) });

/** Traffic as in the story: bodies of 20 MB at the same time, then a few of 100 KB. */
export async function storyTraffic(url: string): Promise<void> {
  await Promise.all([1, 2, 3, 4].map(() => put(url, 20 * MIB)));
  for (let i = 0; i < 6; i++) await put(url, 102_400);
}

/** Asks until the answer is as expected; the last answer is compared in the end. */
export async function expectSoon<T>(ask: () => Promise<T>, expected: T): Promise<void> {
  await expect.poll(ask, { timeout: 15_000, interval: 50 }).toEqual(expected);
}
