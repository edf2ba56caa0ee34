// What the live page needs: its files, the map of all pages, and the history of its charts.
import type { Request, RequestHandler, Response } from 'express';
import { encodePageMap, snapshot } from '../allocator/index.ts';
import { History, PAGE_INDEX, type PageFile, pageFiles } from '../web/index.ts';
import type { Clock } from './clock.ts';
import type { Runtime } from './runtime.ts';

const LOOK_MILLISECONDS = 250;

export class PageRoutes {
  readonly #runtime: Runtime;
  readonly #clock: Clock;
  readonly #history = new History();

  constructor(runtime: Runtime, clock: Clock) {
    this.#runtime = runtime;
    this.#clock = clock;
  }

  /** The page's files: below a path of their own, since they are no operations of the API. */
  readonly files: RequestHandler = (request, response, next) => {
    const file = pageFiles().get(request.path.slice(1)); // the path that it is mounted at is cut off
    if (file === undefined) next();
    else sendFile(request, response, file);
  };

  readonly index = (request: Request, response: Response): void => sendFile(request, response, pageFiles().get(PAGE_INDEX)!);

  readonly chunkMap = (_request: Request, response: Response): void => {
    const body = encodePageMap(this.#runtime.allocator);
    response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': body.length, 'Cache-Control': 'no-store' });
    response.end(body);
  };

  readonly history = ({ query }: Request, response: Response): void => {
    const ordinal = (name: string) => Number(query[name] ?? 0);
    const text = JSON.stringify({
      nowSeconds: this.#clock.nowSeconds(),
      ...this.#history.read({ generation: ordinal('generation'), from: ordinal('from') }),
    });
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text), 'Cache-Control': 'no-store' });
    response.end(text);
  };

  /**
   * Samples the history from time to time until it is called off. `simSeconds` tells null while no simulation runs. The timer is a
   * real one, whatever the clock: it only looks whether a sample is due, and keeps no process alive.
   */
  watch(simSeconds: () => number | null): () => void {
    const sample = (): void => {
      const now = this.#clock.nowSeconds();
      if (this.#history.isDue(now)) this.#history.record(now, simSeconds(), snapshot(this.#runtime.allocator));
    };
    sample();
    const timer = setInterval(sample, LOOK_MILLISECONDS).unref();
    return () => clearInterval(timer);
  }
}

/** Packed for whoever takes it; asked again each time, sent only where it changed. */
function sendFile(request: Request, response: Response, { type, body, gzip, etag }: PageFile): void {
  const isPacked = request.acceptsEncodings('gzip') === 'gzip';
  response.setHeader('Content-Type', type).setHeader('Cache-Control', 'no-cache').setHeader('ETag', etag).vary('Accept-Encoding');
  if (request.headers['if-none-match'] === etag) return void response.writeHead(304).end();
  const content = isPacked ? gzip : body;
  response.setHeader('Content-Length', content.length);
  if (isPacked) response.setHeader('Content-Encoding', 'gzip');
  response.end(content);
}
