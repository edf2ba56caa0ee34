// Every error of this room, in one table. A message reads `name: value (expected: rule)`; the state is unchanged when one is thrown.

const ERRORS = {
  BAD_CAPACITY: (value: number, maximum: number) => `capacity: ${value} (expected: a whole number of bytes, 0 … ${maximum})`,
  BAD_PAGE_BYTES: (value: number) => `pageBytes: ${value} (expected: a power of two, 4096 … 1073741824)`,
  BAD_MAX_ORDER: (value: number) => `maxOrder: ${value} (expected: a whole number, 0 … 14)`,
  BAD_CHUNK_BYTES: (pageBytes: number, maxOrder: number) =>
    `pageBytes << maxOrder: ${pageBytes} << ${maxOrder} (expected: a chunk of at most 1073741824 bytes)`,
  BAD_ARENAS: (value: number) => `directArenas: ${value} (expected: a whole number, 1 … 1024)`,
  BAD_CACHE_SIZE: (name: string, value: number) => `${name}: ${value} (expected: a whole number of entries, 0 … 65536)`,
  BAD_TRIM_INTERVAL: (value: number) => `cacheTrimInterval: ${value} (expected: a whole number of asks, 1 … 2147483647)`,
  BAD_MAX_CACHED: (value: number) => `maxCachedBufferCapacity: ${value} (expected: a whole number of bytes, 0 … 1073741824)`,
  BAD_LIMIT: (value: number) => `limitBytes: ${value} (expected: a positive number of bytes, or Infinity)`,
  BAD_CACHE: (value: number, count: number) => `cache: ${value} (expected: a thread cache made by createThreadCache, below ${count})`,
  NOT_LIVE: (what: string, ref: number) => `${what}: buffer ${ref} (expected: a buffer that is live; this one was released or never made)`,
  BAD_RANGE: (what: string, from: number, to: number, length: number) =>
    `${what}: bytes ${from} … ${to} (expected: a range of whole numbers within 0 … ${length})`,
  TOO_MANY_REFERENCES: (count: number) => `retain: ${count} references (expected: fewer than 2147483647)`,
  TOO_MANY_BUFFERS: (count: number) => `allocate: ${count} live or cached buffers (expected: at most 4194304 at once)`,
  STILL_LIVE: (count: number) => `dispose: ${count} live buffers (expected: none)`,
  NO_BYTES: () => `memory: none (expected: an allocator made with memory 'real', to read or write bytes)`,
} as const;

export type PoolErrorCode = keyof typeof ERRORS;
export const POOL_ERROR_CODES = Object.keys(ERRORS) as PoolErrorCode[];

export class PoolError extends Error {
  readonly code: PoolErrorCode;
  constructor(code: PoolErrorCode, message: string) {
    super(message);
    this.name = 'PoolError';
    this.code = code;
  }
}

export function fail<C extends PoolErrorCode>(code: C, ...values: Parameters<(typeof ERRORS)[C]>): never {
  const text = ERRORS[code] as (...all: Parameters<(typeof ERRORS)[C]>) => string;
  throw new PoolError(code, text(...values));
}
