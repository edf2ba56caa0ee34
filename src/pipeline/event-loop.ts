// An event loop: a thread cache bound to an arena, and the counters of what ran on it. Connections are dealt to loops in turn.

export class EventLoop {
  readonly index: number;
  readonly cache: number; // the allocator's thread cache
  readonly arena: number;
  connections = 0; // open now
  messages = 0; // whole messages handed to the handler
  failures = 0; // requests that ran out of direct memory
  consolidations = 0;
  copiedBytes = 0; // by consolidations
  receivedBytes = 0; // head and body

  constructor(index: number, cache: number, arena: number) {
    this.index = index;
    this.cache = cache;
    this.arena = arena;
  }
}
