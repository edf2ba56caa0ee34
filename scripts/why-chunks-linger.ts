// The seed story's experiments through our pipeline, and the parts of docs/why-chunks-linger.md that come from them
// (`npm run generate`). The prose's own numbers are held by test/explain/why-chunks-linger.test.ts.
import { type AllocatorOptions, dumpArena, holders, type NettyVersion, PooledAllocator, snapshot } from '../src/allocator/index.ts';
import { explain, explanationText } from '../src/explain/index.ts';
import { FAILED, IDLE, Pipeline } from '../src/pipeline/index.ts';
import { Random } from '../src/workload/index.ts';

const MIB = 1 << 20;
export const LARGE_BYTES = 20 * MIB;
export const SMALL_BYTES = 102_400;
export const WRITE_BYTES = 16_384; // what curl hands to the socket at a time
export const LIMIT_BYTES = 256 * MIB;
export const SEED = 449;
export const SEEDS = 20;
const PUT_HEAD_BYTES = 170;

/** Chances, for each readable event, that a spell of doubled deliveries begins and that it ends. */
type Spells = readonly [begins: number, ends: number];
const SPELLS: Spells = [1 / 100, 1 / 20]; // chosen, like SEED, to end like the story: see the document
/** The same experiment under other timings, so that nobody takes the chosen one for the rule. */
const OTHER_SPELLS: Readonly<Record<string, Spells>> = {
  'never two': [0, 1],
  '1 in 1,000, 1 in 100': [1 / 1000, 1 / 100],
  '1 in 200, 1 in 20': [1 / 200, 1 / 20],
  '1 in 100, 1 in 10': [1 / 100, 1 / 10],
  '1 in 100, 1 in 20 (as above)': SPELLS,
  'always two': [1, 0],
};

export interface StoryState {
  readonly allocator: PooledAllocator;
  readonly firstFailure: number | null; // which message, from 1
  readonly consolidatedBytes: readonly number[]; // size of each consolidation
}

/** How many bytes the socket has got since the last readable event. */
type Delivery = (leftBytes: number, isFirst: boolean) => number;

/** All there is: the client is faster than the server. */
export const wholeBody: Delivery = (leftBytes) => leftBytes;

/** One write for each event, but for spells in which two have piled up; 17 while the server answers `100 Continue`. */
export function curlDelivery(seed: number, [begins, ends]: Spells = SPELLS): Delivery {
  const random = new Random(seed, 'curl');
  let isSpell = false;
  return (_, isFirst) => {
    if (isFirst) isSpell = false;
    else if (random.unit() < (isSpell ? ends : begins)) isSpell = !isSpell;
    return WRITE_BYTES * (isFirst ? 17 : isSpell ? 2 : 1);
  };
}

/** `fallsThrough`: that rule of the profile replaced. `pipeline`: that of another version than the allocator's. */
type StoryOptions = Partial<AllocatorOptions> & { readonly fallsThrough?: boolean; readonly pipeline?: NettyVersion };

function createAllocator({ fallsThrough, ...options }: StoryOptions): PooledAllocator {
  const allocator = new PooledAllocator({ directArenas: 2, limitBytes: LIMIT_BYTES, memory: 'none', ...options });
  if (fallsThrough !== undefined)
    for (const arena of allocator.arenas) Object.assign(arena, { profile: { ...arena.profile, fallsThrough } });
  return allocator;
}

/** `curl -X PUT --data-binary` again and again: a connection each, its head alone until the server says `100 Continue`. */
export function sendSerially(
  messages: number,
  bytes: number,
  delivery: Delivery,
  { pipeline: version, ...options }: StoryOptions = {},
  afterMessage?: (message: number, allocator: PooledAllocator) => void,
): StoryState {
  const allocator = createAllocator(options);
  const consolidatedBytes: number[] = [];
  const pipeline: Pipeline = new Pipeline(
    allocator,
    {
      onMessage: (_, message) => void pipeline.answer(message),
      onConsolidated: (_, copiedBytes) => void consolidatedBytes.push(copiedBytes),
    },
    { eventLoops: 2, ...(version !== undefined && { version }) },
  );
  let firstFailure: number | null = null;
  for (let message = 1; message <= messages; message++) {
    allocator.clock = message; // a second for each
    const connection = pipeline.open();
    pipeline.begin(connection, PUT_HEAD_BYTES, bytes);
    pipeline.read(connection, PUT_HEAD_BYTES, null);
    pipeline.respondAside(connection); // 100 Continue
    let [left, inSocket] = [bytes, 0];
    while (connection.state !== FAILED && connection.state !== IDLE) {
      const got = Math.min(left, delivery(left, left === bytes));
      left -= got;
      inSocket += got;
      inSocket -= pipeline.read(connection, inSocket, null);
    }
    if (connection.state === FAILED) firstFailure ??= message;
    pipeline.close(connection);
    afterMessage?.(message, allocator);
  }
  return { allocator, firstFailure, consolidatedBytes };
}

export const small = (): StoryState => sendSerially(10_000, SMALL_BYTES, wholeBody);
export const large = (messages: number, version: NettyVersion = '4.1.0.CR3'): StoryState =>
  sendSerially(messages, LARGE_BYTES, curlDelivery(SEED), { version });

/** Chunks of each arena, and the bytes of each that are not free. */
export function usedBytes({ allocator }: StoryState): number[][] {
  return snapshot(allocator).arenas.map(({ lists }) =>
    lists.flatMap(({ chunks }) => chunks.map(({ bytes, freeBytes }) => bytes - freeBytes)),
  );
}

export function dumpOf({ allocator }: StoryState): string {
  return snapshot(allocator)
    .arenas.map((arena) => dumpArena(arena, { printsPoolZero: false }))
    .join('\n');
}

/** The chunk lists of a dump that have chunks. */
function listsOf(state: StoryState): string {
  const lines = dumpOf(state)
    .split('\n')
    .filter((line) => !line.includes('subpages') && !/^\d+:/.test(line));
  return lines
    .filter((line, i) => line !== 'none' && lines[i + 1] !== 'none')
    .join('\n')
    .trim();
}

const fenced = (text: string): string => `\`\`\`text\n${text.trim()}\n\`\`\``;

function sentencesOf({ allocator }: StoryState, arena: number): string {
  return explanationText(explain(holders(allocator), { arena })).split('\n').map((line) => line.trim()).filter(Boolean).map((line) => `- ${line}`).join('\n'); // prettier-ignore
}

/** What one changes, over the same deliveries. */
export const VARIANTS = {
  'Netty 4.1.0.CR3, as it was': {},
  '4.1.0.CR3 with one rule of 4.1.48: a free moves a chunk down several lists (netty#5089)': { fallsThrough: true },
  'the allocator of 4.1.48.Final, receive buffers still chosen as in 4.1.0.CR3': { version: '4.1.48.Final', pipeline: '4.1.0.CR3' },
  'Netty 4.1.48.Final': { version: '4.1.48.Final' },
  '4.1.0.CR3, no thread cache for 8 KiB and more (`normalCacheSize` 0)': { normalCacheSize: 0 },
  '4.1.0.CR3, chunks of 4 MiB (`maxOrder` 9)': { maxOrder: 9 },
  '4.1.48.Final, chunks of 4 MiB': { version: '4.1.48.Final', maxOrder: 9 },
} as const satisfies Record<string, StoryOptions>;

export interface VariantResult {
  readonly reservedMiB: readonly number[]; // after 40 messages, by seed, ascending
  readonly failed: number; // seeds that ran out of memory within 60 messages
}

export function tryVariant(options: StoryOptions): VariantResult {
  const reservedMiB: number[] = [];
  let failed = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const note = (message: number, { memory }: PooledAllocator): void =>
      void (message === 40 && reservedMiB.push(memory.reservedBytes / MIB));
    if (sendSerially(60, LARGE_BYTES, curlDelivery(seed), options, note).firstFailure !== null) failed++;
  }
  return { reservedMiB: reservedMiB.sort((a, b) => a - b), failed };
}

function variantTable(): string {
  const rows = Object.entries(VARIANTS).map(([name, options]) => {
    const { reservedMiB, failed } = tryVariant(options);
    return `| ${name} | ${reservedMiB[SEEDS / 2]!} | ${reservedMiB[0]!} … ${reservedMiB.at(-1)!} | ${failed} |`;
  });
  return [
    `| | MiB held after 40 messages (median) | range | out of memory by message 60, of ${SEEDS} runs |`,
    '|---|---|---|---|',
    ...rows,
  ].join('\n');
}

/** Chunks after 40 messages, by seed, ascending; and what each arena holds then, in bytes, all sums that occur. */
export function tryTiming(
  spells: Spells,
  version: NettyVersion,
): { readonly chunks: readonly number[]; readonly sums: ReadonlySet<number> } {
  const sums = new Set<number>();
  const chunks = Array.from({ length: SEEDS }, (_, i) => {
    const used = usedBytes(sendSerially(40, LARGE_BYTES, curlDelivery(i + 1, spells), { version }));
    for (const arena of used) sums.add(arena.reduce((sum, bytes) => sum + bytes, 0));
    return used.flat().length;
  });
  return { chunks: chunks.sort((a, b) => a - b), sums };
}

function timingTable(): string {
  const rows = Object.entries(OTHER_SPELLS).map(([name, spells]) => {
    const [cr3, fixed] = [tryTiming(spells, '4.1.0.CR3'), tryTiming(spells, '4.1.48.Final')];
    const shown = ({ chunks }: typeof cr3): string => `${chunks[SEEDS / 2]!} (${chunks[0]!} … ${chunks.at(-1)!})`;
    const sums = [...cr3.sums].sort((a, b) => a - b).map((sum) => sum.toLocaleString('en-US'));
    return `| ${name} | ${shown(cr3)} | ${shown(fixed)} | ${sums.join(', ')} |`;
  });
  return [
    '| a spell begins, ends | chunks, 4.1.0.CR3: median (range) | chunks, 4.1.48.Final | bytes not free in an arena, 4.1.0.CR3 |',
    '|---|---|---|---|',
    ...rows,
  ].join('\n');
}

/** For `npm run generate`. */
export const WHY_CHUNKS_LINGER_PARTS: Readonly<Record<string, () => string>> = {
  'dump-100kb': () => fenced(dumpOf(small()).split('\n\n')[0]!),
  'sentences-100kb': () => sentencesOf(small(), 0),
  'dump-20mb': () => fenced([20, 40].map((messages) => `after ${messages} messages\n${listsOf(large(messages))}`).join('\n\n')),
  'sentences-20mb': () => sentencesOf(large(40), 1),
  'dump-20mb-fixed': () => fenced(listsOf(large(40, '4.1.48.Final'))),
  timings: timingTable,
  variants: variantTable,
};
