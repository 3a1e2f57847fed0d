/**
 * Bundles the program and the library into dist/program. Part of the build; it takes a third of a second.
 *
 * Node reads some three hundred files when a server starts, and as many for each worker. From a bundle it reads ten,
 * and `fastpath serve` is there in half of the time. Packages stay outside: Node finds them in node_modules.
 *
 * What is shared by two programs is in files of its own, so a worker that loads somebody's module has one copy of
 * `fastpath/module` and not two. Source maps lead from the bundle to src.
 */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const OUT = join(ROOT, 'dist/program');
/** A thread or process of ours, by its path from src/: `ownFile('./serve/worker/worker.js')`. */
const OWN_PROGRAM = /ownFile\('\.\/([^']+)\.js'\)/g;
/** The form in which paths lead from src/. It has to lie right in the folder, as it does in dist/src. */
const BASE = 'src/own-files.ts';

/** What package.json names, and each program that the sources start. */
function entryPoints(): string[] {
  const names = new Set(['cli', 'index', 'module/index', 'browser/index']);
  for (const file of readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts')) continue;
    const text = readFileSync(join(ROOT, 'src', file), 'utf8');
    for (const [, name] of text.matchAll(OWN_PROGRAM)) if (name !== undefined) names.add(name);
  }
  return Array.from(names, (name) => join(ROOT, 'src', `${name}.ts`));
}

const { metafile } = await build({
  entryPoints: entryPoints(),
  outbase: join(ROOT, 'src'),
  outdir: OUT,
  absWorkingDir: ROOT,
  bundle: true,
  splitting: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: ['es2023', 'node20'],
  sourcemap: true,
  sourcesContent: false,
  chunkNames: 'part-[hash]',
  metafile: true,
  logLevel: 'warning',
});

const written = new Set(Object.keys(metafile.outputs).map((path) => join(ROOT, path)));
for (const [path, { inputs }] of Object.entries(metafile.outputs)) {
  if (!(BASE in inputs) || path === `dist/program/${basename(path)}`) continue;
  throw new Error(`${BASE} has come to lie in ${path}: its paths would begin in the wrong folder`);
}
for (const file of readdirSync(OUT, { recursive: true, withFileTypes: true })) {
  const path = join(file.parentPath, file.name);
  if (file.isFile() && !written.has(path)) rmSync(path); // from an older build
}
