// Reads the text format back, by its rules and without the writer's help.

export interface Sample {
  readonly metric: string; // the name in the TYPE line above it
  readonly name: string; // its own; that of a histogram ends in _bucket, _sum or _count
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const LINE = /^([a-z_:][a-z0-9_:]*)(?:\{(.*)\})? (\S+)$/i;
const PAIR = /^([a-z_][a-z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/i;

export function parseText(text: string): { samples: Sample[]; types: Map<string, string>; helps: Map<string, string> } {
  const samples: Sample[] = [];
  const [types, helps] = [new Map<string, string>(), new Map<string, string>()];
  let metric = '';
  for (const line of text.split('\n')) {
    const [, kind, name, rest] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (kind === 'HELP') helps.set(name!, rest!);
    else if (kind === 'TYPE') types.set((metric = name!), rest!);
    else if (line !== '') samples.push(parseSample(line, metric));
  }
  return { samples, types, helps };
}

function parseSample(line: string, metric: string): Sample {
  const match = LINE.exec(line);
  if (match === null || !match[1]!.startsWith(metric)) throw new Error(`no sample of ${metric}: ${line}`);
  const labels: Record<string, string> = {};
  for (let rest = match[2] ?? ''; rest !== '';) {
    const pair = PAIR.exec(rest);
    if (pair === null) throw new Error(`no label: ${rest}`);
    labels[pair[1]!] = pair[2]!.replaceAll(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c));
    rest = rest.slice(pair[0].length);
  }
  const value = match[3] === '+Inf' ? Infinity : Number(match[3]);
  return { metric, name: match[1]!, labels, value };
}

/** The samples of one name, and of these labels where given. */
export function select(samples: readonly Sample[], name: string, labels: Readonly<Record<string, string>> = {}): Sample[] {
  return samples.filter(
    (sample) => sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  );
}

export function total(samples: readonly Sample[], name: string, labels?: Readonly<Record<string, string>>): number {
  const selected = select(samples, name, labels);
  if (selected.length === 0) throw new Error(`no sample of ${name} ${JSON.stringify(labels)}`);
  return selected.reduce((sum, { value }) => sum + value, 0);
}

/** One string for each series. */
export function keyOf({ name, labels }: Sample): string {
  return `${name}${JSON.stringify(Object.entries(labels).sort())}`;
}
