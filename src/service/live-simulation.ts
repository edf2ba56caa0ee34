// Simulated days beside real traffic, through the same event loops, caches and arenas: slices of a few milliseconds between the turns
// of real requests, as fast as was asked for or as fast as that goes.
//
//   simulated seconds owed = elapsed × speed, at most LONGEST_DEBT of it   ─▶   advance until paid, or the slice is over
import type { Failure, Outcome, OutcomeCounts, SimulationListener } from '../simulation/index.ts';
import { OUTCOMES, Simulation } from '../simulation/index.ts';
import type { Scenario } from '../workload/index.ts';
import type { Clock } from './clock.ts';
import type { Runtime } from './runtime.ts';

const SLICE_MILLISECONDS = 4; // of simulation at a time
const REST_SECONDS = 0.016; // between slices that paid their debt
const LONGEST_DEBT = 0.25; // seconds of real time that are made up for; older debt is dropped, and seen in the speed
const SPEED_WINDOW_SECONDS = 2; // over which the speed reached is measured

export interface SimulationSample {
  readonly scenario: string;
  readonly seed: number;
  readonly speed: number; // simulated seconds a second, as asked
  readonly speedReached: number; // as measured; 0 while paused
  readonly paused: boolean;
  readonly simSeconds: number;
  readonly days: number; // over
  readonly requests: OutcomeCounts;
  readonly failures: { readonly chunk: number; readonly huge: number };
  readonly firstFailure: Failure | null;
}

export class LiveSimulation {
  readonly #runtime: Runtime;
  readonly #clock: Clock;
  readonly #listeners: readonly SimulationListener[];
  readonly #onSlice: () => void;
  #simulation: Simulation | null = null;
  #speed: number;
  #paused: boolean;
  #cancel: (() => void) | null = null;
  #lastSeconds = 0; // real, when time was last looked at
  #target = 0; // simulated time that is owed
  #mark = { real: 0, sim: 0 }; // where the present measurement of the speed began
  #speedReached = 0;

  /** `onSlice`: memory may have been taken or given back. */
  constructor(
    runtime: Runtime,
    clock: Clock,
    listeners: readonly SimulationListener[],
    speed: number,
    paused: boolean,
    onSlice: () => void,
  ) {
    this.#runtime = runtime;
    this.#clock = clock;
    this.#listeners = listeners;
    this.#speed = speed;
    this.#paused = paused;
    this.#onSlice = onSlice;
  }

  get speed(): number {
    return this.#speed;
  }
  get paused(): boolean {
    return this.#paused;
  }
  get simSeconds(): number | null {
    return this.#simulation?.simSeconds ?? null;
  }

  /** Begin a scenario's traffic in the runtime as it is. */
  start(scenario: Scenario, seed: number): void {
    const { pipeline } = this.#runtime;
    const simulation = new Simulation({ scenario, seed, pipeline, listeners: this.#listeners, keepsDays: false });
    this.#simulation = simulation;
    this.#runtime.simSeconds = () => simulation.simSeconds;
    this.#target = 0;
    this.#speedReached = 0;
    this.#look();
    this.#mark = { real: this.#lastSeconds, sim: 0 };
    this.#schedule(0);
  }

  /** Leave at once: simulated connections are closed and what they held is released. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#simulation?.stop();
    this.#simulation = null;
    this.#runtime.simSeconds = null;
  }

  setSpeed(speed: number): void {
    this.#look();
    this.#speed = speed;
  }

  setPaused(paused: boolean): void {
    this.#look();
    this.#paused = paused;
    this.#speedReached = 0;
    this.#target = this.#simulation?.simSeconds ?? 0;
    this.#mark = { real: this.#lastSeconds, sim: this.#target };
    if (this.#simulation !== null) this.#schedule(0);
  }

  /** Real time that has passed since the last look, seconds. */
  #look(): number {
    const now = this.#clock.nowSeconds();
    const elapsed = now - this.#lastSeconds;
    this.#lastSeconds = now;
    return elapsed;
  }

  #schedule(seconds: number): void {
    this.#cancel?.();
    this.#cancel = this.#paused ? null : this.#clock.after(seconds, () => this.#slice());
  }

  #slice(): void {
    const simulation = this.#simulation!;
    const owed = this.#target + this.#look() * this.#speed;
    this.#target = Math.min(owed, simulation.simSeconds + LONGEST_DEBT * this.#speed);
    const paid = simulation.advance(this.#target, SLICE_MILLISECONDS, () => this.#clock.nowSeconds() * 1000);
    this.#measure();
    this.#onSlice();
    this.#schedule(paid ? REST_SECONDS : 0);
  }

  #measure(): void {
    const real = this.#lastSeconds - this.#mark.real;
    if (real < SPEED_WINDOW_SECONDS) return;
    const sim = this.#simulation!.simSeconds;
    this.#speedReached = (sim - this.#mark.sim) / real;
    this.#mark = { real: this.#lastSeconds, sim };
  }

  /** The simulated source that asked for memory last. */
  get servingSource(): string | null {
    return this.#simulation?.servingSource ?? null;
  }

  /** How it stands; null without a simulation. */
  sample(): SimulationSample | null {
    if (this.#simulation === null) return null;
    const { scenario, seed, simSeconds, tally } = this.#simulation;
    const requests = Object.fromEntries(OUTCOMES.map((outcome, i) => [outcome, tally.requests[i]!])) as Record<Outcome, number>;
    return {
      scenario: scenario.name,
      seed,
      speed: this.#speed,
      speedReached: this.#speedReached,
      paused: this.#paused,
      simSeconds,
      days: Math.floor(simSeconds / 86_400),
      requests,
      failures: { ...tally.failures },
      firstFailure: tally.firstFailure,
    };
  }
}
