// The pictures of an arena's strips, one below the other on a canvas that is never shown. A cell that changes holder fades from
// the old colour to the new one.
//
//   transition[cell] = holder before << 2 | holder now        a pixel is a look-up in 16 mixed colours
import { element } from './dom.ts';
import { mixedPixel, type Palette } from './palette.ts';
import { CELL_ROWS } from './strip-layout.ts';

const FADE_STEPS = 8; // pictures of a fade: finer ones are not seen, but are paid for

export interface Picture {
  readonly row: number; // in the atlas
  readonly transition: Uint8Array;
  fadeStart: number;
  fadeStep: number; // the last one drawn; FADE_STEPS: at rest
}

export class StripAtlas {
  readonly canvas = element('canvas');
  readonly columns: number;
  readonly rows: number; // of a strip
  readonly #context: CanvasRenderingContext2D;
  readonly #image: ImageData;
  readonly #pixels: Uint32Array;
  readonly #freeRows: number[] = [];
  #pictures: Picture[] = [];
  #mixes: readonly Uint32Array[] = []; // by fade step

  constructor(cells: number, palette: Palette) {
    this.rows = Math.min(CELL_ROWS, cells);
    this.columns = Math.ceil(cells / this.rows);
    this.canvas.width = this.columns;
    this.#context = this.canvas.getContext('2d', { alpha: false, willReadFrequently: true })!; // kept in memory: it is written far more than read by a GPU
    this.#image = new ImageData(this.columns, this.rows);
    this.#pixels = new Uint32Array(this.#image.data.buffer);
    this.#grow(16);
    this.setPalette(palette);
  }

  setPalette({ holders }: Palette): void {
    this.#mixes = Array.from({ length: FADE_STEPS + 1 }, (_, step) =>
      Uint32Array.from({ length: 16 }, (_, change) => mixedPixel(holders[change >> 2]!, holders[change & 3]!, step / FADE_STEPS)),
    );
    this.#redrawAll();
  }

  /** A picture of these cells, at rest. */
  add(cells: Uint8Array): Picture {
    if (this.#freeRows.length === 0) this.#grow(this.canvas.height / this.rows);
    const picture = {
      row: this.#freeRows.pop()!,
      transition: cells.map((holder) => (holder << 2) | holder),
      fadeStart: 0,
      fadeStep: FADE_STEPS,
    };
    this.#pictures.push(picture);
    this.#draw(picture);
    return picture;
  }

  remove(picture: Picture): void {
    this.#pictures = this.#pictures.filter((other) => other !== picture);
    this.#freeRows.push(picture.row);
  }

  /** Starts the fade to new cells; from where the last one led, if it was not over. */
  change(picture: Picture, cells: Uint8Array, now: number): void {
    const { transition } = picture;
    for (let cell = 0; cell < cells.length; cell++) transition[cell] = ((transition[cell]! & 3) << 2) | cells[cell]!;
    picture.fadeStart = now;
    picture.fadeStep = -1;
  }

  /** Draws what fades. True while something does. */
  fade(now: number, milliseconds: number): boolean {
    let fades = false;
    for (const picture of this.#pictures) {
      if (picture.fadeStep === FADE_STEPS) continue;
      const share = milliseconds === 0 ? 1 : Math.max(0, (now - picture.fadeStart) / milliseconds);
      const step = Math.min(FADE_STEPS, Math.floor(share * FADE_STEPS) + 1);
      if (step !== picture.fadeStep) {
        picture.fadeStep = step;
        this.#draw(picture);
      }
      fades ||= step < FADE_STEPS;
    }
    return fades;
  }

  #draw({ row, transition, fadeStep }: Picture): void {
    const pixels = this.#pixels;
    const mix = this.#mixes[Math.max(0, fadeStep)]!;
    const { columns, rows } = this;
    for (let cell = 0, x = 0, y = 0; cell < transition.length; cell++) {
      pixels[y * columns + x] = mix[transition[cell]!]!;
      if (++y < rows) continue;
      y = 0;
      x++;
    }
    this.#context.putImageData(this.#image, 0, row * rows);
  }

  #grow(more: number): void {
    const before = this.#pictures.length === 0 ? 0 : this.canvas.height / this.rows;
    this.canvas.height = (before + more) * this.rows; // clears it
    for (let row = before + more - 1; row >= before; row--) this.#freeRows.push(row);
    this.#redrawAll();
  }

  #redrawAll(): void {
    if (this.#mixes.length > 0) this.#pictures.forEach((picture) => this.#draw(picture));
  }
}
