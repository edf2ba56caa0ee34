// pipeline: what Netty does with a socket's bytes. Read loop with receive-buffer predictor, decoder slices, aggregator, event loops,
// peer, back-pressure. Keeps true: every buffer a request took is released when it is answered, dropped, abandoned or closed.
// Imports the allocator only; no I/O, clock or chance of its own.
export { BackPressure, type BackPressureOptions } from './back-pressure.ts';
export { BODY, CLOSED, Connection, type ConnectionState, FAILED, HEAD, IDLE } from './connection.ts';
export type { EventLoop } from './event-loop.ts';
export type { Handler } from './handler.ts';
export { pipelineHolders } from './live-buffers.ts';
export type { Message } from './message.ts';
export { type Later, Peer, type PeerOptions, PROMPT_PEER } from './peer.ts';
export { Pipeline } from './pipeline.ts';
export type { PipelineOptions, ReadObserver } from './pipeline-options.ts';
export { NETTY_RECEIVE, type ReceiveOptions } from './predictor.ts';
