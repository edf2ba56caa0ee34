// Counts HTTP requests from outside: in flight, answered by method and code, given up by outcome; bodies by how they ended; and open
// connections.
// Methods and codes are folded into closed sets here, so that no client can make a new series.
import { STATUS_CODES } from 'node:http';
import { Histogram, type HistogramSample } from './histogram.ts';

export const HTTP_METHODS = ['GET', 'HEAD', 'PUT', 'POST', 'PATCH', 'DELETE', 'OPTIONS', 'other'] as const;
export type HttpMethod = (typeof HTTP_METHODS)[number];
/** Every registered status code, and `other`. */
export const HTTP_CODES: readonly string[] = [...Object.keys(STATUS_CODES), 'other'];
/** Why a request ended without an answer: the client left, was too slow, sent another length than it said, sent no HTTP; or we stop. */
export const ABORT_OUTCOMES = ['disconnected', 'timeout', 'bad_length', 'garbage', 'shutdown'] as const;
export type AbortOutcome = (typeof ABORT_OUTCOMES)[number];
/** How a request with a body for the pipeline can end. */
export const BODY_OUTCOMES = ['answered', 'exhausted', 'too_large', ...ABORT_OUTCOMES] as const;
export type BodyOutcome = (typeof BODY_OUTCOMES)[number];
/** Answers that every service gives sooner or later: there from the start, at 0, so that a rate sees the first of them. */
const EXPECTED_CODES: readonly (readonly [HttpMethod, readonly number[]])[] = [
  ['GET', [200]],
  ['PUT', [200, 503]],
  ['POST', [200, 503]],
];
export const DURATION_BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] as const;

export interface HttpSample {
  readonly requests: readonly { readonly method: HttpMethod; readonly code: string; readonly count: number }[];
  readonly aborted: Readonly<Record<AbortOutcome, number>>;
  readonly bodies: Readonly<Record<BodyOutcome, number>>;
  readonly inFlight: number;
  readonly connections: number;
  readonly durations: readonly { readonly method: HttpMethod; readonly seconds: HistogramSample }[]; // of answered requests
}

export class HttpMeter {
  readonly #nowSeconds: () => number;
  readonly #requests = new Map(EXPECTED_CODES.map(([method, codes]) => [method, new Map(codes.map((code) => [String(code), 0]))]));
  readonly #durations = new Map(EXPECTED_CODES.map(([method]) => [method, new Histogram(DURATION_BOUNDS)]));
  readonly #aborted = { disconnected: 0, timeout: 0, bad_length: 0, garbage: 0, shutdown: 0 } satisfies Record<AbortOutcome, number>;
  readonly #bodies = Object.fromEntries(BODY_OUTCOMES.map((outcome) => [outcome, 0])) as Record<BodyOutcome, number>;
  #inFlight = 0;
  #connections = 0;

  constructor(nowSeconds: () => number) {
    this.#nowSeconds = nowSeconds;
  }

  connectionOpened(): void {
    this.#connections++;
  }

  connectionClosed(): void {
    this.#connections--;
  }

  /** A request's head has arrived. Returns its start, for `requestAnswered`; each request ends by that or by `requestAborted`. */
  requestStarted(): number {
    this.#inFlight++;
    return this.#nowSeconds();
  }

  requestAnswered(method: string, code: number, startedSeconds: number): void {
    this.#inFlight--;
    const known = methodOf(method);
    const codes = getOrMake(this.#requests, known, () => new Map<string, number>());
    const name = codeOf(code);
    codes.set(name, (codes.get(name) ?? 0) + 1);
    getOrMake(this.#durations, known, () => new Histogram(DURATION_BOUNDS)).observe(this.#nowSeconds() - startedSeconds);
  }

  requestAborted(outcome: AbortOutcome): void {
    this.#inFlight--;
    this.#aborted[outcome]++;
  }

  /** A request whose body was for the pipeline has ended; it is counted as a request too. */
  bodyEnded(outcome: BodyOutcome): void {
    this.#bodies[outcome]++;
  }

  /** What a connection sent was no request: nothing was in flight. */
  garbageReceived(): void {
    this.#aborted.garbage++;
  }

  sample(): HttpSample {
    return {
      requests: [...this.#requests].flatMap(([method, codes]) => [...codes].map(([code, count]) => ({ method, code, count }))),
      aborted: { ...this.#aborted },
      bodies: { ...this.#bodies },
      inFlight: this.#inFlight,
      connections: this.#connections,
      durations: [...this.#durations].map(([method, histogram]) => ({ method, seconds: histogram.sample() })),
    };
  }
}

function methodOf(method: string): HttpMethod {
  return HTTP_METHODS.find((known) => known === method) ?? 'other';
}

function codeOf(code: number): string {
  return code in STATUS_CODES ? String(code) : 'other';
}

function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
