/**
 * Bundles the program and the library into dist/program. Part of the build; it takes a second.
 *
 * Node reads some three hundred files when a server starts, and as many for each worker. From a bundle it reads ten,
 * and `fastpath serve` is there in half of the time. Packages stay outside: Node finds them in node_modules.
 *
 * What is shared by two programs is in files of its own, so a worker that loads somebody's module has one copy of
 * `fastpath/module` and not two (program/groups.ts says what lies together). A process or thread that runs no code of
 * others is one file with all that it needs. Source maps lead from the bundle to src.
 *
 * With `minifySyntax`, numbers at the head of a file without imports are written where they are used. Without it V8
 * reads such a number from memory each time, and looks whether it is one: a record of the access log then costs a sixth
 * more.
 */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build } from 'esbuild';
import { grouped } from './program/groups.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const OUT = 'dist/program';
/** A thread or process of ours, by its path from src/: `ownFile('./serve/worker/worker.js')`. */
const OWN_PROGRAM = /ownFile\('\.\/([^']+)\.js'\)/g;
/** The form in which paths lead from src/. It has to lie right in the folder, as it does in dist/src. */
const BASE = 'src/own-files.ts';
/** What package.json names. */
const PUBLIC = ['cli', 'index', 'module/index', 'browser/index'];
/** Those of our own threads and processes that never run code of others. */
const ALONE = [
  'serve/process/keeper',
  'cache/demand/disk-worker',
  'cache/reading/reading-worker',
  'cache/variants/variant-worker',
  'log/log-thread',
];

const COMMON = {
  absWorkingDir: ROOT,
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: ['es2023', 'node20'],
  sourcemap: true,
  sourcesContent: false,
  minifySyntax: true,
  metafile: true,
  logLevel: 'warning',
} satisfies BuildOptions;

/** Each program that the sources start. */
function ownPrograms(): string[] {
  const names = new Set<string>();
  for (const file of readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts')) continue;
    const text = readFileSync(join(ROOT, 'src', file), 'utf8');
    for (const [, name] of text.matchAll(OWN_PROGRAM)) if (name !== undefined) names.add(name);
  }
  return [...names];
}

/** Programs with common files. */
async function bundleTogether(names: readonly string[]): Promise<string[]> {
  const entryPoints = Object.fromEntries(names.map((name) => [name, `src/${name}.ts`]));
  const options: BuildOptions = { ...COMMON, entryPoints, outdir: OUT, splitting: true, chunkNames: 'part-[hash]' };
  const { metafile: plain } = await build({ ...options, metafile: true, write: false });
  const plugin = grouped(ROOT, plain, new Set(Object.values(entryPoints)));
  const { metafile } = await build({ ...options, metafile: true, plugins: [plugin] });
  for (const [path, { inputs }] of Object.entries(metafile.outputs)) {
    if (!(BASE in inputs) || path === `${OUT}/${basename(path)}`) continue;
    throw new Error(`${BASE} has come to lie in ${path}: its paths would begin in the wrong folder`);
  }
  return Object.keys(metafile.outputs);
}

/** A program in one file. Paths of our own files begin in dist/program all the same. */
async function bundleAlone(name: string): Promise<string[]> {
  const up = `${relative(dirname(name), '.')}/`;
  const { metafile } = await build({
    ...COMMON,
    entryPoints: [`src/${name}.ts`],
    outfile: `${OUT}/${name}.js`,
    define: { 'import.meta.url': 'programFolder' },
    banner: { js: `const programFolder = new URL('${up}', import.meta.url);` },
  });
  return Object.keys(metafile.outputs);
}

const own = ownPrograms();
const gone = ALONE.filter((name) => !own.includes(name));
if (gone.length > 0) throw new Error(`nothing starts ${gone.join(', ')}: mend ALONE in scripts/program.ts`);
const together = new Set([...PUBLIC, ...own.filter((name) => !ALONE.includes(name))]);
const outputs = await Promise.all([bundleTogether([...together]), ...ALONE.map(bundleAlone)]);
const written = new Set(outputs.flat());
for (const file of readdirSync(join(ROOT, OUT), { recursive: true, withFileTypes: true })) {
  const path = join(file.parentPath, file.name);
  if (file.isFile() && !written.has(relative(ROOT, path))) rmSync(path); // from an older build
}
