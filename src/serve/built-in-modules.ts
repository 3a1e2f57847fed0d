/** The modules that belong to fastpath, by name. A worker loads only those that it runs. */
import type { ModuleDefinition } from '../module/module.js';
import type { LoadedPlan, ModulePlan } from './module-rows.js';

const BUILT_IN: Readonly<Record<string, () => Promise<ModuleDefinition>>> = {
  http: async () => (await import('../http/module.js')).httpModule,
};

/** Loads what `plans` name. @throws {Error} for a name that is none of ours */
export function loadModules(plans: readonly ModulePlan[]): Promise<LoadedPlan[]> {
  return Promise.all(plans.map(async ({ name, options }) => ({ definition: await load(name), options })));
}

function load(name: string): Promise<ModuleDefinition> {
  const found = BUILT_IN[name];
  if (found === undefined) throw new Error(`there is no module ${name}`);
  return found();
}
