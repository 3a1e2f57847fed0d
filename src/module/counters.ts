/** The counters that a module declares. */
import type { ModuleDefinition } from './module.js';

/**
 * The counters that a definition declares, all 0. A module that counts something else gets a TypeError that says so.
 * The counters themselves are plain properties, so counting one costs what it always costs.
 */
export function newCounters({ counters = {}, levels = {} }: ModuleDefinition): Record<string, number> {
  const names = Object.keys({ ...counters, ...levels });
  const made = Object.fromEntries(names.map((name) => [name, 0]));
  return Object.setPrototypeOf(made, undeclared(names)) as Record<string, number>;
}

/** A prototype without properties. It is asked only about counters that are not there. */
function undeclared(names: readonly string[]): object {
  const declared = names.length === 0 ? 'it declares none' : `it declares ${names.join(', ')}`;
  return new Proxy(
    {},
    {
      set: (_target, name) => {
        throw new TypeError(`the module has no counter "${String(name)}"; ${declared}`);
      },
    },
  );
}
