// The page's colours, read from its style sheet, so that canvases follow the theme. Holders' colours are Okabe and Ito's,
// which the colour-blind can tell apart (palette.test.ts).
import { element } from './dom.ts';

export interface Palette {
  readonly holders: readonly [free: string, live: string, cache: string, subpage: string];
  readonly huge: string;
  readonly alarm: string;
  readonly accent: string;
  readonly text: string;
  readonly quiet: string;
  readonly line: string;
  readonly card: string;
  readonly series: readonly string[]; // for lines that stand for arenas
  readonly heat: readonly [low: string, high: string];
}

const SERIES = 8;

/** The colours of the theme that holds now, as `rgb(r, g, b)`. */
export function readPalette(): Palette {
  const probe = element('span', { hidden: true });
  document.body.append(probe);
  const colour = (name: string): string => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const palette: Palette = {
    holders: [colour('free'), colour('live'), colour('cache'), colour('subpage')],
    alarm: colour('alarm'),
    accent: colour('accent'),
    text: colour('text'),
    quiet: colour('quiet'),
    line: colour('line'),
    card: colour('card'),
    huge: colour('huge'),
    series: Array.from({ length: SERIES }, (_, i) => colour(`series-${i}`)),
    heat: [colour('heat-low'), colour('heat-high')],
  };
  probe.remove();
  return palette;
}

/** `rgb(1, 2, 3)` → its three numbers. */
export function channels(colour: string): [number, number, number] {
  const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map(Number);
  return [red, green, blue];
}

/** A colour between two, opaque, as a pixel of ImageData (little-endian: alpha, blue, green, red). */
export function mixedPixel(from: string, to: string, share: number): number {
  const [a, b] = [channels(from), channels(to)];
  const at = (i: 0 | 1 | 2) => Math.round(a[i] + (b[i] - a[i]) * share);
  return ((255 << 24) | (at(2) << 16) | (at(1) << 8) | at(0)) >>> 0;
}
