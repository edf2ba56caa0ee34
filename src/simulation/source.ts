// One source of a scenario's traffic: when its sessions begin, what they send, and the keep-alive connections it uses in turn.
import { Arrivals, type ClosedSource, createSampler, type OpenSource, Random, type Sampler, type SourceModel } from '../workload/index.ts';
import type { Client } from './client.ts';

/** What became of a request, by number. Refused: by back-pressure, or its client gave up waiting for it. */
export const OUTCOMES = ['completed', 'failed', 'refused'] as const;
export type Outcome = (typeof OUTCOMES)[number];
export type OutcomeCounts = Readonly<Record<Outcome, number>>;
export const [COMPLETED, FAILED, REFUSED] = [0, 1, 2] as const;
export type OutcomeNumber = typeof COMPLETED | typeof FAILED | typeof REFUSED;

export function countsByOutcome(counts: Float64Array): OutcomeCounts {
  return { completed: counts[COMPLETED]!, failed: counts[FAILED]!, refused: counts[REFUSED]! };
}

export class TrafficSource {
  readonly index: number;
  readonly name: string;
  readonly model: SourceModel;
  readonly keepAlive: number; // connections kept; 0: each session opens one
  readonly kept: Client[] = []; // those of the keep-alive connections
  private turn = 0;
  backlog = 0; // sessions that wait for a keep-alive connection
  sessionsLeft: number;
  readonly waits: boolean; // for the answer, before the next message of a session
  readonly stallsPeer: number; // chance
  readonly requests = new Float64Array(OUTCOMES.length); // ended, by outcome
  readonly messages: Sampler;
  readonly bytes: Sampler;
  readonly pauseSeconds: Sampler;
  readonly random: Random; // of its small decisions
  private readonly arrivals: Arrivals | null;

  constructor(index: number, name: string, model: SourceModel, week: Float64Array, seed: number) {
    const stream = (what: string) => new Random(seed, `${name}/${what}`);
    this.index = index;
    this.name = name;
    this.model = model;
    this.keepAlive = model.connection === 'new' ? 0 : model.connection.keepAlive;
    this.waits = model.waits;
    this.stallsPeer = model.stallsPeer;
    this.messages = createSampler(model.messages, stream('messages'));
    this.bytes = createSampler(model.size, stream('size'));
    this.random = stream('chance');
    this.sessionsLeft = isClosed(model) ? model.sessions : Infinity;
    this.pauseSeconds = isClosed(model) ? createSampler(model.pause, stream('pause')) : () => 0;
    this.arrivals = isClosed(model) ? null : openArrivals(model, week, stream('arrivals'));
  }

  /** The next keep-alive client in turn that has no session; null: all have. */
  nextKept(): Client | null {
    for (let tries = 0; tries < this.kept.length; tries++) {
      const client = this.kept[this.turn]!;
      this.turn = (this.turn + 1) % this.kept.length;
      if (client.messagesLeft === 0) return client;
    }
    return null;
  }

  get clients(): number {
    return isClosed(this.model) ? this.model.clients : 0;
  }

  get isClosed(): boolean {
    return this.arrivals === null;
  }

  /** When the next session of an open source begins. */
  nextArrival(micros: number): number {
    return this.arrivals === null ? Infinity : this.arrivals.next(micros);
  }
}

function isClosed(model: SourceModel): model is ClosedSource {
  return 'clients' in model;
}

function openArrivals({ perDay, shaped, bursts }: OpenSource, week: Float64Array, random: Random): Arrivals {
  const burst = bursts === undefined ? null : { perDay: bursts.perDay, seconds: bursts.length, times: bursts.times };
  return new Arrivals(perDay, shaped ? week : new Float64Array(week.length).fill(1), random, burst);
}
