// What Node's parser says of a client, in our words, and the answer that is written to a socket without a request.
import { STATUS_CODES } from 'node:http';
import type { AbortOutcome } from '../metrics/index.ts';
import { type ProblemCode, problem, PROBLEM_TYPE } from './problems.ts';

const GONE = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ERR_STREAM_PREMATURE_CLOSE']);
/** Ended within a body. */
export const CUT_SHORT = 'HPE_INVALID_EOF_STATE';
const OVERDUE = 'ERR_HTTP_REQUEST_TIMEOUT';
const UNTAKEN = 'ERR_SOCKET_CONNECTION_TIMEOUT'; // Node's own for a peer that does not move

/** Ended before the announced length, or chunks that do not add up. */
const BAD_LENGTH = new Set([CUT_SHORT, 'HPE_INVALID_CHUNK_SIZE', 'HPE_INVALID_CONTENT_LENGTH', 'HPE_UNEXPECTED_CONTENT_LENGTH', 'HPE_STRICT']); // prettier-ignore

/** What Node's parser says when a client ends within a body; for a body that it does not see. */
export function cutShort(): Error {
  return Object.assign(new Error('the client ended before the announced length'), { code: CUT_SHORT });
}

/** What Node says when no head comes in time; for a connection that its parser does not see. */
export function headOverdue(): Error {
  return Object.assign(new Error('no request in time'), { code: OVERDUE });
}

export function answerUntaken(): Error {
  return Object.assign(new Error('the client does not take its answer'), { code: UNTAKEN });
}

export function faultOf(code: string, isBusy: boolean): AbortOutcome {
  if (GONE.has(code)) return 'disconnected';
  if (code === OVERDUE || code === UNTAKEN) return 'timeout';
  return isBusy && BAD_LENGTH.has(code) ? 'bad_length' : 'garbage';
}

function codeOf(code: string): ProblemCode {
  if (code === OVERDUE) return 'TOO_SLOW';
  return code === 'HPE_HEADER_OVERFLOW' ? 'HEAD_TOO_LARGE' : 'MALFORMED_REQUEST';
}

/** A whole answer as text, for a socket whose request could not be read. */
export function refusal(code: string): string {
  const body = problem(codeOf(code), `request: ${code} (expected: HTTP/1.1, whole and in time)`);
  const text = JSON.stringify(body);
  const lines = [
    `HTTP/1.1 ${body.status} ${STATUS_CODES[body.status]}`,
    `Content-Type: ${PROBLEM_TYPE}`,
    `Content-Length: ${Buffer.byteLength(text)}`,
    'Connection: close',
  ];
  return `${lines.join('\r\n')}\r\n\r\n${text}`;
}
