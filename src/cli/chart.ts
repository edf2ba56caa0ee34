// Reserved and retained memory over the simulated days, as a chart of characters or as SVG.
import type { DaySample, SimulationResult } from '../simulation/index.ts';

const [WIDTH, HEIGHT] = [72, 14]; // characters
const EIGHTHS = ' ▁▂▃▄▅▆▇█';

/** The highest reserved bytes of each column's days. */
function columns(days: readonly DaySample[], width: number): number[] {
  const used = Math.min(width, days.length);
  return Array.from({ length: used }, (_, i) => {
    const part = days.slice(Math.floor((i * days.length) / used), Math.floor(((i + 1) * days.length) / used));
    return Math.max(...part.map((day) => day.reservedBytes));
  });
}

export function terminalChart({ days, limitBytes, firstFailure }: SimulationResult): string {
  if (days.length < 2) return 'no chart: fewer than 2 simulated days';
  const heights = columns(days, WIDTH).map((bytes) => Math.round((bytes / limitBytes) * HEIGHT * 8));
  const lines: string[] = [];
  for (let row = HEIGHT - 1; row >= 0; row--) {
    const label = row === HEIGHT - 1 ? `${Math.round(limitBytes / 2 ** 20)} MiB` : row === 0 ? '0' : '';
    lines.push(`${label.padStart(9)} ┤${heights.map((height) => EIGHTHS[Math.max(0, Math.min(8, height - row * 8))]).join('')}`);
  }
  const marker = firstFailure === null ? '' : `${' '.repeat(Math.min(heights.length - 1, Math.floor((firstFailure.simSeconds / 86_400 / days.length) * heights.length)))}✗ first failure`; // prettier-ignore
  lines.push(`${' '.repeat(9)} └${'─'.repeat(heights.length)}`);
  if (marker !== '') lines.push(' '.repeat(11) + marker);
  lines.push(`${' '.repeat(11)}day 1${`day ${days.length}`.padStart(Math.max(7, heights.length - 5))}   reserved at the end of each day`);
  return lines.join('\n');
}

const [SVG_WIDTH, SVG_HEIGHT, MARGIN] = [900, 360, 56];

export function svgChart(result: SimulationResult): string {
  const { days, limitBytes, firstFailure } = result;
  const x = (day: number) => (MARGIN + ((SVG_WIDTH - 2 * MARGIN) * day) / Math.max(1, days.length)).toFixed(1);
  const y = (bytes: number) => (SVG_HEIGHT - MARGIN - ((SVG_HEIGHT - 2 * MARGIN) * bytes) / limitBytes).toFixed(1);
  const line = (value: (day: DaySample) => number) => days.map((day) => `${x(day.day)},${y(value(day))}`).join(' ');
  const series = [
    { name: 'reserved', colour: '#0072b2', value: (day: DaySample) => day.reservedBytes },
    { name: 'stranded', colour: '#e69f00', value: (day: DaySample) => day.strandedBytes },
    { name: 'thread caches', colour: '#009e73', value: (day: DaySample) => day.cachedBytes },
  ];
  const failure =
    firstFailure === null
      ? ''
      : `<line x1="${x(firstFailure.simSeconds / 86_400)}" x2="${x(firstFailure.simSeconds / 86_400)}" y1="${y(0)}" y2="${y(limitBytes)}" stroke="#d55e00" stroke-dasharray="4 3"/><text x="${x(firstFailure.simSeconds / 86_400)}" y="${MARGIN - 8}" text-anchor="middle" fill="#d55e00">out of memory (${firstFailure.cause})</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SVG_WIDTH} ${SVG_HEIGHT}" font-family="sans-serif" font-size="13">
<rect width="100%" height="100%" fill="#fff"/>
<text x="${MARGIN}" y="22" font-size="15">${result.scenario}, seed ${result.seed}, Netty ${result.version}</text>
<line x1="${MARGIN}" x2="${SVG_WIDTH - MARGIN}" y1="${y(limitBytes)}" y2="${y(limitBytes)}" stroke="#999" stroke-dasharray="2 3"/>
<line x1="${MARGIN}" x2="${SVG_WIDTH - MARGIN}" y1="${y(0)}" y2="${y(0)}" stroke="#333"/>
<text x="${MARGIN - 6}" y="${y(limitBytes)}" text-anchor="end">${Math.round(limitBytes / 2 ** 20)} MiB</text>
<text x="${MARGIN - 6}" y="${y(0)}" text-anchor="end">0</text>
<text x="${SVG_WIDTH - MARGIN}" y="${SVG_HEIGHT - MARGIN + 18}" text-anchor="end">day ${days.length}</text>
${series.map(({ colour, value }) => `<polyline fill="none" stroke="${colour}" stroke-width="1.5" points="${line(value)}"/>`).join('\n')}
${series.map(({ name, colour }, i) => `<text x="${MARGIN + 120 * i}" y="${SVG_HEIGHT - 14}" fill="${colour}">${name}</text>`).join('\n')}
${failure}
</svg>
`;
}
