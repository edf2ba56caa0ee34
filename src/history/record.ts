// One simulation, hour by hour, its metrics sampled at full hours as a scrape of a running service would read them.
import { snapshot } from '../allocator/index.ts';
import { HttpMeter, type MetricsInput, PipelineMeter, PoolMeter } from '../metrics/index.ts';
import { countsByOutcome, type Failure, makePipeline, Simulation, type SimulationListener } from '../simulation/index.ts';
import { BlockFiles, type Written } from './block-files.ts';
import { HOUR_SECONDS, type HistoryPlan } from './plan.ts';

export interface RunRecord extends Written {
  readonly name: string;
  readonly hours: number; // simulated
  readonly firstFailure: Failure | null;
}

/** `onShare` is told each day how far it has come, 0 … 1. */
export function recordRun(plan: HistoryPlan, onShare: (share: number) => void = () => undefined): RunRecord {
  const { name, hours, stepHours, startSeconds } = plan;
  const files = new BlockFiles(plan);
  const { simulation, read } = createReader(plan);
  let hour = 0;
  while (hour < hours && !isOver(plan, simulation, hour)) {
    simulation.advance(++hour * HOUR_SECONDS);
    if ((hours - hour) % stepHours === 0) files.add(startSeconds + hour * HOUR_SECONDS, read());
    if (hour % 24 === 0) onShare(hour / hours);
  }
  files.finish();
  return { name, hours: hour, firstFailure: simulation.tally.firstFailure, ...files.written };
}

function isOver({ hoursAfterFailure }: HistoryPlan, { tally }: Simulation, hour: number): boolean {
  if (hoursAfterFailure === null || tally.firstFailure === null) return false;
  return hour >= tally.firstFailure.simSeconds / HOUR_SECONDS + hoursAfterFailure;
}

/** A simulation, and what a scrape of it would read now. */
export function createReader({ scenario, seed }: Pick<HistoryPlan, 'scenario' | 'seed'>): {
  simulation: Simulation;
  read: () => MetricsInput;
} {
  const messages = new PipelineMeter();
  const backPressure = { reading: true, changes: 0 };
  const listener: SimulationListener = {
    requestEnded: (_, outcome, bodyBytes) => outcome === 'completed' && messages.messageReceived(bodyBytes),
    backPressureChanged(reading) {
      backPressure.reading = reading;
      if (!reading) backPressure.changes++;
    },
  };
  const pool: PoolMeter = new PoolMeter(() => simulation.simSeconds);
  const pipeline = makePipeline(scenario.settings, { listener: pool });
  const simulation = new Simulation({ scenario, seed, pipeline, listeners: [listener], keepsDays: false });
  const noHttp = new HttpMeter(() => 0).sample();
  const read = (): MetricsInput => {
    const { tally } = simulation;
    return {
      allocator: snapshot(simulation.allocator),
      pool: pool.sample(),
      pipeline: messages.sample(pipeline, backPressure, { held: simulation.heldMessages }),
      http: noHttp,
      simulation: {
        simSeconds: simulation.simSeconds,
        speedReached: 0,
        requests: countsByOutcome(tally.requests),
        failures: { ...tally.failures },
      },
    };
  };
  return { simulation, read };
}
