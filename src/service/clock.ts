// Time as an argument: what the service asks of a clock. Tests hand in one that they turn by hand.
export interface Clock {
  nowSeconds(): number;
  /** Run once after that many seconds; returns how to call it off. */
  after(seconds: number, run: () => void): () => void;
}

const LONGEST_SECONDS = 2_147_483; // what a timer of Node can hold

export const systemClock: Clock = {
  nowSeconds: () => performance.now() / 1000,
  after: (seconds, run) => {
    const timer = setTimeout(run, Math.min(seconds, LONGEST_SECONDS) * 1000);
    return () => clearTimeout(timer);
  },
};
