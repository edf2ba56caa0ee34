// The table of settings as text: for `--help`, and for the documents that `npm run generate` writes.
import { rowOf, SETTING_KEYS, variableOf } from './settings-table.ts';

const GROUPS = [...new Set(SETTING_KEYS.map((key) => rowOf(key).group))];
const rowsOf = (group: string) => SETTING_KEYS.map(rowOf).filter((row) => row.group === group);
const shown = (fallback: string) => (fallback === '' ? 'none' : fallback);

export function settingsHelp(): string {
  const block = (group: string) =>
    rowsOf(group).map(({ flag, fallback, help, rule }) => `  --${flag.padEnd(28)}${help} [${shown(fallback)}]\n${' '.repeat(32)}${rule.expected}`); // prettier-ignore
  const groups = GROUPS.map((group) => `${group}\n${block(group).join('\n')}`);
  return `${groups.join('\n\n')}\n\nEach setting is also a variable of the environment: --direct-memory is ${variableOf('direct-memory')}. Flags come first.\n`;
}

const cell = (text: string) => text.replaceAll('|', '\\|');

/** A Markdown table of all settings. */
export function settingsMarkdown(): string {
  const head = ['| variable | flag | default | what it is | value |', '| --- | --- | --- | --- | --- |'];
  const rows = SETTING_KEYS.map(rowOf).map(({ flag, fallback, help, rule }) =>
    `| \`${variableOf(flag)}\` | \`--${flag}\` | ${fallback === '' ? 'none' : `\`${fallback}\``} | ${cell(help)} | ${cell(rule.expected)} |`); // prettier-ignore
  return [...head, ...rows].join('\n');
}
