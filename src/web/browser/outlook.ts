// What would fail next, from the arenas alone: the largest request that still finds room, and what the next steps up would need.
import type { Arenas } from './api.ts';
import { formatBytes } from './format.ts';

export interface Outlook {
  readonly isAlarming: boolean;
  readonly headline: string;
  readonly more: readonly string[];
}

export function outlookOf({ limitBytes, reservedBytes, chunkBytes, arenas }: Arenas): Outlook {
  const headroom = limitBytes - reservedBytes;
  const chunksLeft = Math.floor(headroom / chunkBytes);
  const freeRuns = arenas.map(({ lists }) =>
    Math.max(0, ...lists.flatMap(({ chunks }) => chunks.map((chunk) => chunk.largestFreeRunBytes))),
  );
  const smallest = freeRuns.length === 0 ? 0 : Math.min(...freeRuns);
  const runs = `Largest free run, by arena: ${freeRuns.map(formatBytes).join(', ')}.`;
  if (!Number.isFinite(headroom)) return { isAlarming: false, headline: 'Nothing: no limit is set.', more: [runs] };
  if (chunksLeft === 0) {
    const pooled =
      smallest >= chunkBytes ? 'every chunk size still fits where a chunk is free' : `and so may anything above ${formatBytes(smallest)}`;
    return { isAlarming: true, headline: 'The next chunk, and every huge allocation.', more: [`${formatBytes(headroom)} are left of the ${formatBytes(chunkBytes)} that a chunk takes; ${pooled}.`, runs] }; // prettier-ignore
  }
  return {
    isAlarming: false,
    headline: `A single allocation above ${formatBytes(headroom)}.`,
    more: [`There is room for ${chunksLeft === 1 ? 'one more chunk' : `${chunksLeft} more chunks`}; then huge allocations fail.`, runs],
  };
}
