// The simulation as the API shows it, and as it may be asked to be.
import { z } from 'zod';

const count = z.int().nonnegative();
const bytes = z.int().nonnegative();
const failures = z.strictObject({ chunk: count, huge: count });
const FailureSchema = z.strictObject({
  simSeconds: z.number(),
  cause: z.enum(['chunk', 'huge']),
  source: z.string(),
  bodyBytes: bytes,
  receivedBytes: bytes,
  askedBytes: bytes,
  reservedBytes: bytes,
  limitBytes: bytes,
  arena: count,
});

export const SimulationSchema = z.strictObject({
  scenario: z.string().describe('`none`: no simulated traffic'),
  scenarios: z.array(z.string()).describe('That may be chosen'),
  seed: count,
  speed: z.number().describe('Simulated seconds a second, as asked'),
  speedReached: z.number().describe('The same, as measured'),
  paused: z.boolean(),
  simSeconds: z.number(),
  days: count.describe('Simulated days that are over'),
  requests: z.strictObject({ completed: count, failed: count, refused: count }),
  failures,
  firstFailure: FailureSchema.nullable(),
  settings: z.record(z.string(), z.string()).describe('Of the pool, by flag'),
});
export type SimulationState = z.infer<typeof SimulationSchema>;

/** Everything is optional; scenario, seed, settings and reset begin anew with an empty allocator. */
export const SimulationChangeSchema = z.strictObject({
  scenario: z.string().optional(),
  seed: z.number().optional(),
  speed: z.number().optional(),
  paused: z.boolean().optional(),
  reset: z.literal(true).optional(),
  settings: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
});
export type SimulationChange = {
  [K in keyof z.infer<typeof SimulationChangeSchema>]: Exclude<z.infer<typeof SimulationChangeSchema>[K], undefined>;
};
