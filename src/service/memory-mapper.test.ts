import { expect, test } from 'vitest';
import { memoryMapper } from './memory-mapper.ts';

const TOLD = { GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=1048576' };

test('maps by malloc where the C library was told how, else as the allocator does by itself', () => {
  expect(memoryMapper(TOLD, 2.36)?.(5)).toEqual(new Uint8Array(5));
  expect(memoryMapper(TOLD, 2.31)).toBeUndefined(); // it does not know huge pages
  expect(memoryMapper(TOLD, 0)).toBeUndefined(); // another C library
  expect(memoryMapper({ GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1' }, 2.36)).toBeUndefined();
  expect(memoryMapper({}, 2.36)).toBeUndefined();
});
