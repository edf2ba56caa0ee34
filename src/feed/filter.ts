// Which events pass: types as bits, arenas as a set. Equal filters have equal keys, so that their clients share frames.
import { DEFAULT_TYPES, EVENT_TYPES, type EventType, isEventType } from '../client/index.ts';
import { type EventRing, NO_ARENA, TYPE_INDEX } from './ring.ts';

export interface Filter {
  readonly key: string;
  readonly typeBits: number;
  readonly arenas: ReadonlySet<number> | null; // null: all
}

const bitsOf = (types: readonly EventType[]): number => types.reduce((bits, type) => bits | (1 << TYPE_INDEX[type]), 0);

export function makeFilter(types: readonly EventType[] | null, arenas: readonly number[] | null): Filter {
  const typeBits = bitsOf(types ?? DEFAULT_TYPES);
  const set = arenas === null ? null : new Set([...arenas].sort((a, b) => a - b));
  return { key: `${typeBits} ${set === null ? '*' : [...set].join()}`, typeBits, arenas: set };
}

export function passes({ typeBits, arenas }: Filter, { types, arenas: arenaColumn, capacity }: EventRing, sequence: number): boolean {
  const at = sequence % capacity;
  if ((typeBits & (1 << types[at]!)) === 0) return false;
  return arenas === null || arenaColumn[at] === NO_ARENA || arenas.has(arenaColumn[at]!);
}

export const typesOf = ({ typeBits }: Filter): EventType[] => EVENT_TYPES.filter((_, i) => (typeBits & (1 << i)) !== 0);

/** The filter that was asked for, or what is wrong with it. */
export function readFilter(types: unknown, arenas: unknown, arenaCount: number): Filter | string {
  if (types !== null && !isArrayOf(types, EVENT_TYPES.length, (type): type is EventType => typeof type === 'string' && isEventType(type)))
    return `types: ${shown(types)} (expected: null, or at most ${EVENT_TYPES.length} of ${EVENT_TYPES.join(', ')})`;
  const isArena = (arena: unknown): arena is number => Number.isInteger(arena) && (arena as number) >= 0 && (arena as number) < arenaCount;
  if (arenas !== null && !isArrayOf(arenas, arenaCount, isArena))
    return `arenas: ${shown(arenas)} (expected: null, or at most ${arenaCount} whole numbers below ${arenaCount})`;
  return makeFilter(types, arenas);
}

function isArrayOf<T>(value: unknown, most: number, is: (item: unknown) => item is T): value is T[] {
  return Array.isArray(value) && value.length <= most && value.every(is);
}

const SHOWN_CHARACTERS = 80;

/** A stranger's value in an answer: cut, so that the answer stays small. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}
