/** The ports that modules listen on. */
import { listenersOf } from '../../module/definition.js';
import type { ModuleListener } from '../../module/module.js';
import { type Faults, faultOf } from '../faults.js';
import type { LoadedPlan } from './rows.js';

/** Two modules cannot have the same port. */
export function checkPorts(plans: readonly LoadedPlan[], faults: Faults): void {
  const owners = new Map<string, string>();
  for (const { name, definition, options, path } of plans) {
    for (const listener of listenersOf(definition, options)) {
      const port = describeListener(listener);
      const owner = owners.get(port);
      owners.set(port, name);
      if (owner === undefined) continue;
      const message =
        owner === name ? `module ${name} wants the port ${port} twice` : `${owner} and ${name} both want ${port}`;
      const place = path === undefined ? (name === 'tls' ? ['tls', 'port'] : ['port']) : [...path, 'options', 'port'];
      const advice = 'Give one of them another port, by its options in the configuration file.';
      faults.list.push(faultOf(place, message, advice));
    }
  }
}

/** `tcp/79` */
export function describeListener({ transport, port }: ModuleListener): string {
  return `${transport}/${port}`;
}
