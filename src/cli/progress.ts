// A progress bar with the time that is left, on a terminal; nothing elsewhere. The clock is an argument.

const BAR = 24; // characters
const EVERY_MILLISECONDS = 100;

export interface Terminal {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export class Progress {
  private readonly terminal: Terminal;
  private readonly now: () => number;
  private readonly label: string;
  private readonly started: number;
  private shownAt = -Infinity;

  constructor(label: string, terminal: Terminal, now: () => number) {
    this.label = label;
    this.terminal = terminal;
    this.now = now;
    this.started = now();
  }

  /** `share` of the work is done, 0 … 1. */
  show(share: number, detail: string): void {
    const now = this.now();
    if (this.terminal.isTTY !== true || now - this.shownAt < EVERY_MILLISECONDS) return;
    this.shownAt = now;
    this.terminal.write(`\r\x1b[K${this.label} ${progressText(share, now - this.started)}  ${detail}`);
  }

  clear(): void {
    if (this.shownAt !== -Infinity) this.terminal.write('\r\x1b[K');
  }
}

export function progressText(share: number, elapsedMilliseconds: number): string {
  const done = Math.round(share * BAR);
  const left = share > 0 ? ((1 - share) * elapsedMilliseconds) / share / 1000 : Infinity;
  const eta = left === Infinity ? '' : ` ${formatDuration(left)} left`;
  return `${'█'.repeat(done)}${'░'.repeat(BAR - done)} ${String(Math.floor(share * 100)).padStart(3)} %${eta}`;
}

export function formatDuration(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
