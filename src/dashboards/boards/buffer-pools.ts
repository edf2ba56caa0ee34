// JVisualVM's Buffer Pools view: count, memory used, total capacity. For us, and for a real JVM beside us in the same panels.
import { type Board, type Panel, row } from '../board.ts';
import { aggregateBy, type Query, raw, type Selector, show } from '../promql.ts';
import { chosen, targetVariables } from '../scope.ts';

const perTarget = ({ promql }: Query) => aggregateBy('sum', raw<'job' | 'instance'>(promql), 'job', 'instance').promql;

/** Of each target the first series that it has. */
const firstOf = (...selectors: readonly Selector[]): Query<'job' | 'instance'> => raw(selectors.map(perTarget).join(' or '));

// Ours, Micrometer's, client_java's
const MICROMETER = { id: 'direct' } as const;
const CLIENT_JAVA = { pool: 'direct' } as const;
const count = firstOf(
  chosen('direct_memory_buffers'),
  chosen('jvm_buffer_count_buffers', MICROMETER),
  chosen('jvm_buffer_pool_used_buffers', CLIENT_JAVA),
);
export const DIRECT_BYTES_USED = firstOf(
  chosen('direct_memory_reserved_bytes'),
  chosen('jvm_buffer_memory_used_bytes', MICROMETER),
  chosen('jvm_buffer_pool_used_bytes', CLIENT_JAVA),
);
const capacity = firstOf(
  chosen('direct_memory_reserved_bytes'),
  chosen('jvm_buffer_total_capacity_bytes', MICROMETER),
  chosen('jvm_buffer_pool_capacity_bytes', CLIENT_JAVA),
);

const legend = '{{job}} {{instance}}';
const CAPACITY_NOTE = 'For us it equals memory used: a chunk is reserved as a whole.';

const panels: readonly Panel[] = [
  {
    kind: 'stat', title: 'Count', unit: 'none', width: 8, decimals: 0,
    description: 'Direct buffers: chunks and huge allocations. JVisualVM shows the same number as Count.',
    targets: [show(count, legend)],
  },
  {
    kind: 'stat', title: 'Memory used', unit: 'bytes', width: 8,
    description: 'Bytes of direct buffers. Netty 4.1.1 and later take theirs past the JVM (no cleaner), so a JVM shows less than is used.',
    targets: [show(DIRECT_BYTES_USED, legend)],
  },
  {
    kind: 'stat', title: 'Total capacity', unit: 'bytes', width: 8,
    description: `Capacity of direct buffers. ${CAPACITY_NOTE}`,
    targets: [show(capacity, legend)],
  },
  {
    kind: 'steps', title: 'Memory used and capacity', unit: 'bytes', width: 24, height: 10,
    description: `The upper graph of the plugin. ${CAPACITY_NOTE} Steps of 16 MiB are chunks.`,
    targets: [show(DIRECT_BYTES_USED, `${legend} used`), show(capacity, `${legend} capacity`)],
  },
  {
    kind: 'steps', title: 'Buffers', unit: 'none', width: 24, height: 10,
    description: 'The lower graph of the plugin: how many direct buffers there are.',
    targets: [show(count, legend)],
  },
]; // prettier-ignore

export const BUFFER_POOLS: Board = {
  uid: 'arenascope-buffer-pools',
  title: 'Buffer pools',
  description: "Laid out as JVisualVM's Buffer Pools plugin, for arenascope and for JVMs that export jvm_buffer_* or jvm_buffer_pool_*.",
  span: 'live',
  from: 'now-15m',
  refresh: '5s',
  variables: targetVariables('up'),
  annotations: [],
  rows: [row('Direct', ...panels)],
};
