// An event in one sentence, for terminals and pages.
import type { FeedEvent } from './events.ts';

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

export function bytesText(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  const scaled = bytes / 1024 ** power;
  return `${Number.isInteger(scaled) ? scaled : scaled.toFixed(1)} ${UNITS[power]}`;
}

export function describeEvent(event: FeedEvent): string {
  switch (event.type) {
    case 'chunk.created':
      return `arena ${event.arena}: chunk ${event.chunk} created (${bytesText(event.bytes)}), in ${event.list} at ${event.usagePercent} %`;
    case 'chunk.moved':
      return `arena ${event.arena}: chunk ${event.chunk} moved from ${event.from} to ${event.to} at ${event.usagePercent} %`;
    case 'chunk.destroyed':
      return `arena ${event.arena}: chunk ${event.chunk} destroyed (${bytesText(event.bytes)} given back)`;
    case 'huge.taken':
      return `arena ${event.arena}: huge allocation ${event.huge} taken (${bytesText(event.bytes)})`;
    case 'huge.released':
      return `arena ${event.arena}: huge allocation ${event.huge} released (${bytesText(event.bytes)})`;
    case 'memory.exhausted':
      return `out of direct memory: ${event.cause} of ${bytesText(event.askedBytes)} asked, ${bytesText(event.reservedBytes)} of ${bytesText(event.limitBytes)} reserved${event.request === null ? '' : `, by request ${event.request}`}`; // prettier-ignore
    case 'cache.trimmed':
      return `event loop ${event.eventLoop}: thread cache trimmed, ${event.entries} regions given back`;
    case 'backpressure.started':
      return `${event.source}: back-pressure on, ${bytesText(event.headroomBytes)} of headroom`;
    case 'backpressure.ended':
      return `${event.source}: back-pressure off, ${bytesText(event.headroomBytes)} of headroom`;
    case 'simulation.day_ended':
      return `day ${event.day} ended: ${event.completed} requests, ${event.failed} failed, ${event.refused} refused, peak ${bytesText(event.peakReservedBytes)}, ${event.strandedChunks} stranded chunks`; // prettier-ignore
    case 'settings.changed':
      return `settings changed: ${pairs(event.settings)}`;
    case 'state.reset':
      return `state reset: ${event.reason}`;
    case 'alert.fired':
      return `alert ${event.alert} (${event.severity}) fires: ${event.summary}`;
    case 'alert.resolved':
      return `alert ${event.alert} (${event.severity}) is over`;
    case 'request.completed':
      return `${event.source} request ${event.request}: ${bytesText(event.bytes)} in ${event.durationSeconds.toFixed(3)} s`;
    case 'request.failed':
      return `${event.source} request ${event.request}: ${event.outcome} after ${bytesText(event.bytes)}`;
    case 'composite.consolidated':
      return `event loop ${event.eventLoop}: message consolidated, ${bytesText(event.bytes)} copied`;
    default:
      return (event satisfies never as FeedEvent).type; // of a later version
  }
}

function pairs(values: Readonly<Record<string, string>>): string {
  return Object.entries(values).map(([name, value]) => `${name} ${value}`).join(', '); // prettier-ignore
}
