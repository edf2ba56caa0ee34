// The simulation as `/api/simulation` tells it, and as it is asked to be.

export interface SimulationInfo {
  readonly scenario: string; // 'none': no simulated traffic
  readonly scenarios: readonly string[]; // that may be chosen
  readonly seed: number;
  readonly speed: number; // simulated seconds per second
  readonly paused: boolean;
  readonly speedReached: number;
  readonly simSeconds: number;
  readonly firstFailure: { readonly simSeconds: number } | null; // of a simulated request
  readonly settings: Readonly<Record<string, string>>; // of the pool, by flag
}

export type SimulationChange = Partial<Pick<SimulationInfo, 'scenario' | 'seed' | 'speed' | 'paused' | 'settings'>> & {
  readonly reset?: true;
};

export const DAY_SECONDS = 86_400;
/** Simulated seconds per second, and how it is said. */
export const SPEEDS: readonly (readonly [number, string])[] = [
  [1, 'real time'],
  [DAY_SECONDS / 600, 'a day in 10 min'],
  [DAY_SECONDS / 60, 'a day a minute'],
  [DAY_SECONDS / 10, 'a day in 10 s'],
  [DAY_SECONDS, 'a day a second'],
  [DAY_SECONDS * 10, '10 days a second'],
  [DAY_SECONDS * 30, '30 days a second'],
];

export function speedLabel(speed: number): string {
  const known = SPEEDS.find(([value]) => Math.abs(value - speed) < 1e-6 * value);
  return known?.[1] ?? `${Number((speed / DAY_SECONDS).toPrecision(2))} days a second`;
}
