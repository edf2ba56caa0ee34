// Where the C library is told to (by the launcher, in GLIBC_TUNABLES), malloc gives each chunk a mapping of its own and asks for huge
// pages: a 16.7 MB buffer is then filled in 2.4 ms instead of 9, since the kernel makes 8 pages rather than 4,080. What is destroyed may
// be used again within a moment. Elsewhere: the allocator's own mapper, whose buffers cannot be handed on without a copy.
import type { MemoryMapper } from '../allocator/index.ts';
import type { Clock } from './clock.ts';
import { SpareMappings } from './spare-mappings.ts';

const WANTED = ['glibc.malloc.hugetlb=1', 'glibc.malloc.mmap_threshold='] as const;

export function memoryMapper(clock: Clock, environment = process.env, glibc = glibcVersion()): MemoryMapper | undefined {
  const told = WANTED.every((tunable) => environment['GLIBC_TUNABLES']?.includes(tunable));
  return told && glibc >= 2.35 ? new SpareMappings((bytes) => new Uint8Array(bytes), clock) : undefined; // older ones do not know hugetlb
}

/** 2.36 is 2.36; 0 where the C library is another one. */
function glibcVersion(): number {
  Object.assign(process.report, { excludeNetwork: true }); // no look-ups of host names; unknown to the types
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return Number(header.glibcVersionRuntime ?? 0);
}
