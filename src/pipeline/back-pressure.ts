// Back-pressure by watermarks: below the low mark of headroom no socket is read, above the high mark all are again.
// `off` is the story's server: it reads whatever comes.

export interface BackPressureOptions {
  readonly mode: 'off' | 'watermark';
  readonly lowBytes: number; // of headroom: stop below
  readonly highBytes: number; // go on at or above
}

export class BackPressure {
  readonly options: BackPressureOptions;
  reading = true;
  changes = 0; // times it was switched on
  private readonly onChange: (reading: boolean, headroomBytes: number) => void;

  constructor(options: BackPressureOptions, onChange: (reading: boolean, headroomBytes: number) => void = () => undefined) {
    if (options.mode === 'watermark' && !(options.lowBytes >= 0 && options.highBytes >= options.lowBytes))
      throw new RangeError(`back-pressure: low ${options.lowBytes}, high ${options.highBytes} (expected: 0 ≤ low ≤ high)`);
    this.options = options;
    this.onChange = onChange;
  }

  /** Tell the present headroom; returns whether sockets may be read. */
  update(headroomBytes: number): boolean {
    const { mode, lowBytes, highBytes } = this.options;
    if (mode === 'off') return true;
    if (this.reading ? headroomBytes < lowBytes : headroomBytes >= highBytes) {
      this.reading = !this.reading;
      if (!this.reading) this.changes++;
      this.onChange(this.reading, headroomBytes);
    }
    return this.reading;
  }
}
