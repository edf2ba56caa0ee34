// Rules for the text of a setting: each is a zod schema from text to a value, and the words that say what was expected.
import { z } from 'zod';

export interface Rule<T> {
  readonly schema: z.ZodType<T, string>;
  readonly expected: string;
}
export type ValueOf<R> = R extends Rule<infer T> ? T : never;

const KIB = 1024;
const BYTE_UNITS: Readonly<Record<string, number>> = { '': 1, k: KIB, m: KIB ** 2, g: KIB ** 3 };
const SECOND_UNITS: Readonly<Record<string, number>> = { us: 0.000001, ms: 0.001, s: 1, m: 60, h: 3600 };
export const LARGEST_BODY_BYTES = 2_147_483_647; // one buffer's capacity, an int in Netty

function rule<T>(expected: string, parse: (text: string) => T | undefined): Rule<T> {
  const schema = z.string().transform((text, context): T => {
    const value = parse(text.trim());
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: expected });
    return z.NEVER;
  });
  return { schema, expected };
}

const within = (value: number | undefined, low: number, high: number): number | undefined =>
  value !== undefined && value >= low && value <= high ? value : undefined;

const wholeOf = (text: string): number | undefined => (/^\d{1,15}$/.test(text) ? Number(text) : undefined);

function bytesOf(text: string): number | undefined {
  const match = /^(\d{1,15})\s*([kmg]?)(?:i?b)?$/i.exec(text);
  return match === null ? undefined : Number(match[1]) * BYTE_UNITS[match[2]!.toLowerCase()]!;
}

function secondsOf(text: string): number | undefined {
  if (text === '0') return 0;
  const match = /^(\d{1,9}(?:\.\d{1,6})?)\s*(us|ms|s|m|h)$/.exec(text);
  return match === null ? undefined : Number(match[1]) * SECOND_UNITS[match[2]!]!;
}

export const wholeNumber = (low: number, high: number): Rule<number> =>
  rule(`a whole number, ${low} … ${high}`, (text) => within(wholeOf(text), low, high));

export const decimal = (low: number, high: number): Rule<number> =>
  rule(`a number, ${low} … ${high}`, (text) => (/^\d{1,9}(\.\d{1,9})?$/.test(text) ? within(Number(text), low, high) : undefined));

/** A number, or a word that stands for another value (`auto`, `unlimited`). */
export const orWord = <T, W>(rest: Rule<T>, word: string, value: W): Rule<T | W> =>
  rule<T | W>(`${word}, or ${rest.expected}`, (text) => (text === word ? value : rest.schema.safeParse(text).data));

export const byteSize = (low: number, high: number): Rule<number> =>
  rule(`bytes such as 65536, 512k, 256m or 2g, ${low} … ${high}`, (text) => within(bytesOf(text), low, high));

export const duration = (lowSeconds: number, highSeconds: number): Rule<number> =>
  rule(`a time such as 40us, 500ms, 10s, 5m or 1h, ${lowSeconds} … ${highSeconds} s`, (text) =>
    within(secondsOf(text), lowSeconds, highSeconds),
  );

export const oneOf = <const T extends string>(...words: readonly T[]): Rule<T> =>
  rule(words.length === 1 ? words[0]! : `one of ${words.join(', ')}`, (text) => words.find((word) => word === text));

export const onOrOff: Rule<boolean> = rule('on or off', (text) => (text === 'on' ? true : text === 'off' ? false : undefined));

/** A mark of the headroom: so many bytes, or so much of the limit. */
export type Mark = { readonly bytes: number } | { readonly percent: number };
export const mark: Rule<Mark> = rule('bytes such as 64m, or a share of the limit such as 25%', (text) => {
  const percent = /^(\d{1,3}(?:\.\d{1,3})?)%$/.exec(text);
  if (percent !== null) return Number(percent[1]) <= 100 ? { percent: Number(percent[1]) } : undefined;
  const bytes = bytesOf(text);
  return bytes === undefined ? undefined : { bytes };
});

export const matching = (pattern: RegExp, expected: string): Rule<string> =>
  rule(expected, (text) => (pattern.test(text) ? text : undefined));
