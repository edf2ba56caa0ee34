// The row that answers "is it all right?": headroom and who holds the rest, what would fail next, the simulated day, failures.
import type { Arenas } from './api.ts';
import { byId, element, fitCanvas, setText } from './dom.ts';
import { formatBytes, formatCount, formatPercent, formatSimTime, plural } from './format.ts';
import type { HistoryStore } from './history-store.ts';
import { outlookOf } from './outlook.ts';
import type { Palette } from './palette.ts';
import { type SimulationInfo, speedLabel } from './simulation.ts';
import { LEAST_SAMPLES, trendOf } from './trend.ts';

const SHARES = ['live', 'thread_cache', 'subpage', 'free', 'huge', 'headroom'] as const;
type Share = (typeof SHARES)[number];
const SHARE_LABELS: Readonly<Record<Share, string>> = {
  live: 'live',
  thread_cache: 'thread caches',
  subpage: 'kept subpages',
  free: 'free in chunks',
  huge: 'huge',
  headroom: 'headroom',
};
const TREND_DAYS = 30; // simulated; without a simulation:
const TREND_SECONDS = 600;
const SOON_DAYS = 30;
const MAX_PROSPECTS = 3;

export class Glance {
  readonly #bar = byId('bar', HTMLElement);
  readonly #parts = new Map(SHARES.map((share) => [share, element('span', { class: `is-${share}` })]));
  readonly #values = new Map(SHARES.map((share) => [share, element('b')]));
  #palette: Palette;
  #prospects: readonly string[] | null = null;

  constructor(palette: Palette) {
    this.#palette = palette;
    this.#bar.replaceChildren(...this.#parts.values());
    const items = SHARES.map((share) =>
      element('li', {}, element('span', { class: `swatch is-${share}` }), `${SHARE_LABELS[share]} `, this.#values.get(share)!),
    );
    byId('shares', HTMLElement).replaceChildren(...items);
  }

  setPalette(palette: Palette): void {
    this.#palette = palette;
  }

  showArenas(arenas: Arenas): void {
    const { limitBytes, reservedBytes, hugeBytes, exhausted, version, chunkBytes } = arenas;
    const headroom = limitBytes - reservedBytes;
    setText(byId('about', HTMLElement), `Netty ${version} · ${plural(arenas.arenas.length, 'arena')} · chunks of ${formatBytes(chunkBytes)} · ${plural(arenas.threadCaches.length, 'event loop')}`); // prettier-ignore
    setText(byId('headroom', HTMLElement), formatBytes(headroom));
    setText(byId('limit', HTMLElement), `of ${formatBytes(limitBytes)}, ${formatBytes(reservedBytes)} reserved`);
    const sums: Record<Share, number> = { live: 0, thread_cache: 0, subpage: 0, free: 0, huge: hugeBytes, headroom };
    for (const chunk of arenas.arenas.flatMap(({ lists }) => lists.flatMap(({ chunks }) => chunks))) {
      sums.live += chunk.liveBytes;
      sums.thread_cache += chunk.cachedBytes;
      sums.subpage += chunk.subpageBytes;
      sums.free += chunk.freeBytes;
    }
    for (const share of SHARES) {
      this.#parts.get(share)!.style.flexGrow = String(sums[share] / limitBytes);
      setText(this.#values.get(share)!, formatBytes(sums[share]));
    }
    this.#bar.setAttribute(
      'aria-label',
      SHARES.map((share) => `${SHARE_LABELS[share]} ${formatPercent(sums[share] / limitBytes)}`).join(', '),
    );
    const { isAlarming, headline, more } = outlookOf(arenas);
    this.#showOutlook(isAlarming, headline, this.#prospects ?? more);
    const failures = exhausted.chunk + exhausted.huge;
    setText(byId('failures', HTMLElement), formatCount(failures));
    byId('failures', HTMLElement).classList.toggle('alarm', failures > 0);
    const causes = `${formatCount(exhausted.huge)} huge, ${formatCount(exhausted.chunk)} for a chunk`;
    setText(byId('failures-more', HTMLElement), failures === 0 ? 'no reservation was refused' : causes);
  }

  /** The service's own sentences, by arena, in place of the page's guess. */
  showProspects(sentences: readonly string[]): void {
    this.#prospects =
      sentences.length > MAX_PROSPECTS
        ? [...sentences.slice(0, MAX_PROSPECTS), `and ${sentences.length - MAX_PROSPECTS} more, in /api/explain.`]
        : sentences;
  }

  #showOutlook(isAlarming: boolean, headline: string, more: readonly string[]): void {
    const lead = byId('outlook', HTMLElement);
    setText(lead, headline);
    lead.classList.toggle('alarm', isAlarming);
    const list = byId('outlook-more', HTMLElement);
    if (list.textContent !== more.join('')) list.replaceChildren(...more.map((line) => element('li', {}, line)));
  }

  showSimulation({ scenario, seed, paused, simSeconds, speedReached }: SimulationInfo): void {
    const isNone = scenario === 'none';
    setText(byId('day', HTMLElement), isNone ? 'none' : formatSimTime(simSeconds));
    const pace = paused ? 'paused' : speedReached === 0 ? 'starting' : speedLabel(speedReached);
    setText(byId('day-more', HTMLElement), isNone ? 'only real requests' : `${scenario}, seed ${seed}, ${pace}`);
  }

  showHistory(history: HistoryStore): void {
    const { x, headroomBytes, limitBytes, unit } = history;
    const now = x.at(-1) ?? 0;
    const since = now - (unit === 'day' ? TREND_DAYS : TREND_SECONDS);
    const recent = x.findIndex((value) => value >= since);
    const first = Math.max(0, Math.min(recent, x.length - LEAST_SAMPLES)); // at high speed a month is but a few samples
    this.#showTrend(trendOf(x.slice(first), headroomBytes.slice(first), limitBytes), unit);
    this.#drawSparkline(headroomBytes.slice(-256), limitBytes);
  }

  #showTrend(trend: ReturnType<typeof trendOf>, unit: 'day' | 'second'): void {
    const target = byId('trend', HTMLElement);
    target.classList.toggle('alarm', unit === 'day' && trend !== null && trend.unitsLeft < SOON_DAYS);
    if (trend === null) setText(target, 'Trend: not enough seen yet.');
    else if (trend.bytesPerUnit === 0) setText(target, 'Trend: steady.');
    else {
      const [perUnit, name] = unit === 'day' ? [1, 'simulated day'] : [60, 'minute'];
      const rate = `${trend.bytesPerUnit > 0 ? '+' : ''}${formatBytes(trend.bytesPerUnit * perUnit)} per ${name}`;
      const left = Number.isFinite(trend.unitsLeft)
        ? `; at this rate it is gone in ${plural(Math.max(1, Math.round(trend.unitsLeft / perUnit)), name)}`
        : '';
      setText(target, `Trend: ${rate}${left}.`);
    }
  }

  #drawSparkline(headroom: readonly number[], limitBytes: number): void {
    const canvas = byId('sparkline', HTMLCanvasElement);
    const [width, height] = [canvas.clientWidth, 56];
    fitCanvas(canvas, width, height);
    canvas.style.width = '';
    const context = canvas.getContext('2d')!;
    const ratio = canvas.height / height;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    if (headroom.length < 2) return;
    const at = (i: number): [number, number] => [
      (i * width) / (headroom.length - 1),
      height - 2 - (headroom[i]! / limitBytes) * (height - 4),
    ];
    context.beginPath();
    headroom.forEach((_, i) => context.lineTo(...at(i)));
    context.strokeStyle = this.#palette.accent;
    context.lineWidth = 2;
    context.lineJoin = 'round';
    context.stroke();
    context.lineTo(width, height);
    context.lineTo(0, height);
    context.globalAlpha = 0.12;
    context.fillStyle = this.#palette.accent;
    context.fill();
    context.globalAlpha = 1;
  }
}
