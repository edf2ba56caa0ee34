// What a screen reader is told without asking: headroom when it enters another tenth of the limit, and refused reservations; the two
// together, politely, and seldom. Everything else on the page changes silently.
import type { Arenas } from './api.ts';
import { formatBytes, plural } from './format.ts';

const LEAST_MILLISECONDS = 10_000; // between two announcements
const STEPS = 10;

interface Told {
  readonly at: number;
  readonly step: number;
  readonly failures: number;
}

export class Announcer {
  readonly #say: (text: string) => void;
  #told: Told | null = null;

  constructor(say: (text: string) => void) {
    this.#say = say;
  }

  show({ limitBytes, reservedBytes, exhausted }: Pick<Arenas, 'limitBytes' | 'reservedBytes' | 'exhausted'>, now: number): void {
    const headroom = limitBytes - reservedBytes;
    const present = { at: now, step: Math.ceil((headroom / limitBytes) * STEPS), failures: exhausted.chunk + exhausted.huge };
    const told = this.#told;
    if (told === null) this.#told = present; // what is there at first is read with the page
    if (told === null || now - told.at < LEAST_MILLISECONDS || (told.step === present.step && told.failures === present.failures)) return;
    this.#told = present;
    const more = present.failures - told.failures;
    const refused = more > 0 ? ` ${plural(more, 'reservation')} refused since the last announcement.` : '';
    this.#say(`Headroom ${formatBytes(headroom)} of ${formatBytes(limitBytes)}.${refused}`);
  }
}
