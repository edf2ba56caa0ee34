// The rule files: as the code makes them, to promtool's satisfaction, each alert firing when it must and silent when it must, on both clocks.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import {
  ALERTS,
  type AlertName,
  type Clock,
  CLOCKS,
  GENERATED_FILES,
  REAL_CLOCK,
  ruleFile,
  runbookPath,
} from '../../src/dashboards/index.ts';
import { needs } from '../programs.ts';
import { type Case, CASES, type Piece } from './cases.ts';

interface RuleFile {
  readonly groups: readonly { readonly rules: readonly Rule[] }[];
}
interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

const root = join(import.meta.dirname, '../..');
const promtool = needs('promtool');
const folder = mkdtempSync(join(tmpdir(), 'arenascope-rules-'));
afterAll(() => rmSync(folder, { recursive: true }));

const run = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(promtool.path, args, { encoding: 'utf8' });
  return { status, said: stdout + stderr };
};
const NAMES = Object.keys(ALERTS) as AlertName[];
const rulesOf = (clock: Clock): Rule[] => (parse(readFileSync(join(root, ruleFile(clock)), 'utf8')) as RuleFile).groups.flatMap(({ rules }) => rules); // prettier-ignore

describe.each(CLOCKS)('$name', (clock) => {
  const alerts = rulesOf(clock).filter(({ alert }) => alert !== undefined);

  test('is what the code makes (npm run generate writes it anew)', () => {
    expect(readFileSync(join(root, ruleFile(clock)), 'utf8')).toBe(GENERATED_FILES[ruleFile(clock)]!());
  });

  test.skipIf(!promtool.available)('promtool check rules finds nothing', () => {
    expect(run('check', 'rules', join(root, ruleFile(clock)))).toMatchObject({ status: 0 });
  });

  test('names recordings level:metric:operation', () => {
    for (const { record } of rulesOf(clock)) if (record !== undefined) expect(record).toMatch(/^instance:[a-z_]+:[a-z\d]+$/);
  });

  test('tells severity, a sentence, the numbers and the runbook of each alert', () => {
    expect(alerts.map(({ alert }) => alert)).toEqual(NAMES);
    for (const { alert, labels, annotations } of alerts) {
      expect(['critical', 'warning', 'info'], alert).toContain(labels?.severity);
      expect(annotations?.summary, alert).toMatch(/^[A-Z][^.]+\.$/);
      expect(annotations?.description, alert).toMatch(/\{\{ \$labels\.instance \}\}.*\.$/);
      expect(annotations?.runbook_url, alert).toBe(runbookPath(alert!));
    }
  });

  describe.skipIf(!promtool.available).each(NAMES)('%s', (name) => {
    test('fires when it must', () => {
      expect(problem(clock, name, CASES[name].fires, true)).toBe('');
    });

    test('is silent when nearly so', () => {
      expect(problem(clock, name, CASES[name].quiet, false)).toBe('');
    });
  });

  test.skipIf(!promtool.available)('a test that expects the opposite fails', () => {
    expect(problem(clock, 'DirectMemoryHeadroomLow', CASES.DirectMemoryHeadroomLow.quiet, true)).toContain('FAILED');
    expect(problem(clock, 'DirectMemoryHeadroomLow', CASES.DirectMemoryHeadroomLow.fires, false)).toContain('FAILED');
  });
});

test('every alert has its runbook, and every runbook its alert', () => {
  for (const name of NAMES) expect(existsSync(join(root, runbookPath(name))), runbookPath(name)).toBe(true);
  const pages = readdirSync(join(root, 'docs/runbooks')).filter((page) => page !== 'README.md');
  expect(pages.map((page) => `docs/runbooks/${page}`).sort()).toEqual(NAMES.map(runbookPath).sort());
});

test('every runbook says what it means, how to check, what to do', () => {
  for (const name of NAMES) {
    const text = readFileSync(join(root, runbookPath(name)), 'utf8');
    expect(text.startsWith(`# ${name}\n`), name).toBe(true);
    for (const heading of ['## Meaning', '## Check', '## Act']) expect(text, name).toContain(heading);
  }
});

const TARGET = { job: 'arenascope', instance: '127.0.0.1:3000' } as const;

/** What promtool says of the case, or '' where it passes. An alert must say what the case says, rendered with its numbers. */
function problem(clock: Clock, name: AlertName, { series, atDay, labels = {}, says }: Case, fires: boolean): string {
  // samples closer than the 5 minutes that Prometheus looks back; the demo's as often as it scrapes
  const interval = clock === REAL_CLOCK ? 300 : 1;
  const seconds = Math.round((atDay * clock.secondsPerDay) / interval) * interval;
  const { summary } = ALERTS[name];
  const expected = {
    exp_labels: { ...TARGET, severity: ALERTS[name].severity, ...labels },
    exp_annotations: { summary, description: `${TARGET.instance} (${TARGET.job})${says}`, runbook_url: runbookPath(name) },
  };
  const group = {
    interval: `${interval}s`,
    input_series: Object.entries(series).map(([text, pieces]) => ({
      series: withTarget(text),
      values: valuesText(pieces, clock, interval),
    })),
    alert_rule_test: [{ eval_time: `${seconds}s`, alertname: name, exp_alerts: fires ? [expected] : [] }],
  };
  const evaluation_interval = clock === REAL_CLOCK ? (atDay > 10 ? '3h' : '15m') : '1s'; // long lives at a coarse grain, for speed
  const file = join(folder, `${clock.name}-${name}.yml`);
  writeFileSync(file, stringify({ rule_files: [join(root, ruleFile(clock))], evaluation_interval, tests: [group] }));
  const { status, said } = run('test', 'rules', file);
  return status === 0 ? '' : said;
}

function withTarget(text: string): string {
  const [, name, labels = ''] = /^(\w+)(?:\{(.*)\})?$/.exec(text)!;
  return `${name}{job="${TARGET.job}",instance="${TARGET.instance}"${labels === '' ? '' : `,${labels}`}}`;
}

/** `from+stepxN` for each piece. */
function valuesText(pieces: readonly Piece[], clock: Clock, interval: number): string {
  return pieces
    .map(([days, from, to]) => {
      const steps = Math.max(1, Math.round((days * clock.secondsPerDay) / interval));
      const step = (to - from) / steps;
      return `${from}${step < 0 ? '-' : '+'}${Math.abs(step).toFixed(6)}x${steps - 1}`;
    })
    .join(' ');
}
