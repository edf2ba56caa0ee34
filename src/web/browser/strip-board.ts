// The strips of one arena on a canvas: chunks appear, move from list to list, change and go, and each is seen to do so.
import { fitCanvas } from './dom.ts';
import { motionMilliseconds } from './frames.ts';
import { LIST_NAMES, type ChunkStrip, MAX_CELLS, readCells, sameBytes } from './page-map-reader.ts';
import type { Palette } from './palette.ts';
import { type Picture, StripAtlas } from './strip-atlas.ts';
import { layoutStrips, type StripLayout } from './strip-layout.ts';

const MOVE_MILLISECONDS = 450;
const FADE_MILLISECONDS = 600;
const SHRINK_MILLISECONDS = 2000;

interface Tile {
  strip: ChunkStrip;
  readonly picture: Picture;
  x: number; // where it stands, or is going to
  y: number;
  fromX: number;
  fromY: number;
  movedAt: number;
  readonly bornAt: number;
  goneAt: number; // Infinity while it is there
}

export class StripBoard {
  readonly canvas: HTMLCanvasElement;
  layout: StripLayout = layoutStrips([], 1);
  strips: readonly ChunkStrip[] = [];
  isCompact = false; // from the next arrangement on
  selected: number | null = null; // ids of chunks
  pointed: number | null = null;
  readonly #context: CanvasRenderingContext2D;
  readonly #tiles = new Map<number, Tile>();
  readonly #pagesPerChunk: number;
  readonly #atlas: StripAtlas;
  #palette: Palette;
  #width = 0;
  #height = 0;
  #neededAt = 0; // when that height was last needed
  #movesUntil = 0;

  constructor(canvas: HTMLCanvasElement, pagesPerChunk: number, palette: Palette) {
    this.canvas = canvas;
    this.#context = canvas.getContext('2d', { alpha: false })!;
    this.#pagesPerChunk = pagesPerChunk;
    this.#palette = palette;
    this.#atlas = new StripAtlas(Math.min(MAX_CELLS, pagesPerChunk), palette);
  }

  setPalette(palette: Palette): void {
    this.#palette = palette;
    this.#atlas.setPalette(palette);
  }

  /** The arena as it is now. */
  update(strips: readonly ChunkStrip[], now: number): void {
    const isFirst = this.strips.length === 0 && this.#tiles.size === 0;
    this.strips = strips;
    const present = new Set<number>();
    for (const strip of strips) {
      present.add(strip.id);
      const tile = this.#tiles.get(strip.id);
      if (tile === undefined) this.#tiles.set(strip.id, this.#createTile(strip, isFirst ? -Infinity : now));
      else {
        if (!sameBytes(tile.strip.runs, strip.runs)) this.#atlas.change(tile.picture, readCells(strip.runs, this.#pagesPerChunk), now);
        tile.strip = strip;
      }
    }
    for (const [id, tile] of this.#tiles) if (!present.has(id) && tile.goneAt === Infinity) tile.goneAt = now;
    this.#movesUntil = now + motionMilliseconds(MOVE_MILLISECONDS);
    this.#arrange(now);
  }

  resize(width: number, now: number): void {
    if (width === this.#width) return;
    this.#width = width;
    this.#neededAt = -Infinity; // the height is that of the new width at once
    this.#arrange(now);
    for (const tile of this.#tiles.values()) tile.movedAt = -Infinity; // no flight when the window changes
  }

  #createTile(strip: ChunkStrip, now: number): Tile {
    const picture = this.#atlas.add(readCells(strip.runs, this.#pagesPerChunk));
    return { strip, picture, x: NaN, y: NaN, fromX: 0, fromY: 0, movedAt: -Infinity, bornAt: now, goneAt: Infinity };
  }

  #arrange(now: number): void {
    const counts = LIST_NAMES.map((_, list) => this.strips.filter((strip) => strip.list === list).length);
    this.layout = layoutStrips(counts, this.#width, this.isCompact);
    const next = LIST_NAMES.map(() => 0);
    for (const { id, list } of this.strips) {
      const tile = this.#tiles.get(id)!;
      const { x, y } = this.layout.at(list, next[list]!++);
      if (x === tile.x && y === tile.y) continue;
      if (!Number.isNaN(tile.x)) {
        [tile.fromX, tile.fromY] = this.#placeOf(tile, now);
        tile.movedAt = now;
      }
      [tile.x, tile.y] = [x, y];
    }
    this.#fit(now);
  }

  /** Grows at once, shrinks when it has been too high for a while: what is below does not jump with every chunk that moves. */
  #fit(now: number): void {
    if (this.layout.height >= this.#height) this.#neededAt = now;
    if (this.layout.height > this.#height || now - this.#neededAt > SHRINK_MILLISECONDS) this.#height = this.layout.height;
    fitCanvas(this.canvas, this.#width, this.#height);
  }

  #placeOf(tile: Tile, now: number): [number, number] {
    const share = progress(now - tile.movedAt, MOVE_MILLISECONDS);
    return [tile.fromX + (tile.x - tile.fromX) * share, tile.fromY + (tile.y - tile.fromY) * share];
  }

  /** Draws all. True while something moves or fades. */
  draw(now: number): boolean {
    const fades = this.#atlas.fade(now, motionMilliseconds(FADE_MILLISECONDS));
    const context = this.#context;
    const ratio = this.canvas.width / Math.max(1, this.#width);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.fillStyle = this.#palette.card;
    context.fillRect(0, 0, this.#width, this.#height);
    context.imageSmoothingEnabled = false;
    context.font = '11px system-ui, sans-serif';
    context.textBaseline = 'top';
    for (const [id, tile] of this.#tiles) {
      const left = 1 - progress(now - tile.goneAt, MOVE_MILLISECONDS);
      if (left === 0) {
        this.#tiles.delete(id);
        this.#atlas.remove(tile.picture);
      } else this.#drawTile(tile, now, Math.min(left, progress(now - tile.bornAt, MOVE_MILLISECONDS)));
    }
    context.globalAlpha = 1;
    return fades || now < this.#movesUntil;
  }

  #drawTile(tile: Tile, now: number, alpha: number): void {
    const context = this.#context;
    const { stripWidth, stripHeight, isCaptioned } = this.layout;
    const { id, stranded, usagePercent } = tile.strip;
    const [x, y] = this.#placeOf(tile, now);
    const { canvas, columns, rows } = this.#atlas;
    context.globalAlpha = alpha;
    context.drawImage(canvas, 0, tile.picture.row * rows, columns, rows, x, y, stripWidth, stripHeight);
    if (stranded) this.#drawStranded(x, y);
    if (id === this.selected || id === this.pointed) {
      context.strokeStyle = id === this.selected ? this.#palette.accent : this.#palette.text;
      context.lineWidth = 2;
      context.strokeRect(x - 2, y - 2, stripWidth + 4, stripHeight + 4);
    }
    if (!isCaptioned) return;
    context.fillStyle = stranded ? this.#palette.alarm : this.#palette.quiet;
    context.fillText(`${id} · ${usagePercent} %${stranded ? ' · stranded' : ''}`, x, y + stripHeight + 4);
  }

  /** A frame and a flag: seen without colour too. */
  #drawStranded(x: number, y: number): void {
    const context = this.#context;
    const { stripWidth, stripHeight } = this.layout;
    context.strokeStyle = context.fillStyle = this.#palette.alarm;
    context.lineWidth = 1.5;
    context.strokeRect(x - 0.75, y - 0.75, stripWidth + 1.5, stripHeight + 1.5);
    context.beginPath();
    context.moveTo(x + stripWidth, y);
    context.lineTo(x + stripWidth, y + 10);
    context.lineTo(x + stripWidth - 10, y);
    context.fill();
  }

  /** The chunk at a point of the canvas, CSS pixels. */
  chunkAt(x: number, y: number): ChunkStrip | undefined {
    const { stripWidth, stripHeight } = this.layout;
    for (const { goneAt, strip, x: left, y: top } of this.#tiles.values())
      if (goneAt === Infinity && x >= left && x < left + stripWidth && y >= top && y < top + stripHeight) return strip;
    return undefined;
  }

  /** Where a chunk stands, CSS pixels. */
  boxOf(id: number): { x: number; y: number } | undefined {
    const tile = this.#tiles.get(id);
    return tile?.goneAt === Infinity ? { x: tile.x, y: tile.y } : undefined;
  }
}

/** From 0 to 1 with a soft landing. */
function progress(elapsed: number, usualMilliseconds: number): number {
  const milliseconds = motionMilliseconds(usualMilliseconds);
  if (elapsed >= milliseconds) return 1;
  return elapsed <= 0 ? 0 : 1 - (1 - elapsed / milliseconds) ** 3;
}

const HELD_WORDS = ['live', 'in thread caches', 'kept as subpages'] as const; // pages, by holder, from 1

/** What a chunk is, in a line: for the pointer, the keyboard and the screen reader. */
export function describeStrip(arena: number, { id, list, usagePercent, stranded }: ChunkStrip, pagesByHolder: readonly number[]): string {
  const total = pagesByHolder.reduce((sum, pages) => sum + pages, 0).toLocaleString('en');
  const held = HELD_WORDS.map((words, i) => (pagesByHolder[i + 1]! > 0 ? `${pagesByHolder[i + 1]} ${words}` : '')).filter(Boolean);
  const pages = held.length === 0 ? `all ${total} pages free` : `of ${total} pages ${held.join(', ')}`;
  return `Chunk ${id} of arena ${arena}, ${LIST_NAMES[list]!}, ${usagePercent} % used${stranded ? ', stranded' : ''}; ${pages}`;
}
