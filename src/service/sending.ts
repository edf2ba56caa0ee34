// Ways to answer: JSON, a problem while the body is still coming, and bytes straight out of allocator memory.
import { createHash } from 'node:crypto';
import type { Message } from '../pipeline/index.ts';
import type { Answer } from './answer.ts';
import type { Clock } from './clock.ts';
import type { IncomingBody } from './incoming-body.ts';
import { type Problem, PROBLEM_TYPE } from './problems.ts';

const KEEP_ALIVE_BYTES = 1 << 20; // of a refused body that are read to keep the connection; where more is to come it is closed
const LINGER_SECONDS = 2; // that a closing connection is read on, so that the client sees the answer before a reset
const TURN_BYTES = 1 << 20; // hashed before others get their turn
const PIECE_BYTES = 1 << 18; // of a message in one write: what a slow client takes of it is seen by the piece

export function sendJson(answer: Answer, body: unknown): void {
  sendText(answer, 200, 'application/json', JSON.stringify(body));
}

export function sendText(answer: Answer, status: number, type: string, text: string, headers: Readonly<Record<string, string>> = {}): void {
  answer.begin(status, type, Buffer.byteLength(text), headers);
  answer.write(text);
  answer.end();
}

/** The head that Netty's encoder would write into its response buffer. */
export const responseHead = (status: string, contentBytes: number): Buffer =>
  Buffer.from(`HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${contentBytes}\r\n\r\n`, 'latin1');

/**
 * Answer with a problem although body may still be coming. What comes is read and thrown away, so that the client, still sending,
 * is not reset before it has read the answer. The whole answer is written at once; it is ended when the body is, or after a while.
 */
export function sendProblem(
  answer: Answer,
  body: IncomingBody,
  problem: Problem,
  clock: Clock,
  headers: Readonly<Record<string, string>> = {},
): void {
  const text = JSON.stringify(problem);
  if (body.isWhole) {
    sendText(answer, problem.status, PROBLEM_TYPE, text, headers);
    body.discard();
    return;
  }
  if (body.announcedBytes > KEEP_ALIVE_BYTES) answer.closeAfterwards();
  answer.begin(problem.status, PROBLEM_TYPE, Buffer.byteLength(text), headers);
  answer.write(text);
  answer.isWhole = true;
  let isOver = false;
  const finish = () => {
    cancel();
    if (!isOver) answer.end();
    isOver = true;
  };
  const cancel = clock.after(LINGER_SECONDS, finish);
  body.onceOver(finish);
  body.discard();
}

/** Stream a message's parts as they lie in allocator memory. `done` after the operating system has taken all; never if the client is gone. */
export function sendMessage(answer: Answer, message: Message, isLive: () => boolean, done: () => void): void {
  answer.begin(200, 'application/octet-stream', message.bytes);
  const pieces = piecesOf(message.views());
  const pump = (): void => {
    while (isLive()) {
      const next = pieces.next();
      if (next.done === true) return answer.end(done);
      if (!answer.write(next.value)) return answer.onceDrained(pump);
    }
  };
  pump();
}

function* piecesOf(views: Iterable<Uint8Array>): Generator<Uint8Array, void> {
  for (const view of views) for (let at = 0; at < view.length; at += PIECE_BYTES) yield view.subarray(at, at + PIECE_BYTES);
}

/** SHA-256 of a message, read back from allocator memory, in turns. Undefined: no longer wanted. */
export async function digestOf(message: Message, isLive: () => boolean): Promise<string | undefined> {
  const hash = createHash('sha256');
  let turn = 0;
  for (const piece of piecesOf(message.views())) {
    hash.update(piece);
    turn += piece.length;
    if (turn < TURN_BYTES) continue;
    turn = 0;
    await new Promise<void>((resolve) => void setImmediate(resolve));
    if (!isLive()) return undefined; // its memory may be gone
  }
  return hash.digest('hex');
}
