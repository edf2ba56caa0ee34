// What is generated, and from what. `generate.ts` writes it; a test holds the files against it.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GENERATED_FILES as DASHBOARDS_AND_RULES } from '../src/dashboards/index.ts';
import manifest from '../package.json' with { type: 'json' };
import { asyncApiDocument, eventSchemaDocument, FEED_TABLES } from '../src/feed/index.ts';
import { metricsMarkdown } from '../src/metrics/index.ts';
import { settingsMarkdown } from '../src/service/index.ts';
import { WHY_CHUNKS_LINGER_PARTS } from './why-chunks-linger.ts';

export interface GeneratedFile {
  readonly path: string; // from the repository's root
  readonly text: string;
}

/** Whole files. */
const FILES: Readonly<Record<string, () => string>> = {
  'docs/metrics.md': metricsMarkdown,
  'docs/settings.md': () => `${SETTINGS_INTRODUCTION}\n${settingsMarkdown()}\n`,
  'docs/asyncapi.json': () => jsonText(asyncApiDocument(manifest.version)),
  'docs/feed-events.schema.json': () => jsonText(eventSchemaDocument()),
  ...DASHBOARDS_AND_RULES,
};

/** Parts of a file, between `<!-- NAME:begin -->` and `<!-- NAME:end -->`, where the file has them. */
const PARTS: Readonly<Record<string, Readonly<Record<string, () => string>>>> = {
  'README.md': { settings: settingsMarkdown },
  'docs/feed.md': FEED_TABLES,
  'docs/why-chunks-linger.md': WHY_CHUNKS_LINGER_PARTS,
};

const jsonText = (document: object): string => `${JSON.stringify(document, null, 2)}\n`;

const SETTINGS_INTRODUCTION = `# Settings

Each setting is a variable of the environment, and a flag of \`arenascope serve\` of the same name. Flags come first, then variables, then
the defaults. All mistakes are reported at once, with what was expected; unknown names too; then the service does not start.

Generated from \`src/service/settings-table.ts\` by \`npm run generate\`.
`;

export function generatedFiles(root: string): GeneratedFile[] {
  const whole = Object.entries(FILES).map(([path, make]) => ({ path, text: make() }));
  const parts = Object.entries(PARTS)
    .filter(([path]) => existsSync(join(root, path)))
    .map(([path, makers]) => ({ path, text: withParts(readFileSync(join(root, path), 'utf8'), makers) }));
  return [...whole, ...parts];
}

export function withParts(text: string, makers: Readonly<Record<string, () => string>>): string {
  return Object.entries(makers).reduce(
    (done, [name, make]) =>
      done.replace(new RegExp(`(<!-- ${name}:begin -->)[^]*?(<!-- ${name}:end -->)`), (_, begin: string, end: string) => `${begin}\n${make()}\n${end}`), // prettier-ignore
    text,
  );
}
