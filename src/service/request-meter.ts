// Tells the HTTP meter of every request exactly once how it ended: answered, or given up with its socket.
import type { Socket } from 'node:net';
import { ABORT_OUTCOMES, type AbortOutcome, type HttpMeter } from '../metrics/index.ts';
import type { Answer } from './answer.ts';

interface Unanswered {
  readonly method: string;
  readonly startedSeconds: number;
}

export class RequestMeter {
  readonly #meter: HttpMeter;
  readonly #unanswered = new Map<Socket, Map<Answer, Unanswered>>();

  constructor(meter: HttpMeter) {
    this.#meter = meter;
  }

  connected(socket: Socket): void {
    this.#meter.connectionOpened();
    this.#unanswered.set(socket, new Map());
  }

  started(socket: Socket, method: string, answer: Answer): void {
    this.#unanswered.get(socket)?.set(answer, { method, startedSeconds: this.#meter.requestStarted() });
  }

  /** The answer is with the operating system. */
  answered(socket: Socket, answer: Answer): void {
    const requests = this.#unanswered.get(socket);
    const request = requests?.get(answer);
    if (requests?.delete(answer)) this.#answered(answer, request!); // else its socket was closed, and told all
  }

  isBusy(socket: Socket): boolean {
    return (this.#unanswered.get(socket)?.size ?? 0) > 0;
  }

  /** An answer has begun on this socket, so that no other can be written. */
  isAnswering(socket: Socket): boolean {
    return [...(this.#unanswered.get(socket)?.keys() ?? [])].some((answer) => answer.isBegun);
  }

  /** Connections end with the last answer under way: for shutting down. */
  closeAfterAnswers(): void {
    for (const requests of this.#unanswered.values()) [...requests.keys()].at(-1)?.closeAfterwards();
  }

  closed(socket: Socket, why: string): void {
    this.#meter.connectionClosed();
    const requests = this.#unanswered.get(socket);
    this.#unanswered.delete(socket);
    for (const [answer, request] of requests ?? []) {
      if (answer.isWhole) this.#answered(answer, request);
      else this.#meter.requestAborted(ABORT_OUTCOMES.find((outcome: AbortOutcome) => outcome === why) ?? 'disconnected');
    }
  }

  #answered(answer: Answer, { method, startedSeconds }: Unanswered): void {
    this.#meter.requestAnswered(method, answer.status, startedSeconds);
  }
}
