// Every misuse is a coded error `name: value (expected: rule)`, and leaves the state as it was.
import { beforeEach, describe, expect, test } from 'vitest';
import { type AllocatorOptions, type BufferRef, PooledAllocator, RECORD } from './allocator.ts';
import { copyParts, lengthOf, viewBytes, writeBytes } from './bytes.ts';
import { check } from './check.ts';
import { Composite } from './composite.ts';
import { POOL_ERROR_CODES, PoolError, type PoolErrorCode } from './errors.ts';
import { NONE } from './handle.ts';
import { placeOf } from './place.ts';
import { snapshot } from './snapshot.ts';

let allocator: PooledAllocator;
let live: BufferRef; // 100 bytes
let other: BufferRef; // 20,000 bytes
let released: BufferRef; // 100 bytes, now in the cache
const seen = new Set<PoolErrorCode>();

beforeEach(() => {
  allocator = new PooledAllocator({ directArenas: 1, limitBytes: 1 << 26, memory: 'real' });
  allocator.createThreadCache();
  [live, other, released] = [allocator.allocate(0, 100), allocator.allocate(0, 20_000), allocator.allocate(0, 100)];
  allocator.release(released);
});

function expectError(run: () => unknown, code: PoolErrorCode, message: RegExp): void {
  const caught = ((): unknown => {
    try {
      run();
    } catch (error) {
      return error;
    }
    return undefined;
  })();
  expect(caught).toBeInstanceOf(PoolError);
  const { code: got, message: text, name } = caught as PoolError;
  seen.add(got);
  expect([name, got]).toEqual(['PoolError', code]);
  expect(text).toMatch(message);
  expect(text).toMatch(/^[^:]+: .+ \(expected: .+\)$/);
}

const dead: readonly [what: string, ref: () => number][] = [
  ['a buffer released before', () => released],
  ['NONE', () => NONE],
  ['a number that never was a buffer', () => 77],
  ['a number far out', () => 2 ** 40],
  ['a fraction', () => live + 0.5],
  ['NaN', () => Number.NaN],
];
/** One part, of a copy. */
const part = (ref: BufferRef, offset: number, length: number) => ({ refs: [ref], offsets: [offset], lengths: [length], count: 1 });

const uses: readonly [name: string, use: (ref: number) => unknown][] = [
  ['release', (ref) => allocator.release(ref)],
  ['retain', (ref) => allocator.retain(ref)],
  ['capacity', (ref) => allocator.capacity(0, ref, 50)],
  ['lengthOf', (ref) => lengthOf(allocator, ref)],
  ['viewBytes', (ref) => viewBytes(allocator, ref)],
  ['writeBytes', (ref) => writeBytes(allocator, ref, 0, new Uint8Array(1))],
  ['copyParts', (ref) => copyParts(allocator, part(ref, 0, 1), live)],
  ['placeOf', (ref) => placeOf(allocator, ref)],
  ['addComponent', (ref) => new Composite(allocator, 4).add(0, ref, 0, 1)],
];

describe.each(uses)('%s', (name, use) => {
  test.each(dead)('of %s is refused, the state unchanged', (_, ref) => {
    const before = snapshot(allocator);
    expectError(() => use(ref()), 'NOT_LIVE', new RegExp(`^${name}: buffer `));
    expect(snapshot(allocator)).toEqual(before);
    check(allocator);
  });
});

test('a ref is refused after its record was used again, for each of the next 511 uses', () => {
  for (let use = 0; use < 511; use++) {
    const again = allocator.allocate(0, 100);
    expect(again).not.toBe(released);
    expect(again & RECORD.SLOT_MASK).toBe(released & RECORD.SLOT_MASK);
    expectError(() => allocator.release(released), 'NOT_LIVE', /^release: buffer /);
    expect(allocator.release(again)).toBe(true);
  }
});

test('a buffer moved by a change of capacity keeps its ref, and is released once', () => {
  allocator.capacity(0, live, 5000);
  expect(allocator.release(live)).toBe(true);
  expectError(() => allocator.release(live), 'NOT_LIVE', /^release: /);
  check(allocator);
});

const badBytes = [-1, Number.NaN, 1.5, 2 ** 31, 2 ** 53, Infinity, -Infinity];
const misuses: readonly [what: string, run: () => unknown, code: PoolErrorCode, message: RegExp][] = [
  ...badBytes.map((bytes): [string, () => unknown, PoolErrorCode, RegExp] => [
    `allocate ${bytes} bytes`, () => allocator.allocate(0, bytes), 'BAD_CAPACITY', new RegExp(`^capacity: ${String(bytes).replace('+', '\\+')} `),
  ]),
  ...badBytes.map((bytes): [string, () => unknown, PoolErrorCode, RegExp] => [
    `a capacity of ${bytes} bytes`, () => allocator.capacity(0, live, bytes), 'BAD_CAPACITY', /^capacity: /,
  ]),
  ...[-1, 1, 0.5, Number.NaN, Infinity].flatMap((cache): [string, () => unknown, PoolErrorCode, RegExp][] => [
    [`allocate from cache ${cache}`, () => allocator.allocate(cache, 16), 'BAD_CACHE', /^cache: .*below 1/],
    [`a capacity by cache ${cache}`, () => allocator.capacity(cache, live, 16), 'BAD_CACHE', /^cache: /],
    [`a trim of cache ${cache}`, () => allocator.trimCache(cache), 'BAD_CACHE', /^cache: /],
    [`a part by cache ${cache}`, () => new Composite(allocator, 4).add(cache, live, 0, 1), 'BAD_CACHE', /^cache: /],
  ]),
  ['a view beyond the length', () => viewBytes(allocator, live, 0, 101), 'BAD_RANGE', /^viewBytes: bytes 0 … 101 .*0 … 100/],
  ['a view from below 0', () => viewBytes(allocator, live, -1), 'BAD_RANGE', /-1 … 100/],
  ['a view the wrong way round', () => viewBytes(allocator, live, 7, 6), 'BAD_RANGE', /7 … 6/],
  ['a view of fractions', () => viewBytes(allocator, live, 0.5, 6), 'BAD_RANGE', /0\.5/],
  ['a write beyond the length', () => writeBytes(allocator, live, 91, new Uint8Array(10)), 'BAD_RANGE', /91 … 101/],
  ['a write of more than the source has', () => writeBytes(allocator, live, 0, new Uint8Array(10), 5, 11), 'BAD_RANGE', /5 … 11/],
  ['a write to NaN', () => writeBytes(allocator, live, Number.NaN, new Uint8Array(1)), 'BAD_RANGE', /NaN/],
  ['a copy from beyond the source', () => copyParts(allocator, part(live, 90, 11), other), 'BAD_RANGE', /90 … 101/],
  ['a copy to beyond the target', () => copyParts(allocator, part(other, 0, 101), live), 'BAD_RANGE', /0 … 101/],
  ['a copy of a negative length', () => copyParts(allocator, part(other, 5, -1), live), 'BAD_RANGE', /5 … 4/],
  ['a part beyond its buffer', () => new Composite(allocator, 4).add(0, live, 50, 51), 'BAD_RANGE', /^addComponent: bytes 50 … 101/],
  ['a part of a fraction', () => new Composite(allocator, 4).add(0, live, 0, 0.5), 'BAD_RANGE', /0\.5/],
  ['one reference too many', () => { allocator.records[((live & RECORD.SLOT_MASK) << RECORD.SHIFT) + RECORD.COUNT] = 2 ** 31 - 1; allocator.retain(live); }, 'TOO_MANY_REFERENCES', /^retain: 2147483647/],
]; // prettier-ignore

describe('refused, the state unchanged:', () => {
  test.each(misuses)('%s', (_, run, code, message) => {
    const before = snapshot(allocator);
    expectError(run, code, message);
    expect(snapshot(allocator)).toEqual(before);
    check(allocator);
  });

  test('a part that would make a composite longer than an int, and the composite keeps what it had', () => {
    const unlimited = new PooledAllocator({ directArenas: 1, limitBytes: Infinity, memory: 'none' });
    const cache = unlimited.createThreadCache();
    const [large, one] = [unlimited.allocate(cache, 2 ** 31 - 1), unlimited.allocate(cache, 1)];
    const composite = new Composite(unlimited, 4);
    composite.add(cache, large, 0, 2 ** 31 - 1);
    expectError(() => composite.add(cache, one, 0, 1), 'BAD_CAPACITY', /^capacity: 2147483648/);
    expect([composite.count, composite.bytes]).toEqual([1, 2 ** 31 - 1]);
  });

  test('bytes of an allocator that has none', () => {
    const empty = new PooledAllocator({ directArenas: 1, limitBytes: Infinity, memory: 'none' });
    const ref = empty.allocate(empty.createThreadCache(), 16);
    expectError(() => viewBytes(empty, ref), 'NO_BYTES', /memory: none/);
    expect(() => writeBytes(empty, ref, 0, new Uint8Array(16))).not.toThrow(); // simulated: checked, not written
    expectError(() => writeBytes(empty, ref, 0, new Uint8Array(17)), 'BAD_RANGE', /0 … 17/);
  });
});

const settings: readonly [Partial<AllocatorOptions>, PoolErrorCode, RegExp][] = [
  ...[0, 4095, 8193, 2048, -8192, 8192.5, Number.NaN, 2 ** 31].map((pageBytes): [Partial<AllocatorOptions>, PoolErrorCode, RegExp] => [{ pageBytes }, 'BAD_PAGE_BYTES', /^pageBytes: /]),
  ...[-1, 15, 1.5, Number.NaN].map((maxOrder): [Partial<AllocatorOptions>, PoolErrorCode, RegExp] => [{ maxOrder }, 'BAD_MAX_ORDER', /^maxOrder: /]),
  [{ pageBytes: 131_072, maxOrder: 14 }, 'BAD_CHUNK_BYTES', /131072 << 14/],
  ...[0, -1, 1.5, 1025, Number.NaN].map((directArenas): [Partial<AllocatorOptions>, PoolErrorCode, RegExp] => [{ directArenas }, 'BAD_ARENAS', /^directArenas: /]),
  ...[0, -1, Number.NaN, -Infinity].map((limitBytes): [Partial<AllocatorOptions>, PoolErrorCode, RegExp] => [{ limitBytes }, 'BAD_LIMIT', /^limitBytes: /]),
  [{ tinyCacheSize: -1 }, 'BAD_CACHE_SIZE', /^tinyCacheSize: -1/],
  [{ smallCacheSize: 0.5 }, 'BAD_CACHE_SIZE', /^smallCacheSize: 0\.5/],
  [{ normalCacheSize: 65_537 }, 'BAD_CACHE_SIZE', /^normalCacheSize: 65537/],
  ...[-1, 0.5, 2 ** 31].map((maxCachedBufferCapacity): [Partial<AllocatorOptions>, PoolErrorCode, RegExp] => [{ maxCachedBufferCapacity }, 'BAD_MAX_CACHED', /^maxCachedBufferCapacity: /]),
  ...[0, -1, 1.5, Infinity, 2 ** 31].map((cacheTrimInterval): [Partial<AllocatorOptions>, PoolErrorCode, RegExp] => [{ cacheTrimInterval }, 'BAD_TRIM_INTERVAL', /^cacheTrimInterval: /]),
]; // prettier-ignore

test.each(settings)('an allocator with %o is refused', (options, code, message) => {
  expectError(() => new PooledAllocator({ directArenas: 1, limitBytes: 1 << 26, ...options }), code, message);
});

test('the record table is bounded, and says so', () => {
  const full = new PooledAllocator({ directArenas: 1, limitBytes: Infinity, memory: 'none' });
  full.createThreadCache();
  full.recordCount = RECORD.SLOT_MASK + 1;
  expectError(() => full.allocate(0, 16), 'TOO_MANY_BUFFERS', /^allocate: 4194304/);
});

test('an allocator is not given up while buffers of it are held', () => {
  const allocator = new PooledAllocator({ directArenas: 1, limitBytes: 2 ** 26 });
  const ref = allocator.allocate(allocator.createThreadCache(), 1000);
  expectError(() => allocator.dispose(), 'STILL_LIVE', /dispose: 1 live buffers \(expected: none\)/);
  allocator.release(ref);
  allocator.dispose();
  expect(allocator.memory.reservedBytes).toBe(0);
});

test('every code of the table was seen here', () => {
  expect([...seen].sort()).toEqual([...POOL_ERROR_CODES].sort());
});
