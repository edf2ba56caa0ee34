// One set of rules for several clocks. Everything that a rule says of time it says in days: on the real clock a day has 86,400 s, in the demo,
// where simulated days rush by, 10 s. No window is shorter than a few scrapes, else a rate or a line would rest on nothing.

export interface Clock {
  readonly name: string;
  readonly secondsPerDay: number;
  readonly scrapeSeconds: number; // the longest scrape and evaluation interval that the rules are made for
  readonly note: string; // for the head of the file
}

export const REAL_CLOCK: Clock = {
  name: 'arenascope',
  secondsPerDay: 86_400,
  scrapeSeconds: 60,
  note: 'For production, on the real clock: scrape and evaluate at least once a minute.',
};

/** `ARENASCOPE_SPEED` at its default: one simulated day in 10 s. */
export const DEMO_CLOCK: Clock = {
  name: 'arenascope-demo',
  secondsPerDay: 10,
  scrapeSeconds: 2,
  note: 'For the demo, where a simulated day takes 10 s: scrape and evaluate every 2 s. Not for production.',
};

/** Of what `arenascope history` writes: real days, a sample an hour. No rule file is made for it; the quality of the alerts is measured by it. */
export const HISTORY_CLOCK: Clock = {
  name: 'arenascope-history',
  secondsPerDay: 86_400,
  scrapeSeconds: 3600,
  note: 'For histories of `arenascope history`, which have a sample an hour.',
};

const MIN_SCRAPES = 5;

/** A window for `[…]`. */
export const rangeOf = (clock: Clock, days: number): string =>
  durationText(Math.max(days * clock.secondsPerDay, MIN_SCRAPES * clock.scrapeSeconds));
/** A horizon in seconds, as predict_linear wants it. */
export const aheadOf = (clock: Clock, days: number): number => days * clock.secondsPerDay;
/** How long an alert must hold; 0 fires at once. */
export const holdOf = (clock: Clock, days: number): string => durationText(holdSecondsOf(clock, days));
export const holdSecondsOf = (clock: Clock, days: number): number =>
  days === 0 ? 0 : Math.max(days * clock.secondsPerDay, 2 * clock.scrapeSeconds);

const UNITS = [['d', 86_400], ['h', 3600], ['m', 60], ['s', 1]] as const; // prettier-ignore

/** `604800` → `7d`, in the largest unit that divides it. */
export function durationText(seconds: number): string {
  const whole = Math.ceil(seconds);
  const [unit, size] = UNITS.find(([, length]) => whole >= length && whole % length === 0) ?? ['s', 1];
  return `${whole / size}${unit}`;
}
