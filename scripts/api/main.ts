/**
 * `npm run api`: the reference of the public API as pages in dist/api, by typedoc. It fails if typedoc warns of
 * anything. `-- --serve` also shows the pages on 127.0.0.1, since a browser complains about icons from a file. The
 * pages are not committed: each docstring is in the sources and in the package's `.d.ts` files already.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type * as typedoc from 'typedoc';
import { TCP_SETTINGS } from '../../src/net/tcp/settings.js';
import { showPages } from '../pages.js';
import { ENTRIES, exportsOf, OPAQUE } from './surface.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const PAGES = join(ROOT, 'dist/api');
const HERE = join(ROOT, 'scripts/api');
const path = createRequire(join(HERE, 'package.json')).resolve('typedoc');
const { Application, CommentTag, Comment, Converter } = (await import(pathToFileURL(path).href)) as typeof typedoc;

/** Each heading of the entries is a category of the reference. */
const SECTIONS = new Map<string, ReadonlyMap<string, string>>(
  ENTRIES.map(({ specifier, path }) => [
    specifier,
    new Map(exportsOf(path).map(({ name, section }) => [name, section])),
  ]),
);
const TITLES = Array.from(SECTIONS.values()).flatMap((sections) => Array.from(sections.values()));

const app = await Application.bootstrap({
  // Not `fastpath`: that is the name of an entry.
  name: 'fastpath: the API',
  entryPoints: ENTRIES.map(({ path }) => join(ROOT, `${path}.ts`)),
  tsconfig: join(HERE, 'tsconfig.json'),
  basePath: ROOT,
  out: PAGES,
  readme: join(HERE, 'front-page.md'),
  excludePrivate: true,
  excludeProtected: true,
  excludeInternal: true,
  excludeExternals: true,
  // tsc has checked the types, and it is the newer one.
  skipErrorChecking: true,
  disableSources: false,
  intentionallyNotExported: OPAQUE,
  validation: { notExported: true, invalidLink: true, invalidPath: true, notDocumented: true },
  // Exports, that is, but for functions: typedoc would want a text for each method too, and a name is often enough.
  requiredToBeDocumented: ['Class', 'Interface', 'Variable', 'TypeAlias'],
  categorizeByGroup: false,
  categoryOrder: [...new Set(TITLES)],
  // Without folders: `fastpath` would be one, with the other two entries in it.
  navigation: { includeCategories: true, includeFolders: false },
  sort: ['source-order'],
  sortEntryPoints: false,
});

/** Puts an export under the heading that it has in its entry. */
function categorise(reflection: typedoc.Reflection): void {
  const section = SECTIONS.get(reflection.parent?.name ?? '')?.get(reflection.name);
  if (section === undefined || section === '') return;
  reflection.comment ??= new Comment();
  reflection.comment.blockTags.push(new CommentTag('@category', [{ kind: 'text', text: section }]));
}

/** The settings as a table: their type says nothing of what each of them means. */
function settingsTable(): string {
  const rows = Object.entries(TCP_SETTINGS).map(
    ([name, { value, unit, source, meaning }]) => `| \`${name}\` | ${value} | ${unit} | ${meaning} | ${source} |`,
  );
  return ['', '', '| setting | default | unit | meaning | source |', '|---|---|---|---|---|', ...rows, ''].join('\n');
}

app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }: typedoc.Context) => {
  for (const module of project.children ?? []) for (const reflection of module.children ?? []) categorise(reflection);
  const settings = project.getChildByName('fastpath.TcpSettings');
  settings?.comment?.summary.push({ kind: 'text', text: settingsTable() });
});

const project = await app.convert();
if (project !== undefined) {
  app.validate(project);
  await app.generateOutputs(project);
}
// The logger has printed what it found.
if (project === undefined || app.logger.hasErrors() || app.logger.hasWarnings()) process.exitCode = 1;
else if (process.argv.includes('--serve')) showPages('The reference', PAGES);
else console.log('The reference is in dist/api. `npm run api -- --serve` shows it.');
