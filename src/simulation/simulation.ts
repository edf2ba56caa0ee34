// Virtual time: a scenario's traffic through a pipeline and its allocator, event by event. The owner says how far to go; the
// simulation knows no clock. It can share a pipeline with real traffic, though not with another simulation (connections carry its tags).
import type { PooledAllocator } from '../allocator/index.ts';
import type { Pipeline } from '../pipeline/index.ts';
import { DAY_MICROS, HOUR_MICROS, type Scenario, SECOND_MICROS, weekShape } from '../workload/index.ts';
import { Gate } from './gate.ts';
import { readGauges } from './gauges.ts';
import { makePipeline } from './make-pipeline.ts';
import { Responder } from './responder.ts';
import type { DaySample, Failure, SimulationResult } from './result.ts';
import { COMPLETED, countsByOutcome, FAILED, type Outcome, type OutcomeNumber, OUTCOMES, TrafficSource } from './source.ts';
import { Tally } from './tally.ts';
import { ANSWER, ARRIVAL, CONSUMED, DELIVERY, GIVE_UP, HOUR, kindOf, numberOf, STALL, Timeline } from './timeline.ts';
import { Traffic } from './traffic.ts';

/** Told of what is rare. Times are simulated seconds. */
export interface SimulationListener {
  hourEnded?(simSeconds: number, allocator: PooledAllocator): void;
  dayEnded?(sample: DaySample, simSeconds: number, allocator: PooledAllocator): void;
  requestFailed?(failure: Failure): void;
  /** Each request, when it has ended. Makes a listener costly: it is asked for by being there. */
  requestEnded?(source: string, outcome: Outcome, bodyBytes: number, simSeconds: number): void;
  peerStalled?(seconds: number, simSeconds: number): void;
  backPressureChanged?(reading: boolean, headroomBytes: number, simSeconds: number): void;
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

export class Simulation {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly pipeline: Pipeline;
  readonly allocator: PooledAllocator;
  readonly tally: Tally;
  private readonly listeners: readonly SimulationListener[];
  private readonly requestListeners: readonly SimulationListener[];
  private readonly timeline: Timeline;
  private readonly traffic: Traffic;
  private readonly responder: Responder;
  private readonly sources: readonly TrafficSource[];

  constructor({ scenario, seed, pipeline, listeners = [], keepsDays = true }: SimulationOptions) {
    this.scenario = scenario;
    this.seed = seed;
    this.pipeline = pipeline ?? makePipeline(scenario.settings);
    this.allocator = this.pipeline.allocator;
    this.timeline = new Timeline(this.allocator);
    this.listeners = listeners;
    this.requestListeners = listeners.filter((listener) => listener.requestEnded !== undefined);
    this.tally = new Tally(keepsDays);
    const week = weekShape(scenario.shape.hours, scenario.shape.days);
    this.sources = Object.entries(scenario.traffic).map(([name, model], i) => new TrafficSource(i, name, model, week, seed));
    const { pipeline: through, timeline, tally } = this;
    this.responder = new Responder(through, timeline, scenario.peer, seed, (connection, source, bytes, answered) => {
      this.requestEnded(this.sources[source]!, answered ? COMPLETED : FAILED, bytes, bytes);
      this.traffic.answered(connection);
      this.traffic.release();
    });
    this.responder.onStalled = (seconds) => {
      for (const listener of this.listeners) listener.peerStalled?.(seconds, this.simSeconds);
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
      onRequestEnded: (source, outcome, bodyBytes, receivedBytes) => this.requestEnded(source, outcome, bodyBytes, receivedBytes),
    });
    this.timeline.at(HOUR_MICROS, HOUR, 0);
    this.responder.scheduleStall();
    this.traffic.start();
  }

  get simSeconds(): number {
    return this.timeline.seconds;
  }

  /** The source whose bytes were read last: while memory is being refused, the one that asked. */
  get servingSource(): string {
    return this.sources[this.responder.source]?.name ?? '';
  }

  /**
   * Go on until that simulated time, or until `budgetMilliseconds` of the owner's clock `now` have passed.
   * True: the time is reached. False: the budget was used up first.
   */
  advance(untilSimSeconds: number, budgetMilliseconds = Infinity, now: () => number = () => 0): boolean {
    const until = Math.floor(untilSimSeconds * SECOND_MICROS);
    const deadline = now() + budgetMilliseconds;
    const { timeline } = this;
    const { queue } = timeline;
    timeline.until = until;
    do {
      for (let i = 0; i < EVENTS_PER_LOOK; i++) {
        const time = queue.nextTime;
        if (time > until || time === Infinity) {
          if (until !== Infinity) timeline.moveTo(Math.max(timeline.micros, until));
          return true;
        }
        timeline.moveTo(time);
        this.step(queue.pop());
        this.responder.settle();
      }
    } while (now() < deadline);
    return false;
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

  private requestEnded(source: TrafficSource, outcome: OutcomeNumber, bodyBytes: number, receivedBytes: number): void {
    source.requests[outcome]!++;
    this.tally.heldBytes -= receivedBytes;
    this.tally.requests[outcome]!++;
    if (outcome === FAILED) this.noteFailure(source.name, bodyBytes, receivedBytes);
    for (const listener of this.requestListeners) listener.requestEnded!(source.name, OUTCOMES[outcome], bodyBytes, this.simSeconds);
  }

  private noteFailure(source: string, bodyBytes: number, receivedBytes: number): void {
    const failure: Failure = { simSeconds: this.simSeconds, source, bodyBytes, receivedBytes, ...this.allocator.lastExhaustion };
    this.tally.noteFailure(failure);
    for (const listener of this.listeners) listener.requestFailed?.(failure);
  }

  /** No new traffic; what is under way goes on to its end. Afterwards nothing is live, if all traffic was ours. */
  finish(): void {
    this.traffic.isEnding = true;
    this.advance(Infinity);
    this.traffic.closeAll();
  }

  /** Leave at once: connections are closed, messages kept by the peer are released unanswered. */
  stop(): void {
    this.traffic.isEnding = true;
    this.responder.dropAll();
    this.traffic.closeAll();
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
