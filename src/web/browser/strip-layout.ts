// Where the chunk strips of an arena stand. A strip is folded, so that each of its 2,048 pages is a pixel or more:
//
//   128 columns × 16 pages      page 0 16 32 …        six lists one below the other, chunks of a list from its head
//                                    1 17 33 …
import { LIST_NAMES } from './page-map-reader.ts';

export const CELL_ROWS = 16;
const STRIP_COLUMNS = 128;
const GAP = 8;
const CAPTION_HEIGHT = 16; // only under large strips
const LABEL_WIDTH = 108;
const SHORT_LABEL_WIDTH = 48; // a list's name without its range, where there are many arenas
const LABEL_HEIGHT = 22; // above the strips, where the page is narrow
const EMPTY_HEIGHT = 24;
const NARROW = 480;
const MAX_LARGE_ROWS = 7; // more rows: small strips

export interface ListBox {
  readonly top: number;
  readonly height: number;
}

export interface StripLayout {
  readonly stripWidth: number;
  readonly stripHeight: number;
  readonly isCaptioned: boolean;
  readonly isNarrow: boolean; // labels stand above, not beside
  readonly height: number;
  readonly lists: readonly ListBox[];
  readonly at: (list: number, index: number) => { x: number; y: number };
}

/** `counts`: chunks in each list; `width`: CSS pixels for all; `isCompact`: one of many arenas, small and without its empty lists. */
export function layoutStrips(counts: readonly number[], width: number, isCompact = false): StripLayout {
  const isNarrow = width < NARROW && !isCompact;
  const left = isNarrow ? 0 : isCompact ? SHORT_LABEL_WIDTH : LABEL_WIDTH;
  const perRow = (scale: number) => Math.max(1, Math.floor((width - left + GAP) / (STRIP_COLUMNS * scale + GAP)));
  const rowsAt = (scale: number) => counts.reduce((sum, count) => sum + Math.ceil(count / perRow(scale)), 0);
  const isLarge = !isCompact && width - left >= STRIP_COLUMNS * 2 && rowsAt(2) <= MAX_LARGE_ROWS;
  const scale = isLarge ? 2 : 1;
  const columns = perRow(scale);
  const pitch = CELL_ROWS * scale + GAP + (isLarge ? CAPTION_HEIGHT : 0);
  const above = isNarrow ? LABEL_HEIGHT : 0;
  let top = 0;
  const lists = LIST_NAMES.map((_, list) => {
    const rows = Math.ceil((counts[list] ?? 0) / columns);
    const box = { top, height: rows === 0 ? (isCompact ? 0 : EMPTY_HEIGHT) : above + rows * pitch + GAP };
    top += box.height;
    return box;
  });
  return {
    stripWidth: STRIP_COLUMNS * scale,
    stripHeight: CELL_ROWS * scale,
    isCaptioned: isLarge,
    isNarrow,
    height: top,
    lists,
    at: (list, index) => ({
      x: left + (index % columns) * (STRIP_COLUMNS * scale + GAP),
      y: lists[list]!.top + above + GAP / 2 + Math.floor(index / columns) * pitch,
    }),
  };
}
