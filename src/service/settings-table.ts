// Every setting of the service, in one table. Environment names, flags, types, `--help`, docs/settings.md and README's table follow from it.
import type { NettyVersion } from '../allocator/index.ts';
import { shippedScenarios } from '../simulation/index.ts';
import {
  byteSize, decimal, duration, LARGEST_BODY_BYTES, mark, matching, oneOf, onOrOff, orWord, type Rule, type ValueOf, wholeNumber,
} from './rules.ts'; // prettier-ignore

interface Row {
  readonly flag: string; // `--flag`; the variable is ARENASCOPE_FLAG
  readonly group: 'Service' | 'Allocator' | 'Pipeline' | 'Peer and back-pressure' | 'Traffic';
  readonly rule: Rule<unknown>;
  readonly fallback: string; // text, parsed like any other
  readonly help: string;
  readonly secret?: boolean; // its value is never printed
}

const TERABYTE = 2 ** 40;
const VERSIONS = ['4.1.0.CR3', '4.1.48.Final'] as const satisfies readonly NettyVersion[];

export const SETTINGS = {
  port: { flag: 'port', group: 'Service', rule: wholeNumber(0, 65_535), fallback: '3000', help: 'HTTP port; 0 takes any free one' },
  host: {
    flag: 'host', group: 'Service', rule: matching(/^[\w.:-]+$/, 'a host name or address'), fallback: '127.0.0.1',
    help: 'Address to listen on. Anything but loopback makes what changes state need the admin token',
  },
  adminToken: {
    flag: 'admin-token', group: 'Service', rule: matching(/^$|^[\x21-\x7e]{16,}$/, 'at least 16 visible characters, or nothing'), fallback: '', secret: true,
    help: 'Bearer token for whatever changes state (POST /api/trim); needed wherever it is set, or the service is reachable from outside',
  },
  bodyLimitBytes: { flag: 'body-limit', group: 'Service', rule: byteSize(0, LARGEST_BODY_BYTES), fallback: '256m', help: 'Largest request body; larger ones get 413' },
  headersTimeoutSeconds: { flag: 'headers-timeout', group: 'Service', rule: duration(0.001, 3600), fallback: '10s', help: 'Time a client has to send a request head' },
  idleTimeoutSeconds: { flag: 'idle-timeout', group: 'Service', rule: duration(0.001, 3600), fallback: '30s', help: 'Longest silence within a body; then 408' },
  requestTimeoutSeconds: { flag: 'request-timeout', group: 'Service', rule: duration(0.001, 86_400), fallback: '5m', help: 'Time a client has to send a whole request; then 408' },
  keepAliveTimeoutSeconds: { flag: 'keep-alive-timeout', group: 'Service', rule: duration(0.001, 3600), fallback: '15s', help: 'How long a connection may idle between requests' },
  busyPollSeconds: { flag: 'busy-poll', group: 'Service', rule: duration(0, 0.01), fallback: '40us', help: 'How long to look for the rest of a body, or after an answer for the next request, before going to sleep; 0: sleep at once' },
  maxConnections: { flag: 'max-connections', group: 'Service', rule: wholeNumber(1, 100_000), fallback: '1024', help: 'Connections open at a time; more are closed at once' },
  shutdownDeadlineSeconds: { flag: 'shutdown-deadline', group: 'Service', rule: duration(0, 3600), fallback: '10s', help: 'Time that requests in flight have to end after SIGTERM' },
  logLevel: { flag: 'log-level', group: 'Service', rule: oneOf('silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'), fallback: 'warn', help: 'Least level that is logged (JSON lines on standard error)' },

  directMemoryBytes: { flag: 'direct-memory', group: 'Allocator', rule: byteSize(4096, TERABYTE), fallback: '256m', help: 'Direct-memory limit: Netty\'s -XX:MaxDirectMemorySize. A scenario brings its own (production: 2g)' },
  nettyVersion: { flag: 'netty-version', group: 'Allocator', rule: oneOf(...VERSIONS), fallback: VERSIONS[0], help: 'The Netty whose allocator this is' },
  arenas: { flag: 'arenas', group: 'Allocator', rule: orWord(wholeNumber(1, 1024), 'auto', 'auto' as const), fallback: 'auto', help: 'Direct arenas; auto: min(2 × cores, limit / chunk / 2 / 3), at least 1' },
  pageBytes: { flag: 'page-size', group: 'Allocator', rule: byteSize(4096, 2 ** 30), fallback: '8k', help: 'Page of a chunk, a power of two' },
  maxOrder: { flag: 'max-order', group: 'Allocator', rule: wholeNumber(0, 14), fallback: '11', help: 'A chunk is page << max order (16 MiB)' },
  tinyCacheSize: { flag: 'tiny-cache-size', group: 'Allocator', rule: wholeNumber(0, 65_536), fallback: '512', help: 'Entries a thread cache keeps of each tiny class' },
  smallCacheSize: { flag: 'small-cache-size', group: 'Allocator', rule: wholeNumber(0, 65_536), fallback: '256', help: 'Entries a thread cache keeps of each small class' },
  normalCacheSize: { flag: 'normal-cache-size', group: 'Allocator', rule: wholeNumber(0, 65_536), fallback: '64', help: 'Entries a thread cache keeps of each normal class' },
  maxCachedBufferBytes: { flag: 'max-cached-buffer-capacity', group: 'Allocator', rule: byteSize(0, 2 ** 30), fallback: '32k', help: 'Largest buffer that thread caches keep' },
  cacheTrimInterval: { flag: 'cache-trim-interval', group: 'Allocator', rule: wholeNumber(1, 2 ** 31 - 1), fallback: '8192', help: 'Asks of a thread cache between two trims' },

  eventLoops: { flag: 'event-loops', group: 'Pipeline', rule: orWord(wholeNumber(1, 1024), 'auto', 'auto' as const), fallback: 'auto', help: 'Event loops that connections are dealt to; auto: 2 × cores' },
  aggregator: { flag: 'aggregator', group: 'Pipeline', rule: onOrOff, fallback: 'on', help: 'Collect a body into one message (HttpObjectAggregator), or hand its slices on one by one' },
  maxComponents: { flag: 'max-components', group: 'Pipeline', rule: wholeNumber(2, 1_000_000), fallback: '1024', help: 'Components of a message before they are consolidated (copied into one buffer)' },
  deliveryBytes: { flag: 'delivery-size', group: 'Pipeline', rule: orWord(byteSize(64, 2 ** 30), 'auto', Infinity), fallback: 'auto', help: 'Most bytes that one readable event brings; auto: as they come from the socket (up to 64 KiB). 9216 is the story\'s loopback' },

  peerLatencySeconds: { flag: 'peer-latency', group: 'Peer and back-pressure', rule: duration(0, 3600), fallback: '0', help: 'Median time that the peer keeps a message; 0: it answers at once' },
  peerSigma: { flag: 'peer-sigma', group: 'Peer and back-pressure', rule: decimal(0, 5), fallback: '0', help: 'Sigma of the latency\'s logarithm (lognormal); 0: always the median' },
  peerBytesPerSecond: { flag: 'peer-bytes-per-second', group: 'Peer and back-pressure', rule: orWord(byteSize(1, TERABYTE), 'unlimited', Infinity), fallback: 'unlimited', help: 'How fast the peer reads; its time is added to the latency. Without the aggregator: how fast the consumer of slices reads' },
  peerConcurrency: { flag: 'peer-concurrency', group: 'Peer and back-pressure', rule: orWord(wholeNumber(1, 1_000_000), 'unlimited', Infinity), fallback: 'unlimited', help: 'Messages that the peer works on at a time; the others wait, and are kept' },
  backPressure: { flag: 'back-pressure', group: 'Peer and back-pressure', rule: oneOf('off', 'watermark'), fallback: 'off', help: 'Stop reading sockets while headroom is low' },
  backPressureLow: { flag: 'back-pressure-low', group: 'Peer and back-pressure', rule: mark, fallback: '15%', help: 'Headroom below which sockets are no longer read' },
  backPressureHigh: { flag: 'back-pressure-high', group: 'Peer and back-pressure', rule: mark, fallback: '25%', help: 'Headroom from which on they are read again' },

  scenario: { flag: 'scenario', group: 'Traffic', rule: oneOf('none', ...shippedScenarios()), fallback: 'production', help: 'Simulated traffic beside the real. Its own settings hold where none is given' },
  speed: { flag: 'speed', group: 'Traffic', rule: decimal(0.001, 10_000_000), fallback: '8640', help: 'Simulated seconds a second; 8640 is a day in 10 s' },
  paused: { flag: 'paused', group: 'Traffic', rule: onOrOff, fallback: 'off', help: 'Begin with the simulated time standing still' },
  seed: { flag: 'seed', group: 'Traffic', rule: wholeNumber(0, 2 ** 32 - 1), fallback: '1', help: 'Seed of all chance: the peer\'s latencies, simulated traffic' },
} as const satisfies Record<string, Row>; // prettier-ignore

export type SettingKey = keyof typeof SETTINGS;
export type Settings = { readonly [K in SettingKey]: ValueOf<(typeof SETTINGS)[K]['rule']> } & {
  /** What the user gave, as text; the other settings are defaults, which a scenario's own settings come before. */
  readonly given: ReadonlyMap<SettingKey, Given>;
};
export interface Given {
  readonly name: string; // as the user wrote it
  readonly text: string;
}
export type { Row };

export const PREFIX = 'ARENASCOPE_';
export const SETTING_KEYS = Object.keys(SETTINGS) as SettingKey[];
export const rowOf = (key: SettingKey): Row => SETTINGS[key];
export const variableOf = (flag: string): string => PREFIX + flag.toUpperCase().replaceAll('-', '_');
