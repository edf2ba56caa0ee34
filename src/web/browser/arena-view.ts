// One arena: heading, list labels, the board of strips, and the same as a table. Pointer and keyboard choose chunks.
import { element, setText } from './dom.ts';
import { formatBytes, plural } from './format.ts';
import { requestFrame } from './frames.ts';
import { type ChunkStrip, countPages, LIST_NAMES, LIST_RANGES, type PageMap } from './page-map-reader.ts';
import type { Palette } from './palette.ts';
import { describeStrip, StripBoard } from './strip-board.ts';
import { StripTable } from './strip-table.ts';

export type Choose = (arena: number, chunk: number, from: HTMLElement) => void;

export class ArenaView {
  readonly root: HTMLElement;
  readonly index: number;
  readonly #board: StripBoard;
  readonly #canvas = element('canvas', { tabindex: 0, role: 'application', 'aria-roledescription': 'chunk map' });
  readonly #map: HTMLElement;
  readonly #facts = element('p', { class: 'quiet' });
  readonly #labels: readonly HTMLElement[];
  readonly #tip = element('p', { class: 'tip', hidden: true });
  readonly #spoken = element('p', { class: 'unseen', role: 'status' });
  readonly #table: StripTable;
  readonly #choose: Choose;
  #isVisible = false;
  readonly #draw = (now: number): boolean => this.#board.draw(now) && this.#isVisible;

  constructor(index: number, { pagesPerChunk }: PageMap, palette: Palette, choose: Choose) {
    this.index = index;
    this.#choose = choose;
    this.#board = new StripBoard(this.#canvas, pagesPerChunk, palette);
    this.#table = new StripTable((chunk, from) => choose(index, chunk, from));
    this.#labels = LIST_NAMES.map((name, list) =>
      element('p', { class: 'list' }, element('b', {}, name), element('span', {}, ` ${LIST_RANGES[list]!}`)),
    );
    this.#map = element('div', { class: 'map' }, ...this.#labels, this.#canvas, this.#tip);
    const heading = element('h3', { id: `arena-${index}` }, `Arena ${index}`);
    const head = element('header', {}, heading, this.#facts);
    this.root = element('article', { class: 'card arena', 'aria-labelledby': heading.id }, head, this.#map, this.#spoken, this.#table.root);
    this.#listen();
    new ResizeObserver(() => this.#resize()).observe(this.#map);
    new IntersectionObserver(([entry]) => this.#show(entry!.isIntersecting)).observe(this.root);
  }

  get strips(): readonly ChunkStrip[] {
    return this.#board.strips;
  }

  setPalette(palette: Palette): void {
    this.#board.setPalette(palette);
    requestFrame(this.#draw);
  }

  update(map: PageMap, isCompact: boolean): void {
    this.#board.isCompact = isCompact;
    const strips = map.arenas[this.index]!;
    this.#board.update(strips, performance.now());
    this.#arrangeLabels();
    this.#table.update(strips);
    const stranded = strips.filter((strip) => strip.stranded).length;
    const bytes = formatBytes(strips.length * map.pagesPerChunk * map.pageBytes);
    const facts =
      strips.length === 0 ? 'no chunk' : `${plural(strips.length, 'chunk')} · ${bytes}${stranded > 0 ? ` · ${stranded} stranded` : ''}`;
    setText(this.#facts, facts);
    this.#canvas.setAttribute('aria-label', `Chunk map of arena ${this.index}: ${facts}. Arrow keys choose a chunk, Enter explains it.`);
    if (this.#isVisible) requestFrame(this.#draw);
  }

  /** Marks the chunk that is being explained. */
  select(chunk: number | null): void {
    this.#board.selected = chunk;
    requestFrame(this.#draw);
  }

  #show(isVisible: boolean): void {
    this.#isVisible = isVisible;
    if (isVisible) requestFrame(this.#draw);
  }

  #resize(): void {
    this.#board.resize(this.#map.clientWidth, performance.now());
    this.#arrangeLabels();
    requestFrame(this.#draw);
  }

  #arrangeLabels(): void {
    const { lists } = this.#board.layout;
    this.#labels.forEach((label, list) => {
      label.style.top = `${lists[list]!.top}px`;
      label.classList.toggle('empty', !this.#board.strips.some((strip) => strip.list === list));
    });
  }

  #listen(): void {
    const canvas = this.#canvas;
    const at = ({ offsetX, offsetY }: MouseEvent) => this.#board.chunkAt(offsetX, offsetY);
    canvas.addEventListener('pointermove', (event) => this.#point(at(event)));
    canvas.addEventListener('pointerleave', () => this.#point(undefined));
    canvas.addEventListener('blur', () => this.#point(undefined));
    canvas.addEventListener('click', (event) => {
      const strip = at(event);
      if (strip !== undefined) this.#choose(this.index, strip.id, canvas);
    });
    canvas.addEventListener('keydown', (event) => this.#onKey(event));
  }

  #onKey(event: KeyboardEvent): void {
    const { strips } = this.#board;
    const current = strips.findIndex(({ id }) => id === this.#board.pointed);
    const steps: Record<string, number> = {
      ArrowRight: current + 1,
      ArrowDown: current + 1,
      ArrowLeft: current - 1,
      ArrowUp: current - 1,
      Home: 0,
      End: strips.length - 1,
    };
    const next = steps[event.key];
    if (next !== undefined && strips.length > 0) {
      const strip = strips[Math.max(0, Math.min(strips.length - 1, next))]!;
      this.#point(strip);
      setText(this.#spoken, describeStrip(strip, countPages(strip.runs)));
    } else if ((event.key === 'Enter' || event.key === ' ') && current >= 0) this.#choose(this.index, strips[current]!.id, this.#canvas);
    else return;
    event.preventDefault();
  }

  #point(strip: ChunkStrip | undefined): void {
    const id = strip?.id ?? null;
    if (id === this.#board.pointed) return;
    this.#board.pointed = id;
    this.#canvas.classList.toggle('pointing', id !== null);
    this.#tip.hidden = strip === undefined;
    if (strip !== undefined) this.#showTip(strip);
    requestFrame(this.#draw);
  }

  #showTip(strip: ChunkStrip): void {
    const { x, y } = this.#board.boxOf(strip.id)!;
    this.#tip.textContent = describeStrip(strip, countPages(strip.runs));
    this.#tip.style.left = `${Math.max(0, Math.min(x, this.#map.clientWidth - this.#tip.offsetWidth))}px`;
    this.#tip.style.top = `${y + this.#board.layout.stripHeight + 6}px`;
  }
}
