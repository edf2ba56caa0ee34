// What the API answers, as schemas: the OpenAPI document is made from them, and the tests hold real answers against it.
import { z } from 'zod';
import { LIST_NAMES, SIZE_KINDS } from '../allocator/index.ts';
import { PROBLEM_CODES } from './problems.ts';

const count = z.int().nonnegative();
const bytes = z.int().nonnegative();
const countByKind = z.strictObject(Object.fromEntries(SIZE_KINDS.map((kind) => [kind, count])));

export const ReceiptSchema = z.strictObject({
  bytes: bytes.describe('Bytes of body received'),
  components: count.describe('Parts of the aggregated message; 0 without the aggregator'),
  slices: count.describe('Decoder slices that made it up'),
  consolidations: count.describe('Times the parts were copied into one buffer'),
  copiedBytes: bytes.describe('Bytes copied by consolidations'),
  eventLoop: count,
  arena: count,
  digest: z.string().regex(/^[0-9a-f]{64}$/).optional().describe('SHA-256 of the body, read back from allocator memory'), // prettier-ignore
});

export const ProblemSchema = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.enum(PROBLEM_CODES),
});

export const ExhaustedSchema = z.strictObject({
  ...ProblemSchema.shape,
  cause: z.enum(['chunk', 'huge']).describe('What found no room: a new chunk, or an allocation larger than a chunk'),
  askedBytes: bytes,
  reservedBytes: bytes,
  limitBytes: bytes,
});

const ChunkSchema = z.strictObject({
  id: count,
  name: z.string().regex(/^[0-9a-f]{8}$/).describe('Its name in the text dump'), // prettier-ignore
  usagePercent: z.int().min(0).max(100),
  bytes,
  liveBytes: bytes.describe('Held by live buffers'),
  cachedBytes: bytes.describe('Kept by thread caches'),
  subpageBytes: bytes.describe('Pages of subpages, less their taken slots'),
  freeBytes: bytes,
  largestFreeRunBytes: bytes,
  stranded: z.boolean().describe('Usage below its list’s minimum, or empty in qInit'),
});

export const ArenasSchema = z.strictObject({
  version: z.string().describe('Netty version'),
  pageBytes: bytes,
  maxOrder: count,
  chunkBytes: bytes,
  limitBytes: bytes,
  reservedBytes: bytes,
  headroomBytes: bytes,
  hugeBytes: bytes,
  hugeCount: count,
  exhausted: z.strictObject({ chunk: count, huge: count }),
  liveBuffers: count,
  arenas: z.array(
    z.strictObject({
      index: count,
      threadCaches: count,
      chunksCreated: count,
      chunksDestroyed: count,
      hugeBytes: bytes,
      allocations: countByKind,
      deallocations: countByKind,
      active: countByKind,
      lists: z.array(
        z.strictObject({ name: z.enum(LIST_NAMES), minUsage: z.int(), maxUsage: z.int(), chunks: z.array(ChunkSchema) }),
      ),
    }),
  ),
  threadCaches: z.array(
    z.strictObject({ eventLoop: count, arena: count, bytes, entries: count, hits: count, misses: count, trims: count }),
  ),
}); // prettier-ignore

const regionHolder = {
  holder: z.enum(['live', 'thread_cache']),
  cache: count.nullable().describe('Event loop whose thread cache it is, or came from'),
  classBytes: bytes.nullable(),
  lengthBytes: bytes.describe('Bytes asked for'),
};
const pages = { firstPage: count, pages: count, offset: bytes, bytes };

export const OccupancySchema = z.strictObject({
  id: count,
  name: z.string(),
  arena: count,
  list: z.enum(LIST_NAMES),
  usagePercent: z.int(),
  bytes,
  freeBytes: bytes,
  pageBytes: bytes,
  pages: count,
  runs: z
    .array(
      z.union([
        z.strictObject({ ...pages, holder: z.literal('free') }),
        z.strictObject({ ...pages, ...regionHolder }),
        z.strictObject({
          ...pages,
          holder: z.literal('subpage'),
          elemBytes: bytes,
          maxElems: count,
          available: count,
          slots: z.array(z.strictObject({ slot: count, ...regionHolder })),
        }),
      ]),
    )
    .describe('Every page of the chunk, in order, without gap or overlap'),
});

export const HealthSchema = z.strictObject({ status: z.enum(['ok', 'ready']) });
export const TrimSchema = z.strictObject({ freed: count.describe('Regions that went back to their chunks'), cachedBytes: bytes.describe('Bytes that thread caches still keep') }); // prettier-ignore

const column = z.array(z.number());
export const HistorySchema = z.strictObject({
  nowSeconds: z.number().describe('The clock that `wallSeconds` are of, now'),
  generation: count.describe('Changes when rows are dropped: what was known is then to be forgotten'),
  from: count.describe('Index of the first row here'),
  limitBytes: bytes,
  wallSeconds: column,
  simSeconds: z.array(z.number().nullable()).describe('null: no simulation ran'),
  reservedBytes: column,
  hugeBytes: column,
  liveBytes: column,
  cachedBytes: column,
  subpageBytes: column,
  freeBytes: column,
  exhaustedChunk: column.describe('Refused reservations so far'),
  exhaustedHuge: column,
  chunksByBand: z.array(column).describe('Chunks by usage: 0, 1–10, … 91–99, 100 %'),
  chunksByArena: z.array(column),
});
