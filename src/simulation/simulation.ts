// Virtual time: a scenario's traffic through a pipeline and its allocator, event by event. The owner says how far to go; the
// simulation knows no clock. It can share a pipeline with real traffic, though not with another simulation: connections carry its tags.
import type { PooledAllocator } from '../allocator/index.ts';
import type { EventLoop, Pipeline } from '../pipeline/index.ts';
import { DAY_MICROS, HOUR_MICROS, type Scenario, SECOND_MICROS, weekShape } from '../workload/index.ts';
import { pipelineInUse } from './errors.ts';
import { Gate } from './gate.ts';
import { readGauges } from './gauges.ts';
import { makePipeline } from './make-pipeline.ts';
import { Responder } from './responder.ts';
import type { DaySample, Failure, SimulationResult } from './result.ts';
import { COMPLETED, countsByOutcome, FAILED, type Outcome, OUTCOMES, TrafficSource } from './source.ts';
import { Tally } from './tally.ts';
import { ANSWER, ARRIVAL, CONSUMED, DELIVERY, GIVE_UP, HOUR, kindOf, numberOf, STALL, Timeline } from './timeline.ts';
import { type OnRequestEnded, Traffic } from './traffic.ts';

/** Told of what is rare. Times are simulated seconds. */
export interface SimulationListener {
  hourEnded?(simSeconds: number, allocator: PooledAllocator): void;
  dayEnded?(sample: DaySample, simSeconds: number, allocator: PooledAllocator): void;
  requestFailed?(failure: Failure): void;
  /** Each request, when it has ended. Makes a listener costly: it is asked for by being there, unless `wantsRequests` says no. */
  requestEnded?(source: string, outcome: Outcome, bodyBytes: number, simSeconds: number, more: EndedRequest): void;
  /** Asked whenever time goes on. */
  wantsRequests?(): boolean;
  /** A message was copied into one buffer. */
  consolidated?(loop: EventLoop, bytes: number): void;
  peerStalled?(seconds: number, simSeconds: number): void;
  backPressureChanged?(reading: boolean, headroomBytes: number, simSeconds: number): void;
}

/** The same object for every request: to be read at once. */
export interface EndedRequest {
  loop: EventLoop; // of its connection
  receivedBytes: number; // of its body
  durationSeconds: number; // since its client began to send its head
}

export interface SimulationOptions {
  readonly scenario: Scenario;
  readonly seed: number;
  /** An existing pipeline, with real traffic perhaps; otherwise one is made by the scenario's settings, without bytes. */
  readonly pipeline?: Pipeline;
  readonly listeners?: readonly SimulationListener[];
  readonly keepsDays?: boolean; // the result holds a sample of each day (default); false: memory does not grow with the days
}

const EVENTS_PER_LOOK = 64; // at the owner's clock
const DRIVEN = new WeakMap<Pipeline, Simulation>(); // each pipeline by the one simulation that is not over

export class Simulation {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly pipeline: Pipeline;
  readonly allocator: PooledAllocator;
  readonly tally: Tally;
  private readonly listeners: readonly SimulationListener[];
  private requestListeners: readonly SimulationListener[] = []; // those that want to be told now
  private readonly ended: EndedRequest;
  private readonly timeline: Timeline;
  private readonly traffic: Traffic;
  private readonly responder: Responder;
  private readonly sources: readonly TrafficSource[];

  constructor({ scenario, seed, pipeline, listeners = [], keepsDays = true }: SimulationOptions) {
    this.scenario = scenario;
    this.seed = seed;
    this.pipeline = pipeline ?? makePipeline(scenario.settings);
    const other = DRIVEN.get(this.pipeline);
    if (other !== undefined) throw pipelineInUse(other.scenario.name, other.seed);
    this.allocator = this.pipeline.allocator;
    this.timeline = new Timeline(this.allocator);
    this.listeners = listeners;
    this.ended = { loop: this.pipeline.loops[0]!, receivedBytes: 0, durationSeconds: 0 };
    this.tally = new Tally(keepsDays);
    const week = weekShape(scenario.shape.hours, scenario.shape.days);
    this.sources = Object.entries(scenario.traffic).map(([name, model], i) => new TrafficSource(i, name, model, week, seed));
    const { pipeline: through, timeline, tally } = this;
    this.responder = new Responder(through, timeline, scenario.peer, seed, (connection, source, bytes, begun, answered) => {
      this.requestEnded(this.sources[source]!, answered ? COMPLETED : FAILED, bytes, bytes, connection, begun);
      this.traffic.answered(connection);
      this.traffic.release();
    });
    this.responder.onStalled = (seconds) => {
      for (const listener of this.listeners) listener.peerStalled?.(seconds, this.simSeconds);
    };
    this.responder.onConsolidated = ({ loop }, bytes) => {
      for (const listener of this.listeners) listener.consolidated?.(loop, bytes);
    };
    const gate = new Gate(scenario.settings.backPressure, this.allocator, (reading, headroomBytes) => {
      for (const listener of this.listeners) listener.backPressureChanged?.(reading, headroomBytes, this.simSeconds);
    });
    this.traffic = new Traffic(this.sources, scenario.network, seed, {
      pipeline: through,
      timeline,
      responder: this.responder,
      gate,
      tally,
      onRequestEnded: this.requestEnded,
    });
    DRIVEN.set(this.pipeline, this);
    this.timeline.at(HOUR_MICROS, HOUR, 0);
    this.responder.scheduleStall();
    this.traffic.start();
  }

  get simSeconds(): number {
    return this.timeline.seconds;
  }

  /** Messages that the peer keeps: it works on them, or they wait for it. */
  get heldMessages(): number {
    return this.responder.peer.held;
  }

  /** The source whose bytes were read last: while memory is being refused, the one that asked. */
  get servingSource(): string {
    return this.sources[this.responder.source]?.name ?? '';
  }

  /**
   * Go on until that simulated time, or until `budgetMilliseconds` of the owner's clock `now` have passed.
   * True: the time is reached, or a listener halted it. False: the budget was used up first.
   */
  advance(untilSimSeconds: number, budgetMilliseconds = Infinity, now: () => number = () => 0): boolean {
    const until = Math.floor(untilSimSeconds * SECOND_MICROS);
    const deadline = now() + budgetMilliseconds;
    const { timeline } = this;
    const { queue } = timeline;
    timeline.until = until;
    this.requestListeners = this.listeners.filter((one) => one.requestEnded !== undefined && (one.wantsRequests?.() ?? true));
    do {
      for (let i = 0; i < EVENTS_PER_LOOK; i++) {
        const time = queue.nextTime;
        if (time > timeline.until || time === Infinity) {
          if (timeline.until === until && until !== Infinity) timeline.moveTo(Math.max(timeline.micros, until));
          return true;
        }
        timeline.moveTo(time);
        this.step(queue.pop());
        this.responder.settle();
      }
    } while (now() < deadline);
    return false;
  }

  /** For a listener: `advance` ends after the event that is being told of, whatever its slices. It can be called again. */
  halt(): void {
    this.timeline.until = -1;
  }

  private step(code: number): void {
    const number = numberOf(code);
    switch (kindOf(code)) {
      case ARRIVAL:
        return this.traffic.arrive(this.sources[number]!);
      case DELIVERY:
        return this.traffic.deliver(this.traffic.clients.all[number]!);
      case ANSWER:
        return this.responder.answerDue(number);
      case CONSUMED:
        return this.responder.sliceConsumed(number);
      case STALL:
        return this.stall();
      case HOUR:
        return this.endHour();
      case GIVE_UP:
        return this.traffic.giveUp(this.traffic.clients.all[number]!);
    }
  }

  private stall(): void {
    if (this.traffic.isEnding) return;
    this.responder.stall();
    this.responder.scheduleStall();
  }

  private endHour(): void {
    const { timeline, tally, allocator } = this;
    if (this.traffic.isEnding) return;
    const gauges = tally.endHour(allocator);
    timeline.at(timeline.micros + HOUR_MICROS, HOUR, 0);
    this.traffic.release();
    for (const listener of this.listeners) listener.hourEnded?.(this.simSeconds, allocator);
    if (timeline.micros % DAY_MICROS !== 0) return;
    const sample = tally.endDay(timeline.micros / DAY_MICROS, gauges, allocator);
    for (const listener of this.listeners) listener.dayEnded?.(sample, this.simSeconds, allocator);
  }

  private readonly requestEnded: OnRequestEnded = (source, outcome, bodyBytes, receivedBytes, connection, begun) => {
    source.requests[outcome]!++;
    this.tally.heldBytes -= receivedBytes;
    this.tally.requests[outcome]!++;
    if (outcome === FAILED) this.noteFailure(source.name, bodyBytes, receivedBytes);
    if (this.requestListeners.length === 0) return;
    this.ended.loop = connection.loop;
    this.ended.receivedBytes = receivedBytes;
    this.ended.durationSeconds = (this.timeline.micros - begun) / SECOND_MICROS;
    for (const listener of this.requestListeners)
      listener.requestEnded!(source.name, OUTCOMES[outcome], bodyBytes, this.simSeconds, this.ended);
  };

  private noteFailure(source: string, bodyBytes: number, receivedBytes: number): void {
    const failure: Failure = { simSeconds: this.simSeconds, source, bodyBytes, receivedBytes, ...this.allocator.lastExhaustion };
    this.tally.noteFailure(failure);
    for (const listener of this.listeners) listener.requestFailed?.(failure);
  }

  /** No new traffic; what is under way goes on to its end. Afterwards nothing is live, if all traffic was ours. */
  finish(): void {
    this.traffic.isEnding = true;
    this.advance(Infinity);
    this.leave();
  }

  /** Leave at once: connections are closed, messages kept by the peer are released unanswered. */
  stop(): void {
    this.traffic.isEnding = true;
    this.responder.dropAll();
    this.leave();
  }

  private leave(): void {
    this.traffic.closeAll();
    DRIVEN.delete(this.pipeline);
  }

  /** What is known so far. */
  result(): SimulationResult {
    const { allocator, tally, pipeline } = this;
    tally.foldPeaks(allocator.memory.peakBytes);
    return {
      scenario: this.scenario.name,
      seed: this.seed,
      version: this.scenario.settings.version,
      limitBytes: allocator.memory.limitBytes,
      chunkBytes: allocator.geometry.chunkBytes,
      arenas: allocator.arenas.length,
      eventLoops: pipeline.loops.length,
      simSeconds: this.simSeconds,
      requests: countsByOutcome(tally.requests),
      requestsBySource: Object.fromEntries(this.sources.map(({ name, requests }) => [name, countsByOutcome(requests)])),
      failures: { ...tally.failures },
      firstFailure: tally.firstFailure,
      state: readGauges(allocator),
      peakReservedBytes: tally.peakReservedBytes,
      peakHeldBytes: tally.peakHeldBytes,
      consolidations: pipeline.loops.reduce((sum, loop) => sum + loop.consolidations, 0),
      copiedBytes: pipeline.loops.reduce((sum, loop) => sum + loop.copiedBytes, 0),
      meanRetainedBytes: tally.meanRetainedBytes,
      meanStrandedBytes: tally.meanStrandedBytes,
      peerStalls: this.responder.stalls,
      days: tally.days,
    };
  }
}
