// `arenascope watch`: prints the feed of a running service, event by event, through interruptions.
import { parseArgs } from 'node:util';
import {
  type ClientStatus, describeEvent, DEFAULT_TYPES, EVENT_TYPES, EVENTS, type EventType, FeedClient, type FeedEvent, isEventType, type SocketConstructor,
} from '../client/index.ts'; // prettier-ignore

const DEFAULT_URL = 'http://127.0.0.1:3000';

export const help = (): string => `URL           of a running service; default ${DEFAULT_URL}
--types A,B   only these types of events
--arenas 0,1  only these arenas; events of no arena are always shown
--since N     begin after this sequence number, instead of now
--json        each event as one line of JSON
--count N     stop after so many events

Types: ${EVENT_TYPES.filter((type) => DEFAULT_TYPES.includes(type)).join(', ')};
made only when asked for: ${EVENT_TYPES.filter((type) => EVENTS[type].onDemand).join(', ')}.
Ctrl-C ends it. Exit code: 0 stopped or --count reached, 2 called wrongly, or refused by the service.`;

class WatchError extends Error {}

interface Options {
  readonly url: string;
  readonly types: readonly EventType[] | null;
  readonly arenas: readonly number[] | null;
  readonly since: number | null;
  readonly json: boolean;
  readonly count: number;
}

/** What a test puts in the place of the terminal and the network. */
export interface Surroundings {
  readonly print: (line: string) => void;
  readonly note: (line: string) => void; // what is no event
  readonly onInterrupt: (stop: () => void) => () => void; // returns how to take it off again
  readonly WebSocket?: SocketConstructor;
}

const terminal: Surroundings = {
  print: (line) => console.log(line),
  note: (line) => console.error(line),
  onInterrupt: (stop) => {
    process.on('SIGINT', stop).on('SIGTERM', stop);
    return () => void process.off('SIGINT', stop).off('SIGTERM', stop);
  },
};

export async function run(args: readonly string[], surroundings: Surroundings = terminal): Promise<number> {
  try {
    return await watch(readOptions(args), surroundings);
  } catch (error) {
    if (!(error instanceof WatchError)) throw error;
    surroundings.note(`arenascope: ${error.message}`);
    return 2;
  }
}

function readOptions(args: readonly string[]): Options {
  const text = { type: 'string' } as const;
  const options = { types: text, arenas: text, since: text, count: text, json: { type: 'boolean', default: false } } as const;
  const { values, positionals } = parsed(() => parseArgs({ args: [...args], options, allowPositionals: true }));
  const [url = DEFAULT_URL, ...more] = positionals;
  if (more.length > 0) throw new WatchError(`URL: ${positionals.join(' ')} (expected: one service)`);
  if (!/^(https?|wss?):$/.test(URL.parse(url)?.protocol ?? '')) throw new WatchError(`URL: ${url} (expected: http://… or ws://…)`);
  const types = listOf(values.types);
  const unknown = types?.find((type) => !isEventType(type));
  if (unknown !== undefined) throw new WatchError(`--types: ${unknown} (expected: some of ${EVENT_TYPES.join(', ')})`);
  return {
    url,
    types: types as EventType[] | null,
    arenas: listOf(values.arenas)?.map((arena) => wholeNumber('--arenas', arena)) ?? null,
    since: values.since === undefined ? null : wholeNumber('--since', values.since),
    json: values.json,
    count: values.count === undefined ? Infinity : Math.max(1, wholeNumber('--count', values.count)),
  };
}

/** What parseArgs says of unknown flags is told as it is. */
function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new WatchError((error as Error).message);
  }
}

const listOf = (text: string | undefined): string[] | null => text?.split(',').map((item) => item.trim()) ?? null;

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new WatchError(`${name}: ${text} (expected: a whole number)`);
  return Number(text);
}

function watch(
  { url, types, arenas, since, json, count }: Options,
  { print, note, onInterrupt, WebSocket }: Surroundings,
): Promise<number> {
  return new Promise((resolve) => {
    let printed = 0;
    const end = (code: number): void => {
      forgetInterrupt();
      client.stop();
      resolve(code);
    };
    const client = new FeedClient({
      url,
      types,
      arenas,
      ...(since !== null && { since }),
      ...(WebSocket !== undefined && { WebSocket }),
      listener: {
        onEvent: (event) => {
          print(json ? JSON.stringify(event) : lineOf(event));
          if (++printed >= count) end(0);
        },
        onSnapshot: ({ reservedBytes, limitBytes, arenas }, sequence) =>
          note(`-- at ${sequence}: ${arenas.length} arenas, ${reservedBytes} of ${limitBytes} bytes reserved`),
        onStatus: (status, why) => {
          const line = statusLine(status, why);
          if (line !== null) note(line);
          if (status === 'refused') end(2);
        },
      },
    });
    const forgetInterrupt = onInterrupt(() => end(0));
    client.start();
  });
}

/** Null: nothing that a reader has to know. */
function statusLine(status: ClientStatus, why: string): string | null {
  if (status === 'waiting') return `-- interrupted (${why}); trying again`;
  if (status === 'refused') return `-- refused: ${why}`;
  return status === 'live' ? '-- live' : null;
}

const DAY_SECONDS = 86_400;

function lineOf(event: FeedEvent): string {
  const wall = new Date(event.wallMillis).toISOString().slice(11, 23);
  const day = `day ${Math.floor(event.simSeconds / DAY_SECONDS) + 1}`;
  return `${String(event.sequence).padStart(8)}  ${wall}  ${day.padEnd(9)}${event.type.padEnd(23)}${describeEvent(event)}`;
}
