// Tells the HTTP meter of every request exactly once how it ended: answered, or given up with its socket.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { ABORT_OUTCOMES, type AbortOutcome, type HttpMeter } from '../metrics/index.ts';
import { wholeAnswers } from './sending.ts';

interface Unanswered {
  readonly method: string;
  readonly startedSeconds: number;
}

export class RequestMeter {
  readonly #meter: HttpMeter;
  readonly #unanswered = new Map<Socket, Map<ServerResponse, Unanswered>>();

  constructor(meter: HttpMeter) {
    this.#meter = meter;
  }

  connected(socket: Socket): void {
    this.#meter.connectionOpened();
    this.#unanswered.set(socket, new Map());
  }

  started(request: IncomingMessage, response: ServerResponse): void {
    const requests = this.#unanswered.get(request.socket);
    if (requests === undefined) return;
    requests.set(response, { method: request.method ?? '', startedSeconds: this.#meter.requestStarted() });
    response.once('finish', () => {
      const request = requests.get(response);
      if (requests.delete(response)) this.#answered(response, request!);
    });
  }

  isBusy(socket: Socket): boolean {
    return (this.#unanswered.get(socket)?.size ?? 0) > 0;
  }

  /** An answer has begun on this socket, so that no other can be written. */
  isAnswering(socket: Socket): boolean {
    return [...(this.#unanswered.get(socket)?.keys() ?? [])].some((response) => response.headersSent);
  }

  /** Requests under way end their connections with their answers: for shutting down. */
  closeAfterAnswers(): void {
    for (const requests of this.#unanswered.values())
      for (const response of requests.keys()) if (!response.headersSent) response.setHeader('Connection', 'close');
  }

  closed(socket: Socket, why: string): void {
    this.#meter.connectionClosed();
    const requests = this.#unanswered.get(socket);
    this.#unanswered.delete(socket);
    for (const [response, request] of requests ?? []) {
      if (wholeAnswers.has(response)) this.#answered(response, request);
      else this.#meter.requestAborted(ABORT_OUTCOMES.find((outcome: AbortOutcome) => outcome === why) ?? 'disconnected');
    }
    requests?.clear(); // a 'finish' that still comes finds nothing to count
  }

  #answered(response: ServerResponse, { method, startedSeconds }: Unanswered): void {
    this.#meter.requestAnswered(method, response.statusCode, startedSeconds);
  }
}
