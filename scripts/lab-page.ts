/**
 * Builds the page of the labs: the worker with the whole stack and a door for each file that a lab takes out, and what
 * the page shows of each lab.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import MarkdownIt from 'markdown-it';
import { productSource } from '../src/lab/folder.js';
import type { Lab } from '../src/lab/lab.js';
import { LABS } from '../src/lab/labs.js';
import { PRODUCT_PREFIX, scratchCopy } from '../src/lab/scratch.js';
import { browserBundle } from './browser-bundle.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const OUT = `${ROOT}dist/web/lab/`;

/** A product's file that a lab takes out is, in the bundle, a door: it opens to the student's module or to its own. */
const doors: Plugin = {
  name: 'doors',
  setup({ onResolve, onLoad }) {
    const files = new Map(LABS.map((lab) => [join(ROOT, 'src', lab.file), lab]));
    onResolve({ filter: /^\./ }, ({ path, importer, namespace }) => {
      if (path.endsWith('/material.js')) return { path: join(ROOT, 'web/lab/material.ts') };
      const file = join(dirname(importer), path.replace(/\.js$/, '.ts'));
      if (files.has(file)) return { path: file, namespace: 'door' };
      return namespace === 'own' || namespace === 'door' ? { path: file } : undefined;
    });
    onResolve({ filter: /^own:/ }, ({ path }) => ({ path: path.slice('own:'.length), namespace: 'own' }));
    onLoad({ filter: /.*/, namespace: 'door' }, ({ path }) => {
      const lab = files.get(path);
      if (lab === undefined) throw new Error(`no lab takes ${path} out`);
      return { contents: doorOf(lab, path), loader: 'ts', resolveDir: dirname(path) };
    });
    onLoad({ filter: /.*/, namespace: 'own' }, ({ path }) => {
      return { contents: readFileSync(path, 'utf8'), loader: 'ts', resolveDir: dirname(path) };
    });
  },
};

/** The module that stands in the place of a lab's file. */
function doorOf(lab: Lab, path: string): string {
  const source = productSource(lab);
  const imports = [...source.matchAll(/^(?:import|export) (?!type )[^;]*? from '(\.[^']+)';/gm)].map(
    ([, from]) => from ?? '',
  );
  const names = [...source.matchAll(/^export (?:abstract )?(?:function|class|const) (\w+)/gm)].map(([, name]) => name);
  const named = (from: string) => `${PRODUCT_PREFIX}${new URL(from, `file:///${lab.file}`).pathname.slice(1)}`;
  return [
    `import * as own from ${JSON.stringify(`own:${path}`)};`,
    ...imports.map((from, i) => `import * as import${i} from ${JSON.stringify(from)};`),
    `const imports = { ${imports.map((from, i) => `${JSON.stringify(named(from))}: import${i}`).join(', ')} };`,
    `const student = globalThis.labStudent?.(${JSON.stringify(lab.file)}, imports, ${JSON.stringify(names)}) ?? own;`,
    ...names.map((name) => `export const ${name} = student.${name};`),
  ].join('\n');
}

/** The task in HTML. The page has its title and its heading of the second rank already; a drawing may be wide. */
function taskHtml(markdown: string): string {
  const below = markdown.replace(/^# .*\n+/, '').replaceAll(/^## /gm, '### ');
  return new MarkdownIt().render(below).replaceAll('<pre>', '<pre tabindex="0">');
}

/** What the page shows of a lab. */
function pageLab(lab: Lab) {
  const { name, title, file, read } = lab;
  const folder = join(ROOT, 'labs', name);
  const scripts = readdirSync(folder).filter((each) => each.endsWith('.pkt'));
  return {
    name,
    title,
    file,
    read,
    source: scratchCopy(lab, productSource(lab)),
    task: taskHtml(readFileSync(join(folder, 'README.md'), 'utf8')),
    scripts: Object.fromEntries(scripts.map((each) => [`${name}/${each}`, readFileSync(join(folder, each), 'utf8')])),
  };
}

/** Builds the page into dist/web/lab. */
export async function buildLabPage(): Promise<void> {
  mkdirSync(OUT, { recursive: true });
  const common = browserBundle();
  await build({ ...common, entryPoints: { worker: `${ROOT}web/lab/worker.ts` }, outdir: OUT, plugins: [doors] });
  await build({ ...common, entryPoints: { app: `${ROOT}web/lab/app.ts` }, outdir: OUT });
  writeFileSync(`${OUT}labs.json`, JSON.stringify(LABS.map(pageLab)));
}
