// A simulated client: one session on one connection. Clients are used again, not made anew; the number is the one in events.
import type { Connection } from '../pipeline/index.ts';
import type { TrafficSource } from './source.ts';

export class Client {
  readonly number: number;
  source: TrafficSource | null = null; // null while in the pool
  connection: Connection | null = null;
  messagesLeft = 0; // of the session, the present one included
  messageBytes = 0; // body of the present message
  unsentBytes = 0; // of it, head included, that the network has not delivered
  socketBytes = 0; // delivered, not yet read
  deliveryBytes = 0; // under way: the next delivery
  microsPerByte = 0; // of the connection's network
  awaits = false; // the answer to its message
  isParked = false; // has sent its message, waits for the answer
  isLeaving = false; // its session is over, but not all of it is read
  heldBackAt = NaN; // since when back-pressure keeps it from being read

  constructor(number: number) {
    this.number = number;
  }
}

export class ClientPool {
  readonly all: Client[] = [];
  private readonly spare: Client[] = [];

  take(source: TrafficSource): Client {
    let client = this.spare.pop();
    if (client === undefined) this.all.push((client = new Client(this.all.length)));
    client.source = source;
    return client;
  }

  give(client: Client): void {
    client.source = null;
    client.connection = null;
    this.spare.push(client);
  }
}
