// Misuse of this room. A message reads `name: value (expected: rule)`; nothing is changed when one is thrown.

export const SIMULATION_ERROR_CODES = ['PIPELINE_IN_USE'] as const;
export type SimulationErrorCode = (typeof SIMULATION_ERROR_CODES)[number];

export class SimulationError extends Error {
  override readonly name = 'SimulationError';
  readonly code: SimulationErrorCode;
  constructor(code: SimulationErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

export const pipelineInUse = (scenario: string, seed: number): SimulationError =>
  new SimulationError(
    'PIPELINE_IN_USE',
    `pipeline: driven by the simulation of ${scenario}, seed ${seed} (expected: one at a time; stop or finish that first)`,
  );
