// One arena: heading, list labels, the board of strips, and the same as a table. Pointer and keyboard choose chunks. To assistive
// technology the board is a list box whose active option, the only one that exists at a time, is the chunk pointed at.
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
  readonly #option = element('span', { role: 'option', 'aria-selected': 'false' });
  readonly #canvas = element('canvas', { tabindex: 0, role: 'listbox' });
  readonly #map: HTMLElement;
  readonly #facts = element('p', { class: 'quiet' });
  readonly #labels: readonly HTMLElement[];
  readonly #tip = element('p', { class: 'tip', hidden: true });
  readonly #table: StripTable;
  readonly #choose: Choose;
  #last: number | null = null; // chunk that was pointed at
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
    this.root = element('article', { class: 'card arena', 'aria-labelledby': heading.id }, head, this.#map, this.#table.root);
    this.#option.id = `active-chunk-${index}`;
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
    const pointed = strips.find(({ id }) => id === this.#board.pointed);
    if (pointed === undefined) this.#point(undefined);
    else this.#describe(pointed);
    if (this.#isVisible) requestFrame(this.#draw);
  }

  /** Marks the chunk that is being explained. */
  select(chunk: number | null): void {
    this.#board.selected = chunk;
    this.#option.setAttribute('aria-selected', String(chunk !== null && chunk === this.#board.pointed));
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
    canvas.addEventListener('focus', () => canvas.matches(':focus-visible') && this.#point(this.#remembered()));
    canvas.addEventListener('click', (event) => {
      const strip = at(event);
      if (strip !== undefined) this.#choose(this.index, strip.id, canvas);
    });
    canvas.addEventListener('keydown', (event) => this.#onKey(event));
  }

  /** The chunk that was active when the focus left; else the first. */
  #remembered(): ChunkStrip | undefined {
    const { strips } = this.#board;
    return strips.find(({ id }) => id === this.#last) ?? strips[0];
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
    } else if ((event.key === 'Enter' || event.key === ' ') && current >= 0) this.#choose(this.index, strips[current]!.id, this.#canvas);
    else return;
    event.preventDefault();
  }

  #point(strip: ChunkStrip | undefined): void {
    const id = strip?.id ?? null;
    if (id === this.#board.pointed) return;
    this.#board.pointed = id;
    this.#last = id ?? this.#last;
    this.#canvas.classList.toggle('pointing', id !== null);
    this.#tip.hidden = strip === undefined;
    if (strip === undefined) {
      this.#canvas.removeAttribute('aria-activedescendant');
      this.#option.remove();
    } else this.#describe(strip);
    requestFrame(this.#draw);
  }

  /** The chunk pointed at: beside it, and as the active option. */
  #describe(strip: ChunkStrip): void {
    const { strips, selected, layout } = this.#board;
    const text = describeStrip(this.index, strip, countPages(strip.runs));
    this.#option.setAttribute('aria-selected', String(strip.id === selected));
    this.#option.setAttribute('aria-setsize', String(strips.length));
    this.#option.setAttribute('aria-posinset', String(strips.indexOf(strip) + 1));
    setText(this.#option, text);
    if (!this.#option.isConnected) this.#canvas.replaceChildren(this.#option);
    this.#canvas.setAttribute('aria-activedescendant', this.#option.id);
    const { x, y } = this.#board.boxOf(strip.id)!;
    setText(this.#tip, text);
    this.#tip.style.left = `${Math.max(0, Math.min(x, this.#map.clientWidth - this.#tip.offsetWidth))}px`;
    this.#tip.style.top = `${y + layout.stripHeight + 6}px`;
  }
}
