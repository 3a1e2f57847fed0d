/**
 * The modules of a worker: those that belong to fastpath, by name, and those of other people, by the URL of their file.
 * A worker loads only what it runs.
 */
import { definitionOf } from '../../module/definition.js';
import type { ModuleDefinition } from '../../module/module.js';
import type { LoadedPlan, ModulePlan } from './rows.js';

const BUILT_IN: Readonly<Record<string, () => Promise<ModuleDefinition>>> = {
  http: async () => (await import('../../http/module.js')).httpModule,
  ftp: async () => (await import('../../ftp/module.js')).ftpModule as ModuleDefinition,
  ldap: async () => (await import('../../ldap/module.js')).ldapModule as ModuleDefinition,
  dns: async () => (await import('../../dns/module.js')).dnsModule as ModuleDefinition,
  tls: async () => (await import('../../tls/module.js')).tlsModule,
};

/** Their names. */
export const BUILT_IN_NAMES: readonly string[] = Object.keys(BUILT_IN);

/** Loads what `plans` name. @throws {Error} for a name that is none of ours, and what a file throws */
export function loadModules(plans: readonly ModulePlan[]): Promise<LoadedPlan[]> {
  return Promise.all(plans.map(async (plan) => ({ ...plan, definition: await load(plan) })));
}

async function load({ name, url }: ModulePlan): Promise<ModuleDefinition> {
  if (url !== undefined) return definitionOf(((await import(url)) as { default?: unknown }).default);
  const found = Object.hasOwn(BUILT_IN, name) ? BUILT_IN[name] : undefined;
  if (found === undefined) throw new Error(`there is no module ${name}`);
  return found();
}
