// One HTTP request on its way: head, body parts collected so far, and what became of it. Messages are used again, not made anew.
import { Composite, NONE, type PooledAllocator } from '../allocator/index.ts';
import type { Connection } from './connection.ts';

export class Message extends Composite {
  connection: Connection | null = null; // where it came from; null while in the pool of messages
  slices = 0; // decoder slices that made it up
  begun = NaN; // when its request began, in the owner's time; the owner's to set
  tag = NONE; // the owner's number for it, kept while the message is used again
  constructor(allocator: PooledAllocator, maxComponents: number) {
    super(allocator, maxComponents);
  }
}

/** The connection of a message that is still held. A second answer or drop would let two requests share one message. */
export function holderOf(message: Message): Connection {
  if (message.connection === null) throw new Error('message: answered or dropped before (expected: one that is still held)');
  return message.connection;
}
