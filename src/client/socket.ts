// What the client needs of a WebSocket: the browser's, Node's global one and the `ws` package's all have it.

/** A method, so that handlers of the full event types are accepted too. */
type Handler<E> = { handle(event: E): void }['handle'] | null;

export interface SocketLike {
  onmessage: Handler<{ readonly data: unknown }>;
  onclose: Handler<{ readonly code: number; readonly reason: string }>;
  onerror: Handler<unknown>;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

export type SocketConstructor = new (url: string) => SocketLike;

/** Runs something once after that many seconds; returns how to call it off. */
export type After = (seconds: number, run: () => void) => () => void;

export const afterByTimer: After = (seconds, run) => {
  const timer = setTimeout(run, seconds * 1000);
  return () => clearTimeout(timer);
};

const [FIRST_SECONDS, LONGEST_SECONDS] = [0.5, 30] as const;

/** Full jitter: anything between nothing and a bound that doubles, so that clients cut off together do not come back together. */
export function backoffSeconds(failures: number, random: () => number): number {
  return random() * Math.min(LONGEST_SECONDS, FIRST_SECONDS * 2 ** Math.max(0, failures - 1));
}
