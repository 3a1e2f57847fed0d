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
import { definitionOf, listenersOf } from '../module/definition.js';
import type { ModuleDefinition, ModuleListener } from '../module/module.js';
import { BUILT_IN_NAMES, loadModules } from './load-modules.js';
import type { LoadedPlan } from './module-rows.js';
import { ServeError } from './serve-error.js';

/** A module that is wanted. */
export interface ModuleWish {
  /** A module of fastpath (`dns`), a file (`./finger.js`, `/opt/finger.js`) or the name of a package. */
  readonly use: string;
  /** The folder in which a relative path begins, and from which a package is looked for. Default: the current one. */
  readonly from?: string;
  /** Its options; its own schema says which there are. */
  readonly options?: Readonly<Record<string, unknown>>;
}

/** Groups of a server's counters: a module of such a name would mix its counters with theirs. */
const RESERVED = new Set(
  'stack asks store tls device loop ring log steering heap connections worker cache supply watch server handler proxy'.split(
    ' ',
  ),
);

/** Modules of fastpath that are there if somebody wants them. HTTP always is. */
const CHOOSABLE = BUILT_IN_NAMES.filter((name) => name !== 'http');

/** Loads what is wanted. @throws {ServeError} `bad-option` that says what is wrong with which module */
export async function loadWishes(wishes: readonly ModuleWish[]): Promise<LoadedPlan[]> {
  const plans: LoadedPlan[] = [];
  for (const wish of wishes) {
    const plan = await load(wish);
    if (plans.some(({ name }) => name === plan.name)) {
      throw wrong(`two modules are called ${plan.name}`, 'Leave one of them away.');
    }
    plans.push(plan);
  }
  return plans;
}

/** @throws {ServeError} `bad-option` if two modules want the same port */
export function checkPorts(plans: readonly LoadedPlan[]): void {
  const owners = new Map<string, string>();
  for (const { name, definition, options } of plans) {
    for (const listener of listenersOf(definition, options)) {
      const port = describeListener(listener);
      const owner = owners.get(port);
      if (owner !== undefined) {
        throw wrong(
          owner === name ? `module ${name} wants the port ${port} twice` : `${owner} and ${name} both want ${port}`,
          'Give one of them another port, by its options in the configuration file.',
        );
      }
      owners.set(port, name);
    }
  }
}

/** `tcp/79` */
export function describeListener({ transport, port }: ModuleListener): string {
  return `${transport}/${port}`;
}

async function load({ use, from = '.', options }: ModuleWish): Promise<LoadedPlan> {
  if (CHOOSABLE.includes(use)) return loadOwn(use, from, options ?? {});
  const url = urlOf(use, from);
  const exported = await importModule(use, url);
  try {
    const definition = definitionOf(exported);
    const { name } = definition;
    if (RESERVED.has(name) || BUILT_IN_NAMES.includes(name)) throw new TypeError(`the name "${name}" is taken`);
    const checked = checkOptions(use, definition, options ?? {});
    listenersOf(definition, checked);
    return { name, url, definition, options: checked };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw wrong(`${use} is no module that can be served: ${error.message}`, 'docs/modules.md builds one step by step.');
  }
}

/** A module of fastpath. Its options may name files: `folder` says where relative names begin. */
async function loadOwn(use: string, from: string, given: Readonly<Record<string, unknown>>): Promise<LoadedPlan> {
  const [plan] = await loadModules([{ name: use, options: {} }]);
  if (plan === undefined) throw new Error(`there is no module ${use}`);
  const options = checkOptions(use, plan.definition, { folder: resolvePath(from), ...given });
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
    const advice = isFile ? `For the file write ./${use}.` : `Install it there: npm install ${use}`;
    throw wrong(`there is no package ${use} in ${resolvePath(from)}`, advice, cause);
  }
}

async function importModule(use: string, url: string): Promise<unknown> {
  try {
    return ((await import(url)) as { default?: unknown }).default;
  } catch (cause) {
    const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    throw wrong(`${use} cannot be loaded: ${reason}`, 'Try it by itself: node --check FILE', cause);
  }
}

/** The options as the module's own schema makes them; they have to survive the way to the workers. */
function checkOptions(use: string, definition: ModuleDefinition, given: Readonly<Record<string, unknown>>): unknown {
  if (definition.options === undefined) {
    const [first] = Object.keys(given);
    if (first !== undefined) throw wrong(`module ${definition.name} takes no options, and "${first}" is given`, '');
    return {};
  }
  const { data, error } = definition.options(z).safeParse(given);
  if (error !== undefined) {
    const lines = error.issues.map(({ path, message }) => `${path.join('.') || 'options'}: ${message}`);
    throw wrong(`the options of module ${definition.name} (${use}) are wrong: ${lines.join('; ')}`, '');
  }
  try {
    return structuredClone(data);
  } catch (cause) {
    throw wrong(`the options of module ${definition.name} cannot be sent to a worker: ${(cause as Error).message}`, '');
  }
}

function wrong(message: string, advice: string, cause?: unknown): ServeError {
  return new ServeError('bad-option', message, advice, { cause });
}
