// Recorded decisions of real Netty, replayed: zero differences; and any alteration of a recorded line is found.
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseTrace, readTrace, replay, type ReplayResult, type Trace, TraceError } from '../src/conformance/index.ts';

const folder = join(import.meta.dirname, 'fixtures', 'golden');
const files = globSync('*.trace.gz', { cwd: folder }).sort();
const golden = (name: string): Promise<Trace> => readTrace(join(folder, name));
const replayLines = ({ lines }: Trace): ReplayResult => replay(parseTrace(lines.join('\n')));

test('the fixtures are the whole recorded set', () => {
  const count = (prefix: string) => files.filter((file) => file.startsWith(prefix)).length;
  expect(['ops-cr3-', 'ops-n48-', 'http-cr3-', 'http-n48-'].map(count)).toEqual([9, 9, 5, 3]);
});

describe.each(files)('%s', (file) => {
  test('replays with zero differences, every invariant checked at each snapshot, and releases all it took', async () => {
    const trace = await golden(file);
    const result = replay(trace, { checks: true });
    expect(result).toEqual({ operations: trace.lines.length - 1, differences: 0, first: [], liveBuffers: 0 });
    expect(result.operations).toBeGreaterThan(700);
  });
});

/** The trace with its `skip`th line that starts with `verb` changed, and that line's number. */
function alter(trace: Trace, verb: string, change: (line: string) => string, skip = 0): { trace: Trace; line: number } {
  const matches = trace.lines.flatMap((line, i) => (i > 0 && line.startsWith(`${verb} `) && change(line) !== line ? [i] : []));
  const at = matches[skip]!;
  const lines = trace.lines.with(at, change(trace.lines[at]!));
  return { trace: { ...trace, lines }, line: at + 1 };
}

/** Raises the number in one space-separated field. */
const raise = (field: number) => (line: string) =>
  line
    .split(' ')
    .map((word, i) => (i === field ? String(Number(word) + 1) : word))
    .join(' ');
const ALLOCATED = ['arena', 'chunk', undefined, 'offset', 'length', 'maxLength'] as const;

const alterations: readonly [what: string, file: string, verb: string, change: (line: string) => string, skip?: number][] = [
  ...ALLOCATED.flatMap((name, i) =>
    name === undefined
      ? []
      : ['A', 'R'].map((verb): [string, string, string, (line: string) => string, number] => [
          `${name} of a line ${verb}`, 'ops-cr3-mixed.trace.gz', verb, raise(4 + i), 100,
        ]),
  ),
  ['handle of a line A', 'ops-cr3-mixed.trace.gz', 'A', (line) => line.replace(/^((?:\S+ ){6})(\S+)/, '$1f$2'), 50],
  ['success for a recorded OOM', 'ops-n48-wholechunk.trace.gz', 'A', (line) => line.replace(/OOM$/, '0 0 1 0 16 16')],
  ['OOM for a recorded success', 'ops-n48-wholechunk.trace.gz', 'A', (line) => line.replace(/^((?:\S+ ){4}).*$/, '$1OOM'), 30],
  ['huge for a pooled buffer', 'ops-cr3-mixed.trace.gz', 'A', (line) => line.replace(/^((?:\S+ ){5})\d+ /, '$1H '), 9],
  ['usage in a snapshot', 'ops-n48-mixed.trace.gz', 'S', (line) => line.replace(/\[(\d+),(\d+),/, '[$1,9$2,')],
  ['a counter in a snapshot', 'ops-cr3-mixed.trace.gz', 'S', (line) => line.replace(/"normal":(\d+)/, '"normal":1$1'), 3],
  ['the order of two chunks in a snapshot', 'ops-cr3-mixed.trace.gz', 'S', (line) => line.replace(/(\[\d+,\d+,\d+\]),(\[\d+,\d+,\d+\])/, '$2,$1'), 2],
  ['a subpage in a snapshot', 'ops-cr3-mixed.trace.gz', 'S', (line) => line.replace(/"tiny":\{"(\d+)":/, '"tiny":{"3$1":')],
  ['a character of the text', 'ops-cr3-mixed.trace.gz', 'X', (line) => line.replace('25~75%', '25~74%')],
  ['a receive capacity', 'http-cr3-mixed.trace.gz', 'V', (line) => line.replace(/ (\d+):/, ' 1$1:'), 77],
  ['the bytes of a read', 'http-cr3-mixed.trace.gz', 'V', (line) => line.replace(/:(\d+)/, ':1$1'), 40],
  ['bytes left', 'http-cr3-oom-receive.trace.gz', 'V', (line) => line.replace(/left=(\d+)/, 'left=1$1')],
  ['the bytes received at a failure', 'http-cr3-oom-receive.trace.gz', 'E', (line) => line.replace(/received=(\d+)/, 'received=1$1')],
  ['the messages of a connection', 'http-cr3-mixed.trace.gz', 'D', raise(2), 5],
  ['the bytes of a connection', 'http-cr3-mixed.trace.gz', 'D', raise(3), 6],
  ['usage in a snapshot of the pipeline', 'http-cr3-mixed.trace.gz', 'S', (line) => line.replace(/\[(\d+),(\d+),/, '[$1,9$2,')],
]; // prettier-ignore

describe('a trace with one alteration', () => {
  test.each(alterations)('%s: exactly that difference is reported', async (_, file, verb, change, skip) => {
    const altered = alter(await golden(file), verb, change, skip);
    const result = replayLines(altered.trace);
    expect(result.differences).toBe(1);
    expect(result.first.map(({ line }) => line)).toEqual([altered.line]);
    expect(result.first[0]!.expected).not.toBe(result.first[0]!.got);
  });

  test('a release left out is found in what follows', async () => {
    const trace = await golden('ops-cr3-mixed.trace.gz');
    const at = trace.lines.findIndex((line, i) => i > 500 && line.startsWith('F '));
    const result = replayLines({ ...trace, lines: trace.lines.toSpliced(at, 1) });
    expect(result.differences).toBeGreaterThan(0);
    expect(result.liveBuffers).toBe(1);
    expect(result.first.length).toBeLessThanOrEqual(5);
  });

  test.each(['ops-n48-mixed', 'http-n48-mixed'])('%s: the other version’s rules give other decisions', async (name) => {
    const trace = await golden(`${name}.trace.gz`);
    const header = trace.lines[0]!.replace('4.1.48.Final', '4.1.0.CR3');
    expect(replayLines({ ...trace, lines: [header, ...trace.lines.slice(1)] }).differences).toBeGreaterThan(10);
  });
});

describe('a file that is no trace', () => {
  const header = JSON.stringify({
    format: 1, netty: '4.1.0.CR3', directArenas: 1, threads: 1, pageSize: 8192, maxOrder: 11, tinyCacheSize: 512,
    smallCacheSize: 256, normalCacheSize: 64, maxCachedBufferCapacity: 32768, cacheTrimInterval: 8192,
  }); // prettier-ignore
  const httpHeader = JSON.stringify({
    format: 1, kind: 'http-pipeline', netty: '4.1.0.CR3', directArenas: 1, eventLoops: 1, pageSize: 8192, maxOrder: 11,
    httpMaxChunkSize: 8196, maxCumulationBufferComponents: 1024, requestHead: 'PUT <n>',
    recv: { minimum: 64, initial: 1024, maximum: 1024, maxMessagesPerRead: 16 },
  }); // prettier-ignore
  test.each([
    ['an empty text', '', /line 1/],
    ['no JSON', 'hello\nA 0 0 1', /line 1: hello/],
    ['a header without its fields', '{"format":1}', /line 1[\s\S]*netty/],
    ['another format', header.replace('"format":1', '"format":2'), /line 1[\s\S]*format/],
    ['an unknown verb', `${header}\nQ 0 0 1`, /line 2: Q 0 0 1 \(expected: A, R, F, S or X\)/],
    ['a release of what was never taken', `${header}\nF 0 7`, /line 2: buffer 7/],
    ['a size that is no number', `${header}\nA 0 0 many`, /line 2: .*capacity: NaN/],
    ['a thread that does not exist', `${header}\nA 5 0 16`, /line 2: .*cache: 5/],
    ['a name that is live already', `${header}\nA 0 0 16 0 0 1 0 16 16\nA 0 0 16`, /line 3: buffer 0/],
    ['a page that is no power of two', header.replace('8192', '8193'), /line 1: .*pageBytes: 8193/],
    ['an event loop that does not exist', `${httpHeader}\nC 0 3 100`, /line 2: event loop 3/],
    ['a body that is no number', `${httpHeader}\nC 0 0 large`, /line 2: large/],
    ['a next request where one is under way', `${httpHeader}\nC 0 0 100\nN 0 100`, /line 3: a request on a connection/],
    ['a delivery that is no number', `${httpHeader}\nC 0 0 100\nV 0 -1 1024:1`, /line 3: -1/],
    ['a connection that is not open', `${httpHeader}\nV 4 100 1024:100`, /line 2: connection 4/],
    ['receive buffers the wrong way round', httpHeader.replace('"minimum":64', '"minimum":64000'), /line 1: receive/],
  ])('%s: the message names the line and the mistake', (_, text, message) => {
    const run = () => replay(parseTrace(text));
    expect(run).toThrow(message);
    expect(run).toThrow(TraceError);
  });
});
