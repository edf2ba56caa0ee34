// What a scenario says: traffic, network, peer and settings. One schema; the types are derived from it. Documented in docs/scenarios.md.
import { z } from 'zod';
import { bytes, bytesPerSecond, count, countOrUnlimited, distribution, factor, positive, positiveCount, seconds, share } from './quantities.ts'; // prettier-ignore

const ones = (length: number) => Array.from({ length }, () => 1);
const factors = (length: number) =>
  z
    .array(factor)
    .length(length, { error: `${length} numbers` })
    .refine((list) => list.some((value) => value > 0), { error: 'not only zeros' })
    .default(ones(length));

const BackPressure = z
  .discriminatedUnion('mode', [
    z.strictObject({ mode: z.literal('off') }),
    /** No socket is read from when headroom falls below `low` until it is `high` again; a client gives up after `patience`. */
    z.strictObject({ mode: z.literal('watermark'), low: bytes, high: bytes, patience: seconds.prefault('60s') }),
    /** Uploads of at least `from` are answered 503 at their head while headroom is below `low`. */
    z.strictObject({ mode: z.literal('refuse'), low: bytes, from: bytes }),
    /** A connection is not read again before its last message was answered. */
    z.strictObject({ mode: z.literal('connection') }),
  ])
  .default({ mode: 'off' });

const Caches = z.strictObject({
  tiny: count.prefault(512),
  small: count.prefault(256),
  normal: count.prefault(64),
  maxCached: bytes.prefault('32KiB'),
  trimInterval: positiveCount.prefault(8192),
});
const Receive = z.strictObject({
  minimum: bytes.prefault(64),
  initial: bytes.prefault(1024),
  maximum: bytes.prefault('64KiB'),
  maxReads: positiveCount.prefault(16),
});

export const Settings = z.strictObject({
  version: z.enum(['4.1.0.CR3', '4.1.48.Final']).default('4.1.0.CR3'),
  limit: bytes,
  cores: positiveCount.prefault(1), // Netty makes 2 event loops a core, and as many arenas where the limit allows
  eventLoops: positiveCount.optional(),
  arenas: positiveCount.optional(),
  pageSize: bytes.prefault(8192),
  maxOrder: count.prefault(11),
  pooled: z.boolean().default(true),
  caches: z.union([z.boolean(), Caches], { error: 'true, false, or the caches’ sizes' }).default(true),
  receive: Receive.prefault({}),
  aggregate: z.boolean().default(true),
  maxComponents: positiveCount.prefault(1024),
  sliceBytes: bytes.prefault(8196),
  backPressure: BackPressure,
});

/** Netty's own settings but for what is named: those of a service without a scenario. */
export const plainSettings = (named: z.input<typeof Settings>): z.infer<typeof Settings> => Settings.parse(named);

const Stalls = z.strictObject({
  perDay: factor,
  length: distribution(seconds),
});
const Peer = z.strictObject({
  latency: z.strictObject({ median: seconds, sigma: factor }).default({ median: 0, sigma: 0 }),
  rate: bytesPerSecond.prefault('unlimited'),
  concurrency: countOrUnlimited.prefault('unlimited'),
  stalls: Stalls.optional(),
});

const Network = z.strictObject({
  segmentSize: bytes.prefault(1448),
  segments: distribution(positiveCount),
  rate: distribution(bytesPerSecond),
  headBytes: bytes.prefault(150),
});

const session = {
  messages: distribution(positiveCount).prefault(1),
  size: distribution(bytes),
  connection: z.union([z.literal('new'), z.strictObject({ keepAlive: positiveCount })], { error: 'new, or keepAlive: a number' }).default('new'),
  waits: z.boolean().default(false), // for the answer, before the next message of the session
  stallsPeer: share.prefault(0), // the chance that the session begins with a stall of the peer
}; // prettier-ignore
const Open = z.strictObject({
  perDay: positive,
  shaped: z.boolean().default(true),
  bursts: z.strictObject({ perDay: positive, length: seconds, times: positive }).optional(),
  ...session,
});
const Closed = z.strictObject({
  clients: positiveCount,
  sessions: countOrUnlimited.prefault('unlimited'), // in all
  pause: distribution(seconds).prefault(0), // of a client between its sessions
  ...session,
});
const Source = z.unknown().transform((raw, context): z.infer<typeof Open> | z.infer<typeof Closed> => {
  const isClosed = typeof raw === 'object' && raw !== null && 'clients' in raw;
  const parsed = (isClosed ? Closed : Open).safeParse(raw);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) context.issues.push({ ...issue, input: raw } as z.core.$ZodRawIssue);
  return z.NEVER;
});

export const Scenario = z.strictObject({
  title: z.string(),
  days: positive, // how long it is usually run
  settings: Settings,
  shape: z.strictObject({ hours: factors(24), days: factors(7) }).prefault({}),
  network: Network,
  peer: Peer.prefault({}),
  traffic: z
    .record(z.string().regex(/^[a-z][a-z0-9-]*$/, { error: 'a name of lower-case letters, digits and hyphens' }), Source)
    .refine((sources) => Object.keys(sources).length > 0, { error: 'at least one source of traffic' }),
});

export type Scenario = z.infer<typeof Scenario> & { readonly name: string };
export type ScenarioSettings = z.infer<typeof Settings>;
export type BackPressureSettings = ScenarioSettings['backPressure'];
export type NetworkModel = z.infer<typeof Network>;
export type PeerModel = z.infer<typeof Peer>;
export type OpenSource = z.infer<typeof Open>;
export type ClosedSource = z.infer<typeof Closed>;
export type SourceModel = OpenSource | ClosedSource;
