// Chunks by usage over time: a column for each sample, a row for each band (0, 1–10, … 91–99, 100 %), the darker the more chunks.
import type uPlot from 'uplot';
import type { HistoryStore } from './history-store.ts';
import { mixedPixel, type Palette } from './palette.ts';

const LEAST_SHARE = 0.18; // of the colour range: a single chunk is seen

export function heatMap({ heat }: Palette, history: HistoryStore): uPlot.Plugin {
  return { hooks: { drawClear: (plot) => draw(plot, heat, history) } };
}

/** One image pixel is one device pixel in x and one band in y. */
function draw(plot: uPlot, [low, high]: Palette['heat'], history: HistoryStore): void {
  const { columns, x } = history;
  const { left, top, width, height } = plot.bbox;
  if (columns === null || x.length < 2 || width < 1) return;
  const bands = columns.chunksByBand;
  const most = Math.max(1, ...bands.map((band) => band.reduce((a, b) => Math.max(a, b), 0)));
  const image = new ImageData(Math.round(width), bands.length);
  const pixels = new Uint32Array(image.data.buffer);
  const colours = Array.from({ length: most + 1 }, (_, count) =>
    count === 0 ? 0 : mixedPixel(low, high, LEAST_SHARE + (1 - LEAST_SHARE) * Math.sqrt(count / most)),
  );
  let sample = 0;
  for (let column = 0; column < image.width; column++) {
    const value = plot.posToVal(left + column, 'x', true);
    while (sample + 1 < x.length && x[sample + 1]! <= value) sample++;
    if (value < x[0]!) continue;
    for (let band = 0; band < bands.length; band++)
      pixels[(bands.length - 1 - band) * image.width + column] = colours[bands[band]![sample]!]!;
  }
  const picture = new OffscreenCanvas(image.width, image.height);
  picture.getContext('2d')!.putImageData(image, 0, 0);
  plot.ctx.save();
  plot.ctx.imageSmoothingEnabled = false;
  plot.ctx.drawImage(picture, left, top, width, height);
  plot.ctx.restore();
}
