// Misuse of this room, in one table. A message reads `name: value (expected: rule)`; nothing is changed when one is thrown.

const ERRORS = {
  PIPELINE_IN_USE: (scenario: string, seed: number) =>
    `pipeline: driven by the simulation of ${scenario}, seed ${seed} (expected: one at a time; stop or finish that first)`,
} as const;

export type SimulationErrorCode = keyof typeof ERRORS;
export const SIMULATION_ERROR_CODES = Object.keys(ERRORS) as SimulationErrorCode[];

export class SimulationError extends Error {
  readonly code: SimulationErrorCode;
  constructor(code: SimulationErrorCode, message: string) {
    super(message);
    this.name = 'SimulationError';
    this.code = code;
  }
}

export function fail<C extends SimulationErrorCode>(code: C, ...values: Parameters<(typeof ERRORS)[C]>): never {
  const text = ERRORS[code] as (...all: Parameters<(typeof ERRORS)[C]>) => string;
  throw new SimulationError(code, text(...values));
}
