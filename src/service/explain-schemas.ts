// The schemas of GET /api/explain: the explanation, and the plain snapshot it is made from, which can be saved and explained later.
import { z } from 'zod';
import { type HoldersSnapshot, LIST_NAMES, LIVE_PURPOSES, PROFILES, type NettyVersion } from '../allocator/index.ts';
import { CAUSES, type Explanation } from '../explain/index.ts';

const count = z.int().nonnegative();
const bytes = z.int().nonnegative();
const listName = z.enum(LIST_NAMES);
const purpose = z.enum(LIVE_PURPOSES);
const sentence = z.string();
const eventLoop = count.nullable().describe('Event loop; null where it is not known');

const chunk = {
  id: count,
  usagePercent: z.int().min(0).max(100),
  bytes,
  freeBytes: bytes,
  largestFreeRunBytes: bytes,
  live: z.array(z.strictObject({ purpose, cache: eventLoop, buffers: count, bytes })),
  cached: z
    .array(z.strictObject({ cache: count, classBytes: bytes, entries: count, bytes, newestAge: count, oldestAge: count }))
    .describe('Regions in thread caches; ages in seconds of the allocator’s clock'),
  subpages: z
    .array(z.strictObject({ classBytes: bytes, pages: count, emptyPages: count, isLast: z.boolean(), bytes }))
    .describe('Pages cut for a size class: what no slot in use accounts for'),
};
const huge = { id: count, arena: count, bytes, purpose, cache: eventLoop };

export const HoldersSchema: z.ZodType<HoldersSnapshot> = z.strictObject({
  version: z.enum(Object.keys(PROFILES) as [NettyVersion]),
  chunkBytes: bytes,
  pageBytes: bytes,
  limitBytes: z.number().positive().nullable().describe('null: no limit'),
  reservedBytes: bytes,
  clock: z.number(),
  simulated: z.boolean(),
  arenas: z.array(
    z.strictObject({
      index: count,
      slotClasses: z.array(bytes).describe('Size classes that have a page with a free slot'),
      lists: z.array(z.strictObject({ name: listName, maxRunBytes: bytes, chunks: z.array(z.strictObject(chunk)) })),
    }),
  ),
  huge: z.array(z.strictObject(huge)),
  caches: z.array(z.strictObject({ index: count, arena: count, asksToTrim: count, largestEntryBytes: bytes.nullable() })),
});

const causeTotal = z.strictObject({ chunks: count, bytes, usedBytes: bytes });
const nextFailure = z.strictObject({ askedBytes: bytes, cause: z.enum(['chunk', 'huge']) });

export const ExplanationSchema: z.ZodType<Explanation> = z.strictObject({
  version: z.string().describe('Netty version'),
  limitBytes: z.number().nullable(),
  reservedBytes: bytes,
  headroomBytes: z.int().nullable(),
  clock: z.number().describe('Seconds that ages are counted in'),
  simulated: z.boolean().describe('The clock is that of simulated days; real requests are dated in it too'),
  summary: sentence,
  totals: z.strictObject({ liveBytes: bytes, cachedBytes: bytes, subpageBytes: bytes, freeBytes: bytes, hugeBytes: bytes }),
  causes: z.strictObject({
    live: causeTotal,
    thread_cache: causeTotal,
    subpage: causeTotal,
    wrong_list: causeTotal,
    never_destroyed: causeTotal,
  }),
  arenas: z.array(
    z.strictObject({
      index: count,
      chunks: count,
      largestNowBytes: bytes.nullable().describe('The largest request that succeeds now; null: none does'),
      nextChunkFits: z.boolean(),
      afterNextChunkBytes: bytes.nullable().describe('The same once one more chunk is made and full'),
      nextFailure: nextFailure.nullable(),
      eventLoops: z.array(z.strictObject({ eventLoop: count, largestNowBytes: bytes.nullable() })).describe('Whose thread cache has more'),
      sentence,
    }),
  ),
  caches: z.array(
    z.strictObject({
      eventLoop: count,
      arena: count,
      bytes,
      entries: count,
      chunks: count.describe('That have a region of it'),
      aloneChunks: count.describe('Of them those that nothing else holds'),
      asksToTrim: count,
      sentence,
    }),
  ),
  chunks: z.array(
    z.strictObject({
      ...chunk,
      arena: count,
      list: listName,
      cause: z.enum(CAUSES),
      fate: z.enum(['stays', 'destroyed', 'open']).describe('Once all that holds it is let go'),
      sentence,
    }),
  ),
  chunksLeftOut: count.describe('More than were asked for'),
  huge: z.array(z.strictObject({ ...huge, sentence })),
});

export const explainQuery = z.strictObject({
  format: z.enum(['json', 'text', 'snapshot']).optional().describe('snapshot: the plain data, to be saved for `arenascope explain FILE`'),
  arena: z.string().regex(/^\d{1,4}$/, 'expected an arena’s index').optional().describe('Explain the chunks of this arena only'), // prettier-ignore
  chunks: z.string().regex(/^\d{1,6}$/, 'expected a whole number').optional().describe('Explain at most so many chunks; default 1000'), // prettier-ignore
});
