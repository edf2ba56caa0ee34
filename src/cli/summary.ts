// A simulation's result in words, for a terminal.
import { LIST_NAMES } from '../allocator/index.ts';
import { dayOf, type Failure, type SimulationResult } from '../simulation/index.ts';

export function summaryOf(result: SimulationResult): string {
  const { state } = result;
  const rows: [string, string][] = [
    ['scenario', `${result.scenario}, seed ${result.seed}, Netty ${result.version}, limit ${mebibytes(result.limitBytes)}, ${result.arenas} arenas, ${result.eventLoops} event loops`],
    ['simulated', `${formatDays(result.simSeconds)}, ${count(result.requests.completed)} requests completed, ${count(result.requests.failed)} failed, ${count(result.requests.refused)} refused`],
    ['first failure', result.firstFailure === null ? 'none' : failureText(result.firstFailure)],
    ['failures', `${count(result.failures.huge)} huge, ${count(result.failures.chunk)} chunk`],
    ['reserved', `${mebibytes(state.reservedBytes)} now, ${mebibytes(result.peakReservedBytes)} at most; bodies held at once: at most ${mebibytes(result.peakHeldBytes)}`],
    ['chunks', `${state.chunks} of ${mebibytes(result.chunkBytes)}: ${LIST_NAMES.map((name) => `${name} ${state.chunksByList[name]}`).join(', ')}`],
    ['retained', `live ${mebibytes(state.liveBytes)}, thread caches ${mebibytes(state.cachedBytes)}, subpages ${mebibytes(state.subpageBytes)}, free inside chunks ${mebibytes(state.freeBytes)}`],
    ['stranded', `${state.strandedChunks} chunks, ${mebibytes(state.strandedBytes)} (mean ${mebibytes(result.meanStrandedBytes)})`],
    ['consolidations', `${count(result.consolidations)}, ${mebibytes(result.copiedBytes)} copied`],
  ]; // prettier-ignore
  return rows.map(([name, text]) => `${name.padEnd(15)} ${text}`).join('\n');
}

function failureText({ simSeconds, cause, source, bodyBytes, askedBytes, reservedBytes, limitBytes }: Failure): string {
  const request = `a body of ${megabytes(bodyBytes)} (${source})`;
  return `day ${dayOf(simSeconds)}, ${cause}: ${request} asked for ${mebibytes(askedBytes)}, ${mebibytes(limitBytes - reservedBytes)} were left`;
}

export function mebibytes(bytes: number): string {
  const value = bytes / 2 ** 20;
  return `${value >= 100 || Number.isInteger(value) ? count(Math.round(value)) : value.toFixed(1)} MiB`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 2 : 0)} MB`;
}

function count(number: number): string {
  return number.toLocaleString('en-US');
}

function formatDays(simSeconds: number): string {
  return simSeconds < 86_400 ? `${Math.round(simSeconds)} s` : `${(simSeconds / 86_400).toFixed(simSeconds % 86_400 === 0 ? 0 : 1)} days`;
}
