// Refused reservations as triangles at the top of a chart: one for each stretch of the axis in which any were refused.
import type uPlot from 'uplot';
import type { HistoryStore } from './history-store.ts';
import type { Palette } from './palette.ts';

const HALF_WIDTH = 4; // CSS pixels

export function failureMarkers({ alarm }: Palette, history: HistoryStore): uPlot.Plugin {
  return { hooks: { draw: (plot) => draw(plot, alarm, history) } };
}

function draw(plot: uPlot, colour: string, history: HistoryStore): void {
  const { columns, x } = history;
  if (columns === null) return;
  const { ctx, bbox } = plot;
  const half = HALF_WIDTH * devicePixelRatio;
  ctx.save();
  ctx.fillStyle = colour;
  let drawnTo = -Infinity;
  for (let i = 1; i < x.length; i++) {
    if (columns.exhaustedChunk[i] === columns.exhaustedChunk[i - 1] && columns.exhaustedHuge[i] === columns.exhaustedHuge[i - 1]) continue;
    const at = plot.valToPos(x[i]!, 'x', true);
    if (at < bbox.left || at > bbox.left + bbox.width || at < drawnTo + half) continue;
    drawnTo = at;
    ctx.beginPath();
    ctx.moveTo(at - half, bbox.top);
    ctx.lineTo(at + half, bbox.top);
    ctx.lineTo(at, bbox.top + half * 2);
    ctx.fill();
  }
  ctx.restore();
}
