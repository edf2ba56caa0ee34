// From environment and flags to settings, or to every mistake at once. Flags come before variables, those before the defaults.
// A mistake reads `name: value (expected: rule)`; nothing that is set is ever silently ignored.
import { createGeometry, PoolError } from '../allocator/index.ts';
import { nearest } from './nearest.ts';
import type { Mark } from './rules.ts';
import { type Given, PREFIX, rowOf, SETTING_KEYS, type SettingKey, type Settings, variableOf } from './settings-table.ts';

export class SettingsError extends Error {
  readonly mistakes: readonly string[];
  constructor(mistakes: readonly string[]) {
    super(mistakes.join('\n'));
    this.name = 'SettingsError';
    this.mistakes = mistakes;
  }
}

type Environment = Readonly<Record<string, string | undefined>>;
const KEY_BY_FLAG = new Map(SETTING_KEYS.map((key) => [rowOf(key).flag, key]));
const KEY_BY_VARIABLE = new Map(SETTING_KEYS.map((key) => [variableOf(rowOf(key).flag), key]));

/** Throws a SettingsError that names every mistake. */
export function readSettings(environment: Environment, flags: readonly string[]): Settings {
  const mistakes: string[] = [];
  return parse(new Map([...readVariables(environment, mistakes), ...readFlags(flags, mistakes)]), mistakes);
}

/** These settings with some changed, by flag: the same rules, the same errors. */
export function changeSettings(settings: Settings, changes: Readonly<Record<string, string>>): Settings {
  const mistakes: string[] = [];
  const flags = Object.entries(changes).map(([flag, text]) => `--${flag}=${text}`);
  return parse(new Map([...settings.given, ...readFlags(flags, mistakes)]), mistakes);
}

function parse(given: ReadonlyMap<SettingKey, Given>, mistakes: string[]): Settings {
  const values: Partial<Record<SettingKey, unknown>> = {};
  for (const key of SETTING_KEYS) {
    const { rule, fallback, flag, secret } = rowOf(key);
    const { name, text } = given.get(key) ?? { name: `--${flag}`, text: fallback };
    const parsed = rule.schema.safeParse(text);
    if (parsed.success) values[key] = parsed.data;
    else mistakes.push(mistake(name, secret ? '…' : text, rule.expected));
  }
  const nameOf = (key: SettingKey) => given.get(key)?.name ?? `--${rowOf(key).flag}`;
  mistakes.push(...crossChecks(values as Partial<Settings>, nameOf));
  if (mistakes.length > 0) throw new SettingsError(mistakes);
  return Object.freeze({ ...values, given }) as Settings;
}

const mistake = (name: string, value: string, expected: string) => `${name}: ${value === '' ? 'nothing' : value} (expected: ${expected})`;

function unknown(name: string, known: Iterable<string>): string {
  const guess = nearest(name, known);
  return `${name}: no such setting (expected: ${guess === undefined ? 'one that --help lists' : `perhaps ${guess}`})`;
}

function* readVariables(environment: Environment, mistakes: string[]): Generator<[SettingKey, Given]> {
  for (const [name, text] of Object.entries(environment)) {
    if (!name.toUpperCase().startsWith(PREFIX) || text === undefined) continue;
    const key = KEY_BY_VARIABLE.get(name);
    if (key === undefined) mistakes.push(unknown(name, KEY_BY_VARIABLE.keys()));
    else yield [key, { name, text }];
  }
}

/** `--name value` or `--name=value`. */
function* readFlags(flags: readonly string[], mistakes: string[]): Generator<[SettingKey, Given]> {
  const seen = new Set<SettingKey>();
  for (let i = 0; i < flags.length; i++) {
    const word = flags[i]!;
    if (!word.startsWith('--')) {
      mistakes.push(mistake(word, 'an argument', '--name value'));
      continue;
    }
    const equals = word.indexOf('=');
    const name = equals < 0 ? word : word.slice(0, equals);
    const key = KEY_BY_FLAG.get(name.slice(2));
    const hasNext = i + 1 < flags.length && !flags[i + 1]!.startsWith('--');
    const text = equals >= 0 ? word.slice(equals + 1) : hasNext ? flags[++i]! : undefined;
    if (key === undefined)
      mistakes.push(unknown(name, [...KEY_BY_FLAG.keys()].map((flag) => `--${flag}`))); // prettier-ignore
    else if (text === undefined) mistakes.push(mistake(name, '', rowOf(key).rule.expected));
    else if (seen.has(key)) mistakes.push(mistake(name, `${rowOf(key).secret ? '…' : text}, given twice`, 'once'));
    else {
      seen.add(key);
      yield [key, { name, text }];
    }
  }
}

/** What several settings must keep together; each check waits until its settings are sound by themselves. */
function crossChecks(s: Partial<Settings>, nameOf: (key: SettingKey) => string): string[] {
  const mistakes: string[] = [];
  if (s.pageBytes !== undefined && s.maxOrder !== undefined) {
    try {
      const { chunkBytes } = createGeometry(s.pageBytes, s.maxOrder);
      if (s.directMemoryBytes !== undefined && s.directMemoryBytes < chunkBytes)
        mistakes.push(mistake(nameOf('directMemoryBytes'), `${s.directMemoryBytes}`, `one chunk at least, ${chunkBytes}`));
    } catch (error) {
      if (!(error instanceof PoolError)) throw error;
      mistakes.push(`${nameOf('pageBytes')}, ${nameOf('maxOrder')}: ${error.message}`);
    }
  }
  if (s.directMemoryBytes !== undefined && s.backPressureLow !== undefined && s.backPressureHigh !== undefined) {
    const [low, high] = [markBytes(s.backPressureLow, s.directMemoryBytes), markBytes(s.backPressureHigh, s.directMemoryBytes)];
    if (low > high) mistakes.push(mistake(nameOf('backPressureLow'), `${low}`, `at most ${nameOf('backPressureHigh')}, ${high}`));
    if (high > s.directMemoryBytes)
      mistakes.push(mistake(nameOf('backPressureHigh'), `${high}`, `at most the limit, ${s.directMemoryBytes}`));
  }
  return mistakes;
}

export const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|::1)$/.test(host);

export const markBytes = (mark: Mark, limitBytes: number): number =>
  'bytes' in mark ? mark.bytes : Math.floor((limitBytes * mark.percent) / 100);
