// Asking again and again: one question at a time, at most so often, and only while somebody looks.

export interface Poll {
  /** Something has changed: ask soon, rather than at the next turn. */
  readonly hurry: () => void;
}

interface Pace {
  readonly usualMilliseconds: number; // between two questions when nothing is known to change
  readonly leastMilliseconds: number; // however much changes
}

/** `ask` must not throw: whoever asks says what became of it. */
export function poll({ usualMilliseconds, leastMilliseconds }: Pace, ask: () => Promise<void>): Poll {
  let [isHurried, isAsking, askedAt] = [false, false, -Infinity];
  let timer = 0;
  const schedule = (): void => {
    clearTimeout(timer);
    if (isAsking || document.hidden) return;
    const pause = isHurried ? leastMilliseconds : usualMilliseconds;
    timer = window.setTimeout(() => void turn(), Math.max(0, askedAt + pause - performance.now()));
  };
  const turn = async (): Promise<void> => {
    [isAsking, isHurried, askedAt] = [true, false, performance.now()];
    await ask();
    isAsking = false;
    schedule();
  };
  document.addEventListener('visibilitychange', schedule);
  void turn();
  return {
    hurry: () => {
      if (isHurried) return;
      isHurried = true;
      schedule();
    },
  };
}
