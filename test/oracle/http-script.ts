// Scripts for HttpRecorder: connections that send requests, one after another, in deliveries as a network brings them. Same seed: same script.
import { parseTrace } from '../../src/conformance/index.ts';
import { Random } from '../../src/workload/index.ts';

export interface ScriptOptions {
  readonly requests: number;
  readonly loops: number;
  readonly concurrent: number; // connections at a time
  readonly largestBody: number; // bytes
  readonly keepAlive: number; // chance that a connection sends another request
}

const SEGMENT_BYTES = 1448;
const SNAPSHOT_EVERY = 25; // requests
const HEAD_BYTES = 64; // at most: the recorder's head never comes in two pieces, see docs/scenarios.md

interface Sender {
  readonly name: string;
  unsent: number; // at most, bytes of its present request
}

export function httpScript(seed: number, { requests, loops, concurrent, largestBody, keepAlive }: ScriptOptions): string[] {
  const random = new Random(seed, 'http-script');
  const below = (bound: number) => Math.floor(random.unit() * bound);
  const sizeUpTo = (bytes: number) => Math.floor(bytes ** random.unit()); // log-uniform
  const bodyBytes = () => {
    const kind = below(20);
    if (kind === 0) return 0;
    if (kind < 3) return 8196 * (1 + below(20)) + below(3) - 1; // around whole slices
    return kind < 6 ? below(largestBody) : sizeUpTo(largestBody);
  };
  const deliveryBytes = () => {
    const kind = below(10);
    return kind < 6 ? SEGMENT_BYTES * (1 + below(4)) : kind < 9 ? HEAD_BYTES + sizeUpTo(300_000) : 65_536 * (1 + below(4));
  };
  const lines: string[] = [];
  const senders: Sender[] = [];
  const begin = (sender: Sender, verb: string) => {
    const body = bodyBytes();
    sender.unsent = HEAD_BYTES + body;
    lines.push(`${verb} ${body}`);
    if (++begun % SNAPSHOT_EVERY === 0) lines.push('S');
  };
  let begun = 0;
  for (let opened = 0; begun < requests || senders.length > 0;) {
    if (begun < requests && senders.length < concurrent) {
      const sender = { name: String(opened++), unsent: 0 };
      senders.push(sender);
      begin(sender, `C ${sender.name} ${below(loops)}`);
    }
    const index = below(senders.length);
    const sender = senders[index]!;
    if (sender.unsent > 0) {
      const bytes = deliveryBytes();
      sender.unsent -= bytes;
      lines.push(`V ${sender.name} ${bytes}`);
    } else if (begun < requests && random.unit() < keepAlive) begin(sender, `N ${sender.name}`);
    else {
      senders.splice(index, 1);
      lines.push(`D ${sender.name}`);
    }
  }
  return [...lines, 'S', 'X'];
}

/** The connections, deliveries and looks of a recorded trace, without what that Netty made of them. */
export function scriptOf(trace: string): string[] {
  const fields: Readonly<Record<string, number>> = { C: 4, N: 3, V: 3, D: 2, S: 1, X: 1 };
  return parseTrace(trace).lines.flatMap((line, i) => {
    const words = line.split(' ');
    const kept = i === 0 ? undefined : fields[words[0]!];
    return kept === undefined ? [] : [words.slice(0, kept).join(' ')];
  });
}
