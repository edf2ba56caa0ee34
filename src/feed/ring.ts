// The last events, in columns made once, so that recording one costs a few stores and leaves nothing to collect.
//
//   sequence s lies at s mod capacity     | TYPE | ARENA | WALL | SIM | six numbers | body |
//
//   held: first … last,   first = max(1, last − capacity + 1, horizon + 1)
//
// Types whose fields are all numbers and words of a closed set are kept as numbers, in the order of their fields in the table of events
// (a word as its index). The others keep their body as it was published.
import { EVENT_TYPES, EVENTS, type EventBody, type EventType, type Json } from '../client/index.ts';

const NUMBERS = 6; // per event: chunk.created has as many
export const NO_ARENA = -1;

/** Index of a type in the ring's column, and bit of it in filters. */
export const TYPE_INDEX = Object.fromEntries(EVENT_TYPES.map((type, i) => [type, i])) as Record<EventType, number>;

interface Column {
  readonly head: string; // `,"name":`
  readonly words: readonly string[] | null; // as JSON, where the field is of a closed set
}

interface Layout {
  readonly head: string; // `,"type":"chunk.created"`
  readonly columns: readonly Column[];
}

const LAYOUTS: readonly Layout[] = EVENT_TYPES.map((type) => {
  const fields: Readonly<Record<string, { readonly json: Json }>> = EVENTS[type].fields;
  const columns = Object.entries(fields).map(([name, { json }]) => ({ head: `,${JSON.stringify(name)}:`, words: wordsOf(json) }));
  return { head: `,"type":${JSON.stringify(type)}`, columns };
});

function wordsOf({ enum: words }: Json): string[] | null {
  return Array.isArray(words) ? words.map((word) => JSON.stringify(word)) : null;
}

export class EventRing {
  readonly capacity: number;
  last = 0; // newest sequence number
  #horizon = 0; // nothing up to here can be resumed from
  readonly types: Uint8Array; // index of the type
  readonly arenas: Int16Array; // or NO_ARENA
  readonly #wallMillis: Float64Array;
  readonly #simSeconds: Float64Array;
  readonly #numbers: Float64Array;
  readonly #bodies: (EventBody | null)[];

  constructor(capacity: number) {
    if (!Number.isInteger(capacity) || capacity < 1) throw new RangeError(`ringEvents: ${capacity} (expected: a whole number from 1)`);
    this.capacity = capacity;
    this.types = new Uint8Array(capacity);
    this.arenas = new Int16Array(capacity);
    this.#wallMillis = new Float64Array(capacity);
    this.#simSeconds = new Float64Array(capacity);
    this.#numbers = new Float64Array(capacity * NUMBERS);
    this.#bodies = Array.from({ length: capacity }, () => null);
  }

  /** First sequence number held; last + 1 where none is. */
  get first(): number {
    return Math.max(1, this.last - this.capacity + 1, this.#horizon + 1);
  }

  /** What is held up to now no longer leads to the present state. */
  cut(): void {
    this.#horizon = this.last;
  }

  /** Room for an event; returns its index in the columns. */
  #next(type: number, arena: number, wallMillis: number, simSeconds: number, body: EventBody | null): number {
    const at = ++this.last % this.capacity;
    this.types[at] = type;
    this.arenas[at] = arena;
    this.#wallMillis[at] = wallMillis;
    this.#simSeconds[at] = simSeconds;
    this.#bodies[at] = body;
    return at;
  }

  /** An event of numbers: its fields in the table's order, `arena` first. */
  record(type: number, wallMillis: number, simSeconds: number, arena: number, a = 0, b = 0, c = 0, d = 0, e = 0): void {
    const numbers = this.#numbers;
    const at = this.#next(type, arena, wallMillis, simSeconds, null) * NUMBERS;
    numbers[at] = arena;
    numbers[at + 1] = a;
    numbers[at + 2] = b;
    numbers[at + 3] = c;
    numbers[at + 4] = d;
    numbers[at + 5] = e;
  }

  keep(body: EventBody, wallMillis: number, simSeconds: number): void {
    const arena = 'arena' in body ? body.arena : NO_ARENA;
    this.#next(TYPE_INDEX[body.type], arena, wallMillis, simSeconds, body);
  }

  /** A held event as JSON. */
  textOf(sequence: number): string {
    const at = sequence % this.capacity;
    const stamp = `{"sequence":${sequence},"wallMillis":${this.#wallMillis[at]!},"simSeconds":${this.#simSeconds[at]!}`;
    const body = this.#bodies[at]!;
    if (body !== null) return `${stamp},${JSON.stringify(body).slice(1)}`;
    const { head, columns } = LAYOUTS[this.types[at]!]!;
    let text = stamp + head;
    for (let i = 0; i < columns.length; i++) {
      const { head, words } = columns[i]!;
      const value = this.#numbers[at * NUMBERS + i]!;
      text += words === null ? head + value : head + words[value]!;
    }
    return `${text}}`;
  }
}
