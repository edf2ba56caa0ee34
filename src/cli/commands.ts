// Every command, in one table; each is loaded only when it is called.

export interface CommandModule {
  /** Runs to its end; returns the exit code: 0 done, 1 found something wrong, 2 called wrongly. */
  run(args: readonly string[]): Promise<number>;
  help(): string;
}

export interface Command {
  readonly usage: string;
  readonly summary: string;
  load(): Promise<CommandModule>;
}

export const COMMANDS: Readonly<Record<string, Command>> = {
  serve: { usage: 'arenascope serve [--SETTING …]', summary: 'Run the service', load: () => import('./serve.ts') },
  simulate: { usage: 'arenascope simulate SCENARIO [--days N]', summary: 'Simulate a scenario’s days', load: () => import('./simulate.ts') },
  compare: { usage: 'arenascope compare SCENARIO [--seeds N]', summary: 'Run a scenario under several settings, and rank them', load: () => import('./compare.ts') },
  history: { usage: 'arenascope history --output DIR', summary: 'Write simulated days, ending now, as a past for Prometheus', load: () => import('./history.ts') },
  explain: { usage: 'arenascope explain URL|FILE', summary: 'Say why each chunk is still there, and what would fail next', load: () => import('./explain.ts') },
  watch: { usage: 'arenascope watch [URL] [--types A,B]', summary: 'Print the event feed of a running service', load: () => import('./watch.ts') },
  verify: { usage: 'arenascope verify TRACE…', summary: 'Replay traces of real Netty and show every difference', load: () => import('./verify.ts') },
}; // prettier-ignore
