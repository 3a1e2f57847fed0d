/** What a module's file exports, whether it is well formed, and the checks that need no server. */
import { refuseUnknownKeys } from './keys.js';
import type { Module, ModuleDefinition, ModuleListener, ModuleWorker } from './module.js';
import { moduleOf, type ProgramDefinition } from './program/program.js';

/** Small letters and digits: the name stands in names of metrics, and before the dot in names of counters. */
const NAME = /^[a-z][a-z0-9]{0,31}$/;
const COUNTER = /^[a-z][a-zA-Z0-9]{0,47}$/;

const SHARED_KEYS = ['name', 'options', 'counters', 'levels', 'listeners', 'objects'];
const MODULE_KEYS = [...SHARED_KEYS, 'create', 'main'];
const PROGRAM_KEYS = [...SHARED_KEYS, 'state', 'actions', 'control', 'datagrams', 'slow', 'limits'];
const ALL_KEYS = [...new Set([...PROGRAM_KEYS, ...MODULE_KEYS])];
const LISTENER_KEYS = ['transport', 'port', 'backlog'];

/**
 * The definition that a file exports as its default: a module, or a program.
 * @throws {TypeError} that says what is wrong with it
 *
 * @example
 * ```ts
 * import { definitionOf } from 'fastpath/module';
 *
 * // What `--module` does with a file: its default export may be a module or a program.
 * export const load = async (path: string) => definitionOf((await import(path)).default);
 * ```
 */
export function definitionOf(exported: unknown): ModuleDefinition {
  if (typeof exported !== 'object' || exported === null) {
    throw new TypeError('it has no default export that is an object: write "export default { name: …, … }"');
  }
  refuseUnknownKeys('a module', exported, ALL_KEYS);
  const given = exported as Partial<ModuleDefinition & ProgramDefinition>;
  const { name, listeners, create, actions, counters = {}, levels = {} } = given;
  if (typeof name !== 'string' || !NAME.test(name)) {
    throw new TypeError('its name must be small letters and digits, a letter first');
  }
  if (typeof listeners !== 'function') throw new TypeError('it has no function "listeners", which names its ports');
  for (const counter of Object.keys({ ...counters, ...levels })) {
    if (!COUNTER.test(counter)) throw new TypeError(`"${counter}" is no name for a counter: letters and digits`);
  }
  if (typeof create === 'function') {
    refuseUnknownKeys('a module with a function "create"', given, MODULE_KEYS);
    return given as ModuleDefinition;
  }
  if (typeof actions !== 'object' || actions === null) {
    throw new TypeError('it has neither a function "create" nor "actions" and "control"');
  }
  refuseUnknownKeys('a module with "actions"', given, PROGRAM_KEYS);
  return moduleOf(given as ProgramDefinition);
}

/**
 * The ports of a module. @throws {TypeError} for a list that is wrong
 */
export function listenersOf(definition: ModuleDefinition, options: unknown): readonly ModuleListener[] {
  const list: unknown = definition.listeners(options);
  if (!Array.isArray(list) || list.length === 0) throw new TypeError('"listeners" returned no list of ports');
  for (const listener of list as ModuleListener[]) {
    const { transport, port } = listener;
    refuseUnknownKeys('a listener', listener, LISTENER_KEYS);
    if (transport !== 'tcp' && transport !== 'udp') throw new TypeError(`a listener's transport is tcp or udp`);
    if (!Number.isInteger(port) || port < 1 || port > 65_535)
      throw new TypeError(`${JSON.stringify(port)} is no port: it is a number from 1 to 65535`);
  }
  return list as ModuleListener[];
}

/** @throws {TypeError} if the module does not take what its listeners bring */
export function checkHandlers(module: Module, listeners: readonly ModuleListener[]): void {
  const wants = (transport: string) => listeners.some((each) => each.transport === transport);
  if (wants('udp') && module.datagrams === undefined) throw new TypeError('it has a UDP port and takes no datagrams');
  if (wants('tcp') && module.accept === undefined) throw new TypeError('it has a TCP port and accepts no connections');
}

/** Makes the module of a worker, and checks that it takes what its ports bring. */
export function createModule(definition: ModuleDefinition, worker: ModuleWorker, options: unknown): Module {
  for (const [key, answer, variant] of definition.objects?.(options) ?? []) {
    if (!worker.answers.put(key, answer, variant))
      throw new TypeError('its objects need more memory than they may have');
  }
  const module = definition.create(worker, options);
  checkHandlers(module, listenersOf(definition, options));
  return module;
}
