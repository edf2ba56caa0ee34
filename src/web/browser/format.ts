// Numbers as people read them.

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** Three significant digits at most before rounding shows: `16 MiB`, `7.63 MiB`, `512 B`. */
export function formatBytes(bytes: number): string {
  if (!Number.isFinite(bytes)) return 'unlimited';
  let [value, unit] = [Math.abs(bytes), 0];
  for (; value >= 1024 && unit < UNITS.length - 1; unit++) value /= 1024;
  const digits = unit === 0 || value >= 100 || Number.isInteger(value) ? 0 : value >= 10 ? 1 : 2;
  return `${bytes < 0 ? '−' : ''}${value.toFixed(digits)} ${UNITS[unit]}`;
}

/** `1,234,567`: the same everywhere, whatever the browser's language, as the page's texts are English. */
export function formatCount(count: number): string {
  return Math.round(count).toLocaleString('en');
}

export function formatPercent(share: number): string {
  const percent = share * 100;
  return `${percent > 0 && percent < 10 ? percent.toFixed(1) : Math.round(percent)} %`;
}

export function formatRate(perSecond: number): string {
  return `${perSecond >= 100 ? formatCount(perSecond) : perSecond.toFixed(perSecond >= 10 ? 0 : 1)}/s`;
}

/** `day 12, 07:30`: days count from 1. */
export function formatSimTime(simSeconds: number): string {
  const minutes = Math.floor(simSeconds / 60);
  const [hour, minute] = [Math.floor(minutes / 60) % 24, minutes % 60].map((part) => String(part).padStart(2, '0'));
  return `day ${formatCount(Math.floor(simSeconds / 86_400) + 1)}, ${hour}:${minute}`;
}

export function formatClock(wallMilliseconds: number): string {
  return new Date(wallMilliseconds).toLocaleTimeString('en-GB');
}

/** One thing or several. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
