/**
 * Hooks of Node's module loader that put a student's file in the place of the product's (node:module, `register`).
 * Node runs them in a thread of its own.
 *
 * There are two ways to ask for it:
 *
 * - Everything in the process: `initialize` is given the parts. `fastpath lab serve` does that.
 * - One graph of modules: an import with `?lab=` in its URL. The query goes on to everything that the module imports
 *   and that leads to a replaced file, so each student's file gets a fresh stack around it, in the same process.
 */
import { readFileSync } from 'node:fs';
import type { InitializeHook, LoadHook, ResolveHook } from 'node:module';
import { ownFile } from '../own-files.js';
import { compile } from './compile.js';
import { strangeImportWords } from './judging/exceptions.js';
import { type Parts, partsOf, QUERY } from './parts.js';
import { importsOf, reaches } from './reach.js';
import { PRODUCT_PREFIX } from './scratch.js';

/** The compiled modules: dist/src, with a slash at its end. */
const ROOT = ownFile('../src/').href;

let everywhere: Parts = {};

export const initialize: InitializeHook<Parts> = (parts) => {
  everywhere = parts;
};

export const resolve: ResolveHook = async (specifier, context, nextResolve) => {
  const { parentURL } = context;
  const url = productUrl(specifier, parentURL);
  if (parentURL !== undefined && sourceFor(parentURL) !== undefined) refuseStrangeImport(specifier, url, parentURL);
  if (url === undefined) return nextResolve(specifier, context);
  if (url.search === '' && parentURL !== undefined) url.search = queryFor(url.href, new URL(parentURL).search);
  return { url: url.href, format: 'module', shortCircuit: true };
};

export const load: LoadHook = async (url, context, nextLoad) => {
  if (!url.startsWith(ROOT)) return nextLoad(url, context);
  const source = sourceFor(url);
  if (source === undefined) return { format: 'module', source: readFileSync(new URL(url)), shortCircuit: true };
  const compiled = compile(readFileSync(source, 'utf8'));
  if ('problem' in compiled) throw new SyntaxError(compiled.problem);
  return { format: 'module', source: compiled.code, shortCircuit: true };
};

/** The module of ours that an import names; undefined if it is none. */
function productUrl(specifier: string, parentURL: string | undefined): URL | undefined {
  if (specifier.startsWith(PRODUCT_PREFIX)) return new URL(specifier.slice(PRODUCT_PREFIX.length), ROOT);
  return specifier.startsWith('.') && parentURL?.startsWith(ROOT) === true ? new URL(specifier, parentURL) : undefined;
}

/** A student's file imports what the product's file in its place imports, and nothing else (enclosure.ts). */
function refuseStrangeImport(specifier: string, url: URL | undefined, parentURL: string): void {
  const [own = ''] = parentURL.split('?');
  if (url === undefined || !importsOf(own).includes(url.href)) throw new Error(strangeImportWords(specifier));
}

/** The query of the module that imports, for a module that leads to a replaced file; others belong to no graph. */
function queryFor(url: string, search: string): string {
  const query = new URLSearchParams(search).get(QUERY);
  if (query === null) return '';
  const targets = Object.keys(partsOf(query)).map((file) => new URL(file.replace(/\.ts$/, '.js'), ROOT).href);
  return targets.some((target) => reaches(url, target)) ? search : '';
}

/** The student's file for this module of ours; undefined for nearly every module. */
function sourceFor(url: string): string | undefined {
  if (!url.startsWith(ROOT)) return undefined;
  const { href, search, searchParams } = new URL(url);
  const file = href.slice(ROOT.length, href.length - search.length).replace(/\.js$/, '.ts');
  const query = searchParams.get(QUERY);
  const parts = query === null ? everywhere : partsOf(query);
  return Object.hasOwn(parts, file) ? parts[file] : undefined;
}
