// Numbers in words, exact: what is said in a sentence can be added up.

const UNITS = [
  ['GiB', 1 << 30],
  ['MiB', 1 << 20],
  ['KiB', 1 << 10],
] as const;

/** The largest unit in which the number is whole: `16 MiB`, `2,328 KiB`, `256 B`, `21,037,057 bytes`. */
export function bytesInWords(bytes: number): string {
  for (const [unit, size] of UNITS) if (bytes > 0 && bytes % size === 0) return `${inThousands(bytes / size)} ${unit}`;
  return bytes < 1024 ? `${bytes} B` : `${inThousands(bytes)} bytes`;
}

export function inThousands(value: number): string {
  return value < 1000 ? String(value) : String(value).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}

export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${inThousands(number)} ${number === 1 ? noun : plural}`;
}

const TIMES = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
] as const;

/** At most two units: `3 d 4 h`, `12 min`, `0 s`. */
export function secondsInWords(seconds: number): string {
  const at = TIMES.findIndex(([, size]) => seconds >= size);
  if (at < 0) return '0 s';
  const [unit, size] = TIMES[at]!;
  const [smaller, smallerSize] = TIMES[at + 1] ?? ['', Infinity];
  const rest = Math.floor((seconds % size) / smallerSize);
  return `${Math.floor(seconds / size)} ${unit}${rest > 0 ? ` ${rest} ${smaller}` : ''}`;
}

/** `a`, `a and b`, `a, b and c`; past `most`, the others are counted. */
export function listed(items: readonly string[], most: number): string {
  const shown = items.length > most ? [...items.slice(0, most), `${count(items.length - most, 'other')}`] : items;
  if (shown.length <= 1) return shown[0] ?? '';
  return `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)!}`;
}
