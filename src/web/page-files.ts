// The page's files as the browser gets them: types stripped, nothing bundled, packed once and kept. A browser loads `.ts` names as
// it loads any other; only imports from outside the folder are led to names of their own.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire, stripTypeScriptTypes } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

export interface PageFile {
  readonly type: string;
  readonly body: Buffer;
  readonly gzip: Buffer;
  readonly etag: string;
}

/** The files are served below this path by their paths in src/, so that imports between them hold as they are. */
export const PAGE_PATH = '/assets/';
/** What `GET /` answers. */
export const PAGE_INDEX = 'web/browser/index.html';

const SOURCE = join(import.meta.dirname, '..');
const FOLDERS = ['web/browser', 'client']; // the page, and the client of the feed that it uses
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.ts': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};
/** Packages in import statements → addresses. */
const PACKAGES: Readonly<Record<string, string>> = { uplot: `${PAGE_PATH}uplot.js` };

let files: ReadonlyMap<string, PageFile> | undefined;

/** The files by name. Read and packed at the first call. */
export function pageFiles(): ReadonlyMap<string, PageFile> {
  return (files ??= new Map([...sources()].map(([name, text]) => [name, pack(name, text)])));
}

function sources(): Map<string, string> {
  const texts = new Map<string, string>();
  for (const folder of FOLDERS)
    for (const file of readdirSync(join(SOURCE, folder))) {
      if (!(extname(file) in TYPES) || file.endsWith('.test.ts')) continue;
      const text = readFileSync(join(SOURCE, folder, file), 'utf8');
      texts.set(`${folder}/${file}`, file.endsWith('.ts') ? toJavaScript(text) : text);
    }
  const uplot = dirname(createRequire(import.meta.url).resolve('uplot'));
  texts.set('uplot.js', `${readFileSync(join(uplot, 'uPlot.iife.min.js'), 'utf8')}\nexport default uPlot;\n`); // its ES module is not minified
  texts.set('uplot.css', readFileSync(join(uplot, 'uPlot.min.css'), 'utf8'));
  texts.set(PAGE_INDEX, preload(texts.get(PAGE_INDEX)!, [...texts.keys()]));
  return texts;
}

/** Types become blanks, which pack to nothing, so that lines and columns in the browser's tools are those of the source. */
function toJavaScript(text: string): string {
  return quietly(() => stripTypeScriptTypes(text)).replaceAll(
    /(\bfrom |\bimport )'([\w-]+)'/g,
    (statement, keyword: string, name: string) => (name in PACKAGES ? `${keyword}'${PACKAGES[name]!}'` : statement),
  );
}

/** Node warns on standard error that stripping by function is experimental; running our own files that way is stable. */
function quietly<T>(act: () => T): T {
  const emitWarning = process.emitWarning.bind(process);
  process.emitWarning = () => undefined;
  try {
    return act();
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** The browser asks for all modules at once, rather than for one after the other as it finds their imports. */
function preload(html: string, names: readonly string[]): string {
  const modules = names.filter((name) => TYPES[extname(name)] === TYPES['.js']);
  const links = modules.map((name) => `<link rel="modulepreload" href="${PAGE_PATH}${name}" />`);
  return html.replace('<!-- modules -->', links.join('\n    '));
}

function pack(name: string, text: string): PageFile {
  const body = Buffer.from(text);
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
  return { type: TYPES[extname(name)]!, body, gzip: gzipSync(body, { level: 9 }), etag };
}
