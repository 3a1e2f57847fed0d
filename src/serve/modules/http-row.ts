/** What the main thread knows of the HTTP module: how its options come from the server's, and how to talk to it. */
import { withDefaults } from '../../http/limits.js';
import { type HttpMessage, type HttpModuleOptions, type HttpSettings, httpModule } from '../../http/module.js';
import { backlogOf, DEFAULTS, type ServeOptions } from '../options.js';
import type { DataPlane } from '../worker/data-plane.js';
import type { LoadedPlan } from './rows.js';

/** The web server as a row of the modules: plain HTTP on its port. */
export function httpPlan(options: ServeOptions): LoadedPlan {
  const own: HttpModuleOptions = {
    ...httpSettings(options),
    port: options.port ?? DEFAULTS.port,
    backlog: backlogOf(options),
  };
  return { name: 'http', definition: httpModule, options: own };
}

/** What a new configuration may change. */
export function httpSettings({ limits, serverHeader = DEFAULTS.serverHeader }: ServeOptions): HttpSettings {
  return { limits: withDefaults(limits), serverHeader };
}

/** Tells the HTTP module of every worker. */
export function tellHttp(plane: DataPlane, message: HttpMessage): void {
  plane.send({ kind: 'module', module: 'http', message });
}
