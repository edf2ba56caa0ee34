// The chunks of an arena as a table with a button for each: what the strips show, without seeing them. Filled only while it is open.
import { element } from './dom.ts';
import { type ChunkStrip, countPages, LIST_NAMES } from './page-map-reader.ts';

const COLUMNS = ['Chunk', 'List', 'Used', 'Live', 'Thread cache', 'Kept subpage', 'Free', 'State'] as const;

export class StripTable {
  readonly root: HTMLDetailsElement;
  readonly #body = element('tbody');
  readonly #choose: (chunk: number, from: HTMLElement) => void;
  #strips: readonly ChunkStrip[] = [];

  constructor(choose: (chunk: number, from: HTMLElement) => void) {
    this.#choose = choose;
    const head = element('tr', {}, ...COLUMNS.map((name) => element('th', { scope: 'col' }, name)));
    const caption = element('caption', { class: 'unseen' }, 'Chunks and their pages by holder');
    const table = element('table', {}, caption, element('thead', {}, head), this.#body);
    this.root = element('details', {}, element('summary', {}, 'As a table'), element('div', { class: 'scroller' }, table));
    this.root.addEventListener('toggle', () => this.#fill());
  }

  update(strips: readonly ChunkStrip[]): void {
    this.#strips = strips;
    if (this.root.open && !this.#body.contains(document.activeElement)) this.#fill(); // never under somebody's fingers
  }

  #fill(): void {
    this.#body.replaceChildren(...(this.root.open ? this.#strips.map((strip) => this.#row(strip)) : []));
  }

  #row({ id, list, usagePercent, stranded, runs }: ChunkStrip): HTMLElement {
    const button = element('button', { type: 'button', class: 'link', 'aria-label': `Chunk ${id}: explain` }, String(id));
    button.addEventListener('click', () => this.#choose(id, button));
    const [free = 0, live = 0, cached = 0, kept = 0] = countPages(runs);
    const cells = [LIST_NAMES[list]!, `${usagePercent} %`, ...[live, cached, kept, free].map(String), stranded ? 'stranded' : ''];
    return element('tr', {}, element('th', { scope: 'row' }, button), ...cells.map((text) => element('td', {}, text)));
  }
}
