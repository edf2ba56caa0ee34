// One chunk explained: a sentence, its tree, its holders. Stays beside the map and follows the chunk until it is closed or the chunk is gone.
import { ApiError, type ChunkAccount, getJson } from './api.ts';
import { drawTree, shownHolder } from './chunk-tree.ts';
import { byId, element } from './dom.ts';
import { sentenceOf } from './explanation.ts';
import { formatBytes } from './format.ts';
import { holderRows, keptBy, regionsText } from './holders.ts';
import type { Palette } from './palette.ts';

const REFRESH_MILLISECONDS = 1000;
const MAX_ROWS = 12;
const KIND_LABELS = { live: 'live', thread_cache: 'thread cache', subpage: 'kept subpage' } as const;

interface Shown {
  readonly arena: number;
  readonly chunk: number;
  readonly from: HTMLElement; // where the focus came from, and goes back to
}

export class Inspector {
  readonly #root = byId('inspector', HTMLElement);
  readonly #isStranded: (arena: number, chunk: number) => boolean;
  readonly #onShown: (arena: number | null, chunk: number | null) => void;
  readonly #title = element('h2', { id: 'inspector-title', tabindex: -1 });
  readonly #content = element('div');
  #palette: Palette;
  #shown: Shown | null = null;
  #timer = 0;

  constructor(
    palette: Palette,
    isStranded: (arena: number, chunk: number) => boolean,
    onShown: (arena: number | null, chunk: number | null) => void,
  ) {
    this.#palette = palette;
    this.#isStranded = isStranded;
    this.#onShown = onShown;
    const close = element('button', { type: 'button' }, 'Close');
    close.addEventListener('click', () => this.close());
    this.#root.replaceChildren(element('header', {}, this.#title, close), this.#content);
    this.#root.addEventListener('keydown', ({ key }) => key === 'Escape' && this.close());
  }

  setPalette(palette: Palette): void {
    this.#palette = palette;
  }

  show(arena: number, chunk: number, from: HTMLElement): void {
    this.#shown = { arena, chunk, from };
    this.#title.textContent = `Chunk ${chunk} of arena ${arena}`;
    this.#content.replaceChildren(element('p', { class: 'quiet' }, 'Asking …'));
    this.#root.hidden = false;
    this.#title.focus();
    this.#onShown(arena, chunk);
    void this.#refresh();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#root.hidden = true;
    const { from } = this.#shown ?? {};
    if (from?.isConnected) from.focus();
    else byId('map', HTMLElement).focus(); // the arenas were made anew
    this.#shown = null;
    this.#onShown(null, null);
  }

  async #refresh(): Promise<void> {
    clearTimeout(this.#timer);
    const shown = this.#shown;
    if (shown === null) return;
    const { arena, chunk } = shown;
    try {
      const [account, sentence] = await Promise.all([
        getJson<ChunkAccount>(`/api/arenas/${arena}/chunks/${chunk}`),
        sentenceOf(arena, chunk),
      ]);
      if (this.#shown === shown) this.#fill(account, sentence);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (this.#shown === shown) this.#content.replaceChildren(element('p', { role: 'status' }, error.status === 404 ? 'This chunk is gone: it was given back to the operating system.' : error.message)); // prettier-ignore
      if (error.status === 404) return;
    }
    if (this.#shown === shown) this.#timer = window.setTimeout(() => void this.#refresh(), REFRESH_MILLISECONDS);
  }

  #fill(account: ChunkAccount, sentence: string | null): void {
    const { arena, chunk } = this.#shown!;
    const rows = holderRows(account);
    const { name, list, usagePercent, bytes, freeBytes, pages, runs } = account;
    const stranded = this.#isStranded(arena, chunk);
    const facts = `${name} · ${list} · ${usagePercent} % used${stranded ? ' · stranded' : ''} · ${formatBytes(freeBytes)} of ${formatBytes(bytes)} free`;
    const tree = element('canvas', { role: 'img', 'aria-label': treeLabel(account) });
    const table = element(
      'table',
      {},
      element(
        'thead',
        {},
        element('tr', {}, ...['Held by', 'Event loop', 'Regions', 'Bytes'].map((text) => element('th', { scope: 'col' }, text))),
      ),
    );
    const body = table.createTBody();
    for (const row of rows.slice(0, MAX_ROWS)) {
      const kind = element('th', { scope: 'row' }, element('span', { class: `swatch is-${row.kind}` }), KIND_LABELS[row.kind]);
      body.append(element('tr', {}, kind, ...[row.eventLoop === null ? '–' : String(row.eventLoop), regionsText(row), formatBytes(row.bytes)].map((text) => element('td', {}, text)))); // prettier-ignore
    }
    const more = rows.length > MAX_ROWS ? [element('p', { class: 'quiet' }, `and ${rows.length - MAX_ROWS} more kinds of holders`)] : [];
    const holders = rows.length === 0 ? [element('p', { class: 'quiet' }, 'nobody')] : [table, ...more];
    const scrollTop = this.#root.scrollTop;
    this.#content.replaceChildren(
      element('p', { class: 'quiet' }, facts),
      element('p', { class: 'explanation' }, sentence ?? keptBy(account, rows, stranded)),
      element('h3', {}, `Tree: ${pages.toLocaleString('en')} pages, a row for each depth`),
      tree,
      element('h3', {}, 'Holders'),
      ...holders,
    );
    drawTree(tree, runs, pages, tree.clientWidth, this.#palette);
    this.#root.scrollTop = scrollTop;
  }
}

function treeLabel({ runs }: ChunkAccount): string {
  const count = (holder: string) => runs.filter((run) => shownHolder(run) === holder).length;
  return `Buddy tree: runs by holder: ${count('live')} live, ${count('thread_cache')} in thread caches, ${count('subpage')} kept subpages, ${count('free')} free`;
}
