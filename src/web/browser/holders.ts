// Who holds a chunk, gathered: one row for each kind of holder, event loop and region size.
import type { ChunkAccount } from './api.ts';
import { formatBytes, plural } from './format.ts';

export interface HolderRow {
  readonly kind: 'live' | 'thread_cache' | 'subpage';
  readonly eventLoop: number | null;
  readonly regionBytes: number;
  regions: number;
  bytes: number;
}

/** Largest first. Slots count for their holder; what no slot of a subpage takes counts as kept. */
export function holderRows({ runs }: ChunkAccount): HolderRow[] {
  const rows = new Map<string, HolderRow>();
  const add = (kind: HolderRow['kind'], eventLoop: number | null, regionBytes: number, bytes: number): void => {
    const name = `${kind} ${eventLoop} ${regionBytes}`;
    const row = rows.get(name) ?? { kind, eventLoop, regionBytes, regions: 0, bytes: 0 };
    rows.set(name, row);
    row.regions++;
    row.bytes += bytes;
  };
  for (const run of runs) {
    if (run.holder === 'free') continue;
    if (run.holder !== 'subpage') add(run.holder, run.cache ?? null, run.bytes, run.bytes);
    else {
      const elemBytes = run.elemBytes ?? 0;
      const slots = run.slots ?? [];
      for (const slot of slots) add(slot.holder, slot.cache, elemBytes, elemBytes);
      if (run.bytes > slots.length * elemBytes) add('subpage', null, elemBytes, run.bytes - slots.length * elemBytes);
    }
  }
  return [...rows.values()].sort((a, b) => b.bytes - a.bytes);
}

/** One sentence, where the service gives none: what keeps the chunk. */
export function keptBy(account: ChunkAccount, rows: readonly HolderRow[], stranded: boolean): string {
  const sum = (kind: HolderRow['kind']) => rows.filter((row) => row.kind === kind).reduce((all, { bytes }) => all + bytes, 0);
  const [live, cached, kept] = [sum('live'), sum('thread_cache'), sum('subpage')];
  if (rows.length === 0)
    return account.list === 'qInit'
      ? 'Nothing holds it: it is empty, but a chunk in qInit is never destroyed.'
      : `Nothing holds it: it is empty, but it stays in ${account.list}, because nothing in it will ever be freed again to move it down.`;
  const parts = [
    live > 0 ? `live buffers hold ${formatBytes(live)}` : '',
    cached > 0 ? `thread caches keep ${formatBytes(cached)}` : '',
    kept > 0 ? `subpages kept for their size class hold ${formatBytes(kept)}` : '',
  ].filter((part) => part !== '');
  const sentence = parts.length > 1 ? `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)!}` : parts[0]!;
  const dead = live === 0 ? ' Nobody uses it now.' : '';
  const parked = stranded
    ? ` It is emptier than ${account.list} allows: it moves down one list at a time, and only when something in it is freed.`
    : '';
  return `${sentence[0]!.toUpperCase()}${sentence.slice(1)} of its ${formatBytes(account.bytes)}.${dead}${parked}`;
}

/** `12 × 32 KiB`. */
export function regionsText({ regions, regionBytes }: HolderRow): string {
  return regionBytes === 0 ? plural(regions, 'page') : `${regions} × ${formatBytes(regionBytes)}`;
}
