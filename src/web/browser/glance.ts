// The row that answers "is it all right?": headroom and who holds the rest, what would fail next, the simulated day, failures.
import type { Arenas } from './api.ts';
import { byId, element, fitCanvas, setText } from './dom.ts';
import { formatBytes, formatCount, formatPercent, formatSimTime, plural } from './format.ts';
import type { HistoryStore } from './history-store.ts';
import { Announcer } from './announcer.ts';
import { outlookOf, type Prospects } from './outlook.ts';
import type { Palette } from './palette.ts';
import { DAY_SECONDS, type SimulationInfo, speedLabel } from './simulation.ts';
import { chunksOf, storyText, sumsOf } from './story.ts';
import { type Present, trendText } from './trend-text.ts';

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

const SPARKLINE_SAMPLES = 256;

export class Glance {
  readonly #bar = byId('bar', HTMLElement);
  readonly #parts = new Map(SHARES.map((share) => [share, element('span', { class: `is-${share}` })]));
  readonly #values = new Map(SHARES.map((share) => [share, element('b')]));
  #palette: Palette;
  readonly #announcer = new Announcer((text) => setText(byId('announcement', HTMLElement), text));
  #present: Present = { headroomBytes: Infinity, chunkBytes: 0 };
  #isSimulated = false;
  #firstFailureDay: number | null = null;

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
    const sums: Record<Share, number> = { ...sumsOf(chunksOf(arenas)), huge: hugeBytes, headroom };
    for (const share of SHARES) {
      this.#parts.get(share)!.style.flexGrow = String(sums[share] / limitBytes);
      setText(this.#values.get(share)!, formatBytes(sums[share]));
    }
    this.#bar.setAttribute(
      'aria-label',
      SHARES.map((share) => `${SHARE_LABELS[share]} ${formatPercent(sums[share] / limitBytes)}`).join(', '),
    );
    this.#present = { headroomBytes: headroom, chunkBytes };
    setText(byId('story', HTMLElement), storyText(arenas, this.#firstFailureDay));
    this.#announcer.show(arenas, performance.now());
    const failures = exhausted.chunk + exhausted.huge;
    setText(byId('failures', HTMLElement), formatCount(failures));
    byId('failures', HTMLElement).classList.toggle('alarm', failures > 0);
    const causes = `${formatCount(exhausted.huge)} huge, ${formatCount(exhausted.chunk)} for a chunk`;
    setText(byId('failures-more', HTMLElement), failures === 0 ? 'no reservation was refused' : causes);
  }

  showProspects(prospects: Prospects): void {
    const { isAlarming, headline, more } = outlookOf(prospects, formatBytes);
    const lead = byId('outlook', HTMLElement);
    setText(lead, headline);
    lead.classList.toggle('alarm', isAlarming);
    const lines = this.#isSimulated ? [...more, `As of ${formatSimTime(prospects.clock)}.`] : more;
    const list = byId('outlook-more', HTMLElement);
    if (list.textContent !== lines.join('')) list.replaceChildren(...lines.map((line) => element('li', {}, line)));
  }

  showSimulation({ scenario, seed, paused, simSeconds, speedReached, firstFailure }: SimulationInfo): void {
    this.#isSimulated = scenario !== 'none';
    this.#firstFailureDay = firstFailure === null ? null : Math.floor(firstFailure.simSeconds / DAY_SECONDS) + 1;
    const pace = paused ? 'paused' : speedReached === 0 ? 'starting' : speedLabel(speedReached);
    const [day = '', time = ''] = formatSimTime(simSeconds).slice('day '.length).split(', ');
    setText(byId('day', HTMLElement), this.#isSimulated ? day : 'none');
    setText(byId('day-more', HTMLElement), this.#isSimulated ? `${time} · ${scenario}, seed ${seed}, ${pace}` : 'only real requests');
  }

  showHistory(history: HistoryStore): void {
    const { text, isAlarming } = trendText(history, this.#present);
    const target = byId('trend', HTMLElement);
    setText(target, text);
    target.classList.toggle('alarm', isAlarming);
    this.#drawSparkline(history.headroomBytes.slice(-SPARKLINE_SAMPLES), history.limitBytes);
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
