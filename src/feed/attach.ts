// The feed at an HTTP server: upgrades to WebSocket at one path, after looking at who asks.
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { type After, afterByTimer } from '../client/index.ts';
import type { End, FeedSample } from './counters.ts';
import type { Feed } from './feed.ts';
import { Hub } from './hub.ts';
import { DEFAULT_LIMITS, type HubLimits } from './limits.ts';
import { readQuery } from './request.ts';
import type { Peer } from './subscriber.ts';

export interface AttachOptions {
  readonly path?: string; // default /events
  readonly limits?: Partial<HubLimits>;
  readonly heartbeatSeconds?: number;
  /** Pages of these origins may connect, besides those of the service itself: `https://example.org`. */
  readonly allowedOrigins?: readonly string[];
  readonly after?: After;
  readonly soon?: (run: () => void) => void;
}

export interface AttachedFeed {
  sample(): FeedSample;
  /** Clients are told that the service stops, and no more are taken. Resolves when all are gone. */
  close(): Promise<void>;
}

const HEARTBEAT_SECONDS = 15;
const CLOSE_MILLISECONDS = 2000; // that a client has to answer a close

export function attachFeed(server: Server, feed: Feed, options: AttachOptions = {}): AttachedFeed {
  const {
    path = '/events',
    heartbeatSeconds = HEARTBEAT_SECONDS,
    allowedOrigins = [],
    after = afterByTimer,
    soon = setImmediate,
  } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const hub = new Hub(feed, { limits, heartbeatSeconds, after, soon });
  const sockets = createSockets(limits.messageBytes);
  let open = 0; // connections, those under way included
  let onEmpty: (() => void) | null = null;

  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const url = URL.parse(request.url ?? '/', 'ws://service');
    if (url?.pathname !== path) {
      if (server.listenerCount('upgrade') === 1) refuse(socket, '404 Not Found');
      return;
    }
    if (!isAllowedOrigin(request, allowedOrigins)) {
      hub.counters.refused.origin++;
      return refuse(socket, '403 Forbidden');
    }
    if (open >= limits.clients || onEmpty !== null) {
      hub.counters.refused.clients++;
      return refuse(socket, '503 Service Unavailable', 'Retry-After: 5\r\n');
    }
    open++;
    let isUpgraded = false;
    socket.once('close', () => {
      if (!isUpgraded) open--;
    });
    sockets.handleUpgrade(request, socket, head, (client) => {
      isUpgraded = true;
      serve(hub, client, url.searchParams, () => {
        if (--open === 0) onEmpty?.();
      });
    });
  };
  server.on('upgrade', onUpgrade);

  return {
    sample: () => hub.sample(),
    close: () =>
      new Promise((resolve) => {
        onEmpty = resolve;
        server.off('upgrade', onUpgrade);
        hub.close();
        if (open === 0) resolve();
      }),
  };
}

function createSockets(maxPayload: number): WebSocketServer {
  const closing = { closeTimeout: CLOSE_MILLISECONDS }; // unknown to the types of `ws`
  return new WebSocketServer({ noServer: true, clientTracking: false, perMessageDeflate: false, maxPayload, ...closing });
}

function refuse(socket: Duplex, status: string, headers = ''): void {
  socket.on('error', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n${headers}\r\n`);
}

/** No browser, or a page of the service itself, or one that was allowed. */
function isAllowedOrigin({ headers: { origin, host } }: IncomingMessage, allowed: readonly string[]): boolean {
  if (origin === undefined || allowed.includes(origin)) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}

function serve(hub: Hub, client: WebSocket, query: URLSearchParams, onClosed: () => void): void {
  const subscriber = hub.connect(peerOf(client), readQuery(query, hub.feed.reader.arenas));
  client.on('message', (data: Buffer, isBinary) => subscriber.onMessage(isBinary ? null : data.toString()));
  client.on('pong', () => subscriber.onPong());
  client.on('error', (error: NodeJS.ErrnoException) => subscriber.blame(endOf(error.code ?? '')));
  client.on('close', () => {
    hub.disconnected(subscriber);
    onClosed();
  });
}

/** What `ws` says of a client that does not keep to the WebSocket protocol, which it then closes. */
function endOf(code: string): End {
  if (code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') return 'message_too_big';
  return code.startsWith('WS_ERR_') ? 'bad_message' : 'client';
}

function peerOf(client: WebSocket): Peer {
  return {
    get bufferedAmount() {
      return client.bufferedAmount;
    },
    send: (frame, done) => client.send(frame, { binary: false }, done === undefined ? undefined : () => done()),
    ping: () => client.ping(),
    close: (code, reason) => client.close(code, reason),
    terminate: () => client.terminate(),
  };
}
