// Numbers with units as people write them in a scenario: `20MB`, `16KiB`, `30ms`, `5MB/s`. Each schema says what it expects.
import { z } from 'zod';
import type { Distribution } from './distribution.ts';

const BYTE_UNITS: Readonly<Record<string, number>> = { B: 1, KB: 1e3, MB: 1e6, GB: 1e9, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };
const TIME_UNITS: Readonly<Record<string, number>> = { us: 1e-6, ms: 1e-3, s: 1, min: 60, h: 3600, d: 86_400 };
const RATE_UNITS = Object.fromEntries(Object.entries(BYTE_UNITS).map(([unit, bytes]) => [`${unit}/s`, bytes]));

/** A schema from a function that reads the value, or returns undefined where it is not what is expected. */
function reading(expected: string, read: (raw: unknown) => number | undefined): z.ZodType<number> {
  return z.unknown().transform((raw, context) => {
    const value = read(raw);
    if (value !== undefined) return value;
    context.issues.push({ code: 'custom', message: expected, input: raw });
    return z.NEVER;
  });
}

function inUnits(raw: unknown, units: Readonly<Record<string, number>>): number | undefined {
  if (typeof raw !== 'string') return undefined;
  const match = /^(\d+(?:\.\d+)?) ?([A-Za-z/]+)$/.exec(raw);
  const factor = match === null ? undefined : units[match[2]!];
  return factor === undefined ? undefined : Number(match![1]) * factor;
}

const isWhole = (raw: unknown): raw is number => Number.isSafeInteger(raw) && (raw as number) >= 0;

/** Bytes; a fraction of a unit is rounded to whole ones. */
export const bytes = reading('bytes, like 1448, 100KB or 16MiB', (raw) => {
  const value = isWhole(raw) ? raw : inUnits(raw, BYTE_UNITS);
  return value === undefined ? undefined : Math.round(value);
});
export const seconds = reading('a time, like 30ms, 10s, 5min or 1h', (raw) => (raw === 0 ? 0 : inUnits(raw, TIME_UNITS)));
export const bytesPerSecond = reading('a rate, like 5MB/s, or unlimited', (raw) => {
  const rate = raw === 'unlimited' ? Infinity : inUnits(raw, RATE_UNITS);
  return rate === 0 ? undefined : rate;
});
export const count = reading('a whole number, 0 or more', (raw) => (isWhole(raw) ? raw : undefined));
export const positiveCount = reading('a whole number, 1 or more', (raw) => (isWhole(raw) && raw > 0 ? raw : undefined));
export const countOrUnlimited = reading('a whole number, 1 or more, or unlimited', (raw) =>
  raw === 'unlimited' ? Infinity : isWhole(raw) && raw > 0 ? raw : undefined,
);
export const factor = reading('a number, 0 or more', (raw) => (typeof raw === 'number' && raw >= 0 && raw < Infinity ? raw : undefined));
export const positive = reading('a number above 0', (raw) => (typeof raw === 'number' && raw > 0 && raw < Infinity ? raw : undefined));
export const share = reading('a share, 0 … 1', (raw) => (typeof raw === 'number' && raw >= 0 && raw <= 1 ? raw : undefined));

/** A distribution of such quantities: the plain quantity, or one named law with its parameters. */
export function distribution(quantity: z.ZodType<number>): z.ZodType<Distribution> {
  const range = z.strictObject({ from: quantity, to: quantity }).refine(({ from, to }) => from <= to, { error: 'from ≤ to' });
  const least = quantity.optional().transform((value) => value ?? 0);
  const most = quantity.optional().transform((value) => value ?? Infinity);
  const self: z.ZodType<Distribution> = z.lazy(() => law);
  const LAWS = {
    uniform: range,
    logUniform: range.refine(({ from }) => from > 0, { error: 'from above 0' }),
    lognormal: z.strictObject({ median: quantity, sigma: factor, min: least, max: most }),
    exponential: z.strictObject({ mean: quantity, min: least, max: most }),
    geometric: z.strictObject({ median: positiveCount, max: positiveCount }),
    mixture: z
      .array(z.strictObject({ name: z.string().optional(), weight: positive, of: self }))
      .min(1)
      .transform((parts) => ({ parts })),
  } satisfies Record<Exclude<Distribution['kind'], 'fixed'>, z.ZodType>;
  const expected = `one of ${Object.keys(LAWS).join(', ')} with its parameters`;
  const law = z.unknown().transform((raw, context): Distribution => {
    const isLaw = typeof raw === 'object' && raw !== null;
    const [kind, ...others] = isLaw ? Object.keys(raw) : ['value'];
    if (isLaw && (others.length > 0 || !Object.hasOwn(LAWS, kind!))) {
      context.issues.push({ code: 'custom', message: expected, input: raw });
      return z.NEVER;
    }
    const parsed = isLaw
      ? LAWS[kind as keyof typeof LAWS].safeParse((raw as Record<string, unknown>)[kind!])
      : quantity.transform((value) => ({ value })).safeParse(raw);
    if (parsed.success) return { kind: isLaw ? kind : 'fixed', ...parsed.data } as Distribution;
    for (const issue of parsed.error.issues)
      context.issues.push({ ...issue, path: isLaw ? [kind!, ...issue.path] : [], input: raw } as z.core.$ZodRawIssue);
    return z.NEVER;
  });
  return law;
}
