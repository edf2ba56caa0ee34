// Every problem the service answers with, in one table (documented in docs/errors.md). Bodies are application/problem+json (RFC 9457).

const PROBLEMS = {
  BAD_QUERY: { status: 400, title: 'The query is not understood' },
  BAD_BODY: { status: 400, title: 'The body is not understood' },
  MALFORMED_REQUEST: { status: 400, title: 'The request is not HTTP' },
  TOKEN_NEEDED: { status: 401, title: 'A token is needed' },
  FORBIDDEN: { status: 403, title: 'This is not allowed from there' },
  NOT_FOUND: { status: 404, title: 'There is nothing at this address' },
  NO_SUCH_ARENA: { status: 404, title: 'There is no such arena' },
  NO_SUCH_CHUNK: { status: 404, title: 'There is no such chunk' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'This address does not take that method' },
  TOO_SLOW: { status: 408, title: 'The request came too slowly' },
  BUSY: { status: 409, title: 'Not while requests are under way' },
  BODY_TOO_LARGE: { status: 413, title: 'The body is too large' },
  HEAD_TOO_LARGE: { status: 431, title: 'The request head is too large' },
  INTERNAL: { status: 500, title: 'The service has made a mistake' },
  DIRECT_MEMORY_EXHAUSTED: { status: 503, title: 'Direct memory is exhausted' },
  NOT_READY: { status: 503, title: 'The service is shutting down' },
} as const;

export type ProblemCode = keyof typeof PROBLEMS;
export const PROBLEM_CODES = Object.keys(PROBLEMS) as ProblemCode[];
export const problemStatus = (code: ProblemCode): number => PROBLEMS[code].status;
export const PROBLEM_TYPE = 'application/problem+json';

/** The members of a problem body; some problems add their own. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ProblemCode;
  readonly [extension: string]: string | number;
}

export function problem(code: ProblemCode, detail: string, extensions: Readonly<Record<string, string | number>> = {}): Problem {
  const { status, title } = PROBLEMS[code];
  return { type: `urn:arenascope:problem:${code}`, title, status, detail, code, ...extensions };
}

/** Thrown by handlers of the control routes; the error handler answers with it. */
export class ProblemError extends Error {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;
  constructor(code: ProblemCode, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(detail);
    this.name = 'ProblemError';
    this.problem = problem(code, detail);
    this.headers = headers;
  }
}
