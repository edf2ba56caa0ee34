// The running service: HTTP server, app, traffic and meters wired together; started, and stopped without cutting anybody off.
import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Express } from 'express';
import { pino, type Logger } from 'pino';
import manifest from '../../package.json' with { type: 'json' };
import { snapshot } from '../allocator/index.ts';
import { type AttachedFeed, attachFeed, Feed } from '../feed/index.ts';
import { HttpMeter, PipelineMeter, PoolMeter, Scraper } from '../metrics/index.ts';
import type { SimulationListener } from '../simulation/index.ts';
import { Random } from '../workload/index.ts';
import { createApp } from './app.ts';
import { type Answer, answerOf } from './answer.ts';
import { BusyPoll } from './busy-poll.ts';
import { CUT_SHORT, faultOf, refusal } from './client-faults.ts';
import { type Clock, systemClock } from './clock.ts';
import type { Exchange } from './exchange.ts';
import type { Outcome } from './outcome.ts';
import { memoryMapper } from './memory-mapper.ts';
import { bodyBytes } from './request-head.ts';
import { RequestMeter } from './request-meter.ts';
import { PageRoutes } from './page-routes.ts';
import { LiveSimulation } from './live-simulation.ts';
import { Runtime } from './runtime.ts';
import { scenarioOf, SimulationControl } from './simulation-control.ts';
import { requestEvent, runtimeEvents, simulationEvents } from './traffic-events.ts';
import type { Settings } from './settings-table.ts';
import { isLoopback } from './settings.ts';
import { Traffic } from './traffic.ts';
import { Wire, type WireOwner } from './wire.ts';

export interface ServiceOptions {
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly log?: Logger;
}

const HEADERS_CHECK_MILLISECONDS = 250; // how often Node looks for heads that do not come

export class Service {
  readonly settings: Settings;
  readonly runtime: Runtime;
  readonly traffic: Traffic;
  readonly log: Logger;
  readonly app: Express;
  readonly #server: Server;
  readonly #clock: Clock;
  readonly #meters: { readonly http: HttpMeter; readonly pipeline: PipelineMeter; readonly pool: PoolMeter };
  readonly #requests: RequestMeter;
  readonly #toParser: (socket: Socket) => void;
  readonly #wireOwner: WireOwner;
  readonly #faulty = new WeakSet<Socket>(); // whose client has broken the protocol
  readonly #scraper = new Scraper();
  readonly #page: PageRoutes;
  readonly feed: Feed;
  readonly simulation: LiveSimulation;
  readonly control: SimulationControl;
  #attached: AttachedFeed | null = null;
  #stopWatching: () => void = () => undefined;
  #isReady = false;

  constructor(settings: Settings, options: ServiceOptions = {}) {
    const { clock = systemClock, random = seededRandom(settings.seed), log = createLog(settings) } = options;
    this.settings = settings;
    this.log = log;
    this.#clock = clock;
    const now = () => clock.nowSeconds();
    this.#meters = { http: new HttpMeter(now), pipeline: new PipelineMeter(), pool: new PoolMeter(now) };
    this.#requests = new RequestMeter(this.#meters.http);
    this.runtime = new Runtime(settings, scenarioOf(settings), memoryMapper(clock));
    this.feed = new Feed({ allocator: this.runtime.allocator, id: randomUUID(), simSeconds: () => this.simulation.simSeconds ?? 0 });
    runtimeEvents(this.feed, this.runtime, () => this.simulation.servingSource);
    this.runtime.addListener(this.#meters.pool);
    this.traffic = new Traffic(this.runtime, settings, clock, random, {
      message: (bytes) => this.#meters.pipeline.messageReceived(bytes),
      ended: (outcome, receivedBytes, detail, exchange) => {
        this.#meters.http.bodyEnded(outcome);
        this.#logEnd(outcome, receivedBytes, detail, exchange);
        requestEvent(this.feed, clock, exchange, outcome, receivedBytes);
      },
    });
    this.#page = new PageRoutes(this.runtime, clock);
    const { runtime, traffic, feed } = this;
    this.simulation = new LiveSimulation(runtime, clock, [simulationEvents(feed), this.#simulatedSizes()], settings.speed, settings.paused, () => traffic.update()); // prettier-ignore
    this.control = new SimulationControl({ settings, runtime, traffic, feed, simulation: this.simulation });
    const { control } = this;
    this.app = createApp({
      settings, runtime, traffic, clock, log, control, feed, page: this.#page,
      version: manifest.version,
      metricsText: () => this.metricsText(),
      isReady: () => this.#isReady,
    }); // prettier-ignore
    this.#server = createServer(serverOptions(settings), (request, response) => {
      const answer = answerOf(response);
      this.#requests.started(request.socket, request.method ?? '', answer);
      response.once('finish', () => this.#onAnswered(request.socket, answer));
      if (!this.#isReady) response.setHeader('Connection', 'close');
      this.app(request, response);
    });
    this.#server.maxConnections = settings.maxConnections;
    this.#server.setTimeout(Math.max(settings.idleTimeoutSeconds, settings.headersTimeoutSeconds + 1) * 1000, (socket: Socket) =>
      this.#onSilent(socket),
    );
    this.#toParser = takeConnections(this.#server, (socket) => this.#onConnection(socket));
    this.#wireOwner = this.#createWireOwner();
    this.#server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => this.#onClientError(error, socket));
    this.#server.on('checkContinue', (request, response) => {
      const toCome = bodyBytes(request);
      if (toCome <= settings.bodyLimitBytes || toCome === Infinity) response.writeContinue(); // else the answer is 413, unsent
      this.#server.emit('request', request, response);
    });
  }

  /** Messages of simulated requests count among the sizes that the pipeline has seen: what is large is large, whoever sent it. */
  #simulatedSizes(): SimulationListener {
    const { pipeline } = this.#meters;
    return { requestEnded: (_, outcome, bodyBytes) => void (outcome === 'completed' && pipeline.messageReceived(bodyBytes)) };
  }

  /** Listens; returns the address to open. */
  async listen(): Promise<string> {
    const { port, host } = this.settings;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    this.#isReady = true;
    this.#attached = attachFeed(this.#server, this.feed);
    this.control.start();
    this.#stopWatching = this.#page.watch(() => this.simulation.simSeconds);
    if (!isLoopback(host) && this.settings.adminToken === '') this.log.warn({ host }, 'reachable from outside without an admin token: what changes state is refused'); // prettier-ignore
    const { address, port: actual, family } = this.#server.address() as AddressInfo;
    return `http://${family === 'IPv6' ? `[${address}]` : address}:${actual}`;
  }

  /** No new connections; requests in flight end within the deadline, then what is left is cut. Resolves when all sockets are closed. */
  async stop(): Promise<void> {
    this.#isReady = false;
    this.#stopWatching();
    this.simulation.stop();
    const feedClosed = this.#attached?.close();
    const closed = new Promise<void>((resolve) => void this.#server.close(() => resolve()));
    this.#requests.closeAfterAnswers();
    this.traffic.closeIdle((socket) => this.#requests.isBusy(socket));
    const cancel = this.#clock.after(this.settings.shutdownDeadlineSeconds, () => {
      this.log.warn({ connections: this.traffic.connections }, 'deadline: connections cut');
      this.traffic.destroyAll('shutdown', `not done within ${this.settings.shutdownDeadlineSeconds} s of shutting down`);
    });
    await Promise.all([closed, feedClosed]);
    await this.traffic.disconnected();
    cancel();
    this.traffic.dropHeld();
  }

  metricsText(): Promise<string> {
    const { http, pipeline, pool } = this.#meters;
    const { runtime, traffic } = this;
    return this.#scraper.text({
      allocator: snapshot(runtime.allocator),
      pool: pool.sample(),
      pipeline: pipeline.sample(runtime.pipeline, runtime.backPressure, traffic.peer),
      http: http.sample(),
      simulation: this.simulation.sample(),
      feed: this.#attached?.sample() ?? null,
    });
  }

  #onConnection(socket: Socket): void {
    this.#requests.connected(socket);
    const lane = this.traffic.connected(socket);
    socket.once('close', () => this.#requests.closed(socket, lane.fault));
    Wire.open(socket, this.#wireOwner);
  }

  #onAnswered(socket: Socket, answer: Answer): void {
    this.#requests.answered(socket, answer);
    if (!this.#isReady && !this.#requests.isBusy(socket)) socket.destroySoon(); // shutting down: this was what it waited for
  }

  /** A connection of Node's HTTP: idle, or its client does not take its answer. Else the silence is ours, or the exchange's to judge where there is one. */
  #onSilent(socket: Socket): void {
    if (socket.writableLength > 0 || this.traffic.laneOf(socket)?.open === 0) socket.destroy();
  }

  #createWireOwner(): WireOwner {
    const { bodyLimitBytes, headersTimeoutSeconds, keepAliveTimeoutSeconds, idleTimeoutSeconds, busyPollSeconds } = this.settings;
    return {
      clock: this.#clock,
      busyPoll: new BusyPoll(busyPollSeconds),
      headersSeconds: headersTimeoutSeconds,
      keepAliveSeconds: keepAliveTimeoutSeconds,
      idleSeconds: idleTimeoutSeconds,
      mayTake: (bodyBytes) => this.#isReady && bodyBytes <= bodyLimitBytes,
      request: ({ socket }, { method, url, wanted, expectsContinue }, body, answer) => {
        this.#requests.started(socket, method, answer);
        this.traffic.receive(socket, { method, url, wanted, body, answer, awaitsLeave: expectsContinue });
      },
      answered: ({ socket }, answer) => this.#onAnswered(socket, answer),
      fault: (error, socket) => this.#onClientError(error, socket),
      toParser: this.#toParser,
    };
  }

  /** What came is no HTTP, came too late, or ended too early. What came before it in the same read has its turn first. */
  #onClientError(error: NodeJS.ErrnoException, socket: Socket): void {
    if (this.#faulty.has(socket)) return; // whatever follows is no better
    this.#faulty.add(socket);
    if (error.code === CUT_SHORT)
      this.#answerFault(error, socket); // at once: Node ends the socket next
    else setImmediate(() => this.#answerFault(error, socket));
  }

  #answerFault(error: NodeJS.ErrnoException, socket: Socket): void {
    const isBusy = this.#requests.isBusy(socket);
    const fault = faultOf(error.code ?? '', isBusy);
    this.traffic.laneOf(socket)?.blame(fault, error.message);
    if (!isBusy && fault !== 'disconnected') {
      this.#meters.http.requestStarted();
      this.#meters.http.requestAborted(fault);
      this.log.info({ outcome: fault, detail: error.message }, 'no request');
    }
    if (fault === 'disconnected' || !socket.writable || socket.writableLength > 0 || this.#requests.isAnswering(socket)) socket.destroy();
    else socket.end(refusal(error.code ?? ''), () => socket.destroy());
  }

  #logEnd(outcome: Outcome, receivedBytes: number, detail: string, { method, url }: Exchange): void {
    if (outcome === 'answered') return;
    const level = outcome === 'exhausted' ? 'warn' : 'info';
    this.log[level]({ outcome, method, url, receivedBytes, detail }, 'request not served');
  }
}

/** New connections go to `take`. Returns how to give one to Node's parser after all, as the server itself would have. */
function takeConnections(server: Server, take: (socket: Socket) => void): (socket: Socket) => void {
  const parse = server.listeners('connection');
  server.removeAllListeners('connection').on('connection', take);
  return (socket) => parse.forEach((listener) => void listener.call(server, socket));
}

function serverOptions(settings: Settings) {
  return {
    headersTimeout: settings.headersTimeoutSeconds * 1000,
    requestTimeout: 0, // ours counts, which knows of back-pressure
    keepAliveTimeout: settings.keepAliveTimeoutSeconds * 1000,
    connectionsCheckingInterval: Math.min(HEADERS_CHECK_MILLISECONDS, settings.headersTimeoutSeconds * 1000),
  };
}

function createLog({ logLevel }: Settings): Logger {
  return pino({ level: logLevel, base: null }, pino.destination({ fd: 2, sync: true }));
}

function seededRandom(seed: number): () => number {
  const random = new Random(seed, 'peer');
  return () => random.unit();
}
