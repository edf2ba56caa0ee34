// How a request whose body goes through the pipeline ends, and what its answer says.

/** How a request can end. The last four: without an answer. */
export const OUTCOMES = ['answered', 'exhausted', 'too_large', 'timeout', 'disconnected', 'bad_length', 'garbage', 'shutdown'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** What the answer says of a body. */
export interface Receipt {
  readonly bytes: number;
  readonly components: number; // parts of the composite; 0 without the aggregator
  readonly slices: number;
  readonly consolidations: number;
  readonly copiedBytes: number;
  readonly eventLoop: number;
  readonly arena: number;
  readonly digest?: string;
}
