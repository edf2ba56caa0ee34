import { expect, test } from 'vitest';
import { systemClock } from './clock.ts';
import { memoryMapper } from './memory-mapper.ts';

const TOLD = { GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=1048576' };

test('maps by malloc where the C library was told how, else as the allocator does by itself', () => {
  expect(memoryMapper(systemClock, TOLD, 2.36)?.map(5)).toEqual(new Uint8Array(5));
  expect(memoryMapper(systemClock, TOLD, 2.31)).toBeUndefined(); // it does not know huge pages
  expect(memoryMapper(systemClock, TOLD, 0)).toBeUndefined(); // another C library
  expect(memoryMapper(systemClock, { GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1' }, 2.36)).toBeUndefined();
  expect(memoryMapper(systemClock, {}, 2.36)).toBeUndefined();
});
