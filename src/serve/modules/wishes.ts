/**
 * The modules that somebody wants beside HTTP, from `--module` and the configuration: found, loaded, and checked in
 * the main thread before anything is made. What comes out is a plan for the workers. Called by assembly.ts.
 *
 * A file is loaded as the user who starts the server, which may be root: a module is as trusted as fastpath itself.
 */
import { existsSync } from 'node:fs';
import { resolve as resolvePath } from 'node:path';
import { pathToFileURL } from 'node:url';
import { resolve as resolveImport } from 'import-meta-resolve';
import { z } from 'zod';
import { loadingFault } from '../../handler/index.js';
import { definitionOf, listenersOf } from '../../module/definition.js';
import { placeOf } from '../../module/guard.js';
import type { ModuleDefinition } from '../../module/module.js';
import { type Complaint, complaintsOf } from '../../site/config/explain.js';
import { keyOf } from '../../site/config/problem.js';
import { nearest } from '../../site/config/unknown-key.js';
import { plainWords } from '../../site/config/words.js';
import { type Faults, faultOf, type Path } from '../faults.js';
import { ServeError } from '../serve-error.js';
import { BUILT_IN_NAMES, loadModules } from './load.js';
import type { LoadedPlan } from './rows.js';

/**
 * A module that is wanted.
 *
 * @example
 * ```ts
 * import type { ModuleWish, ServeOptions } from 'fastpath';
 *
 * const modules: ModuleWish[] = [{ use: './quote-module.js', options: { port: 17 } }];
 * export const options: ServeOptions = { folder: './site', modules };
 * ```
 */
export interface ModuleWish {
  /** A module of fastpath (`dns`), a file (`./finger.js`, `/opt/finger.js`) or the name of a package. */
  readonly use: string;
  /** The folder in which a relative path begins, and from which a package is looked for. Default: the current one. */
  readonly from?: string;
  /** Its options; its own schema says which there are. */
  readonly options?: Readonly<Record<string, unknown>>;
}

/** Groups of a server's counters: a module of such a name would mix its counters with theirs. */
const RESERVED = new Set([
  ...'stack asks store tls device loop ring log steering heap connections worker'.split(' '),
  ...'cache supply watch server handler proxy kept'.split(' '),
]);

/** Modules of fastpath that are there if somebody wants them. HTTP always is. */
const CHOOSABLE = BUILT_IN_NAMES.filter((name) => name !== 'http');

/** Loads what is wanted. A wish that cannot be fulfilled is a fault, and left out. */
export async function loadWishes(wishes: readonly ModuleWish[], faults: Faults): Promise<LoadedPlan[]> {
  const plans: LoadedPlan[] = [];
  for (const [index, wish] of wishes.entries()) {
    const path = ['modules', index];
    const plan = await faults.wait([...path, 'use'], () => load(wish, path));
    if (plan === undefined) continue;
    if (plans.some(({ name }) => name === plan.name)) {
      faults.list.push(faultOf([...path, 'use'], `two modules are called ${plan.name}`, 'Leave one of them away.'));
    } else plans.push({ ...plan, path });
  }
  return plans;
}

/** @param path where the wish stands in the configuration @throws {ServeError} `bad-option` */
async function load({ use, from = '.', options }: ModuleWish, path: Path): Promise<LoadedPlan> {
  if (CHOOSABLE.includes(use)) return loadOwn(use, from, options ?? {}, path);
  const url = urlOf(use, from);
  const exported = await importModule(use, url);
  try {
    const definition = definitionOf(exported);
    const { name } = definition;
    if (RESERVED.has(name) || BUILT_IN_NAMES.includes(name)) throw new TypeError(`the name "${name}" is taken`);
    const checked = checkOptions(use, definition, options ?? {}, path);
    listenersOf(definition, checked);
    return { name, url, definition, options: checked };
  } catch (error) {
    if (error instanceof ServeError) throw error;
    const reason = error instanceof TypeError ? error.message : placeOf(error); // what is not ours has a place
    throw wrong(`${use} is no module that can be served: ${reason}`, 'docs/modules.md builds one step by step.');
  }
}

/** A module of fastpath. Its options may name files: `folder` says where relative names begin. */
async function loadOwn(use: string, from: string, given: Given, path: Path): Promise<LoadedPlan> {
  const [plan] = await loadModules([{ name: use, options: {} }]);
  if (plan === undefined) throw new Error(`there is no module ${use}`);
  const options = checkOptions(use, plan.definition, { folder: resolvePath(from), ...given }, path);
  return { ...plan, options };
}

function isPath(use: string): boolean {
  return use.startsWith('.') || use.startsWith('/') || use.startsWith('file:');
}

function urlOf(use: string, from: string): string {
  if (use.startsWith('file:')) return use;
  const base = pathToFileURL(`${resolvePath(from)}/`);
  if (isPath(use)) {
    const path = resolvePath(from, use);
    if (!existsSync(path)) throw wrong(`there is no module ${use}`, `It is looked for at ${path}.`);
    return pathToFileURL(path).href;
  }
  try {
    return resolveImport(use, base.href);
  } catch (cause) {
    const isFile = existsSync(resolvePath(from, use));
    const advice = isFile ? `For the file write ./${use}.` : adviceFor(use);
    throw wrong(`there is no package ${use} in ${resolvePath(from)}`, advice, cause);
  }
}

/** A misspelled module of fastpath is likelier than a package that has not been installed. */
function adviceFor(use: string): string {
  const near = nearest(use, CHOOSABLE);
  return near === undefined ? `Install it there: npm install ${use}` : `Did you mean ${near}?`;
}

async function importModule(use: string, url: string): Promise<unknown> {
  try {
    return ((await import(url)) as { default?: unknown }).default;
  } catch (cause) {
    throw wrong(`${use} cannot be loaded: ${loadingFault(cause, url)}`, '', cause);
  }
}

type Given = Readonly<Record<string, unknown>>;

/** The options as the module's own schema makes them; they have to survive the way to the workers. */
function checkOptions(use: string, definition: ModuleDefinition, given: Given, path: Path): unknown {
  const { name } = definition;
  if (definition.options === undefined) {
    const [first] = Object.keys(given);
    if (first === undefined) return {};
    throw faultOf([...path, 'options'], `module ${name} takes no options, and "${first}" is given`);
  }
  const schema = definition.options(z);
  const { data, error } = schema.safeParse(given, { error: plainWords });
  if (error !== undefined) throw wrongOptions(`module ${name} (${use})`, complaintsOf(error, given, schema), path);
  try {
    return structuredClone(data);
  } catch (cause) {
    const message = `the options of module ${name} cannot be sent to a worker: ${(cause as Error).message}`;
    throw faultOf([...path, 'options'], message, '', { cause });
  }
}

function wrongOptions(module: string, complaints: readonly Complaint[], path: Path): ServeError {
  const lines = complaints.map(({ path: inner, message }) => `${keyOf(inner) || 'options'}: ${message}`);
  const findings = complaints.map(({ path: inner, message, at }) => ({
    path: [...path, 'options', ...inner],
    message,
    isOfKey: at === 'key',
  }));
  return new ServeError('bad-option', `the options of ${module} are wrong: ${lines.join('; ')}`, '', { findings });
}

function wrong(message: string, advice: string, cause?: unknown): ServeError {
  return new ServeError('bad-option', message, advice, { cause });
}
