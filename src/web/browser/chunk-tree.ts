// The buddy tree of a chunk as an icicle: a row for each depth, the root above; a run fills its node, a split node is a thin line.
import type { Run } from './api.ts';
import { fitCanvas } from './dom.ts';
import type { Palette } from './palette.ts';

const ROW_HEIGHT = 9;
const ROW_GAP = 2;
const HOLDERS: Readonly<Record<Run['holder'], 0 | 1 | 2 | 3>> = { free: 0, live: 1, thread_cache: 2, subpage: 3 };

/** What a run shows: a page cut into slots its strongest holder. */
export function shownHolder(run: Run): Run['holder'] {
  if (run.holder !== 'subpage') return run.holder;
  if (run.slots?.some(({ holder }) => holder === 'live')) return 'live';
  return (run.slots?.length ?? 0) > 0 ? 'thread_cache' : 'subpage';
}

export function drawTree(canvas: HTMLCanvasElement, runs: readonly Run[], pages: number, width: number, palette: Palette): void {
  const depths = Math.log2(pages) + 1;
  const height = depths * (ROW_HEIGHT + ROW_GAP) - ROW_GAP;
  fitCanvas(canvas, width, height);
  const context = canvas.getContext('2d')!;
  const ratio = canvas.height / height;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  const box = (node: number, depth: number, colour: string, boxHeight = ROW_HEIGHT): void => {
    const nodeWidth = width / 2 ** depth;
    context.fillStyle = colour;
    context.fillRect(node * nodeWidth, depth * (ROW_HEIGHT + ROW_GAP), Math.max(1 / ratio, nodeWidth - (nodeWidth > 4 ? 1 : 0)), boxHeight);
  };
  const split = new Set<string>();
  for (const run of runs) {
    const depth = Math.log2(pages / run.pages);
    const node = run.firstPage / run.pages;
    for (let above = depth - 1; above >= 0; above--) {
      const name = `${above}:${node >> (depth - above)}`;
      if (split.has(name)) break;
      split.add(name);
      box(node >> (depth - above), above, palette.quiet, 1);
    }
    box(node, depth, palette.holders[HOLDERS[shownHolder(run)]]);
  }
}
