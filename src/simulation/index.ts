// simulation: virtual time. Drives a scenario's traffic through a pipeline, its own or one that real traffic uses too.
// Keeps true: the same scenario and seed make the same events; when all traffic has ended, nothing is live.
// Imports workload, pipeline, allocator. No clock of its own: the owner says how far and how long.
export { type Alternative, ALTERNATIVES, withAlternative } from './alternatives.ts';
export { compare, type CompareOptions, type Comparison, type ComparisonRow, medianOf } from './compare.ts';
export { SIMULATION_ERROR_CODES, SimulationError, type SimulationErrorCode } from './errors.ts';
export { EventLog } from './event-log.ts';
export { type Gauges, readGauges } from './gauges.ts';
export { makePipeline, type PipelineParts } from './make-pipeline.ts';
export { type DaySample, dayOf, type Failure, type SimulationResult } from './result.ts';
export { runAll, type RunAllOptions, type RunPlan } from './run-all.ts';
export { runToFailure, type RunSummary } from './run-to-failure.ts';
export { loadScenario, shippedScenarios } from './scenario-store.ts';
export { Simulation, type SimulationListener, type SimulationOptions } from './simulation.ts';
export { countsByOutcome, type Outcome, type OutcomeCounts, OUTCOMES } from './source.ts';
export { type PoolOptions, runOnWorkers, serveJobs } from './worker-pool.ts';
