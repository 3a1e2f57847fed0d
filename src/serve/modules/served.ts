/** The modules of a running server as people see them: names, ports, counters. HTTP has tables of its own. */

import type { Metric } from '../../admin/table/metric.js';
import { type CountedModule, moduleMetrics } from '../../admin/table/modules.js';
import { listenersOf } from '../../module/definition.js';
import { GUARD_COUNTERS, GUARD_LEVELS } from '../../module/guard.js';
import type { MainParts } from './main-parts.js';
import { describeListener } from './ports.js';
import type { LoadedPlan } from './rows.js';

/** One module beside HTTP, as `--json` and `fastpath status` show it. @see {@link Snapshot} */
export interface ModuleInfo {
  readonly name: string;
  /** `tcp/79` and the like. */
  readonly listeners: readonly string[];
  /** Its counters that can go down. */
  readonly levels: readonly string[];
}

export class ServedModules {
  /** Undefined: there are none beside those of fastpath. */
  readonly described: readonly ModuleInfo[] | undefined;
  readonly metrics: readonly Metric[];
  readonly #mains: MainParts;

  constructor(plans: readonly LoadedPlan[], mains: MainParts) {
    const others = plans.filter(({ name }) => name !== 'http');
    const counted = others.map(countedModule);
    this.#mains = mains;
    this.metrics = counted.flatMap(moduleMetrics);
    const described = others.map(({ name, definition, options }, i) => ({
      name,
      listeners: listenersOf(definition, options).map(describeListener),
      levels: Object.keys(counted[i]?.levels ?? {}).map((level) => `${name}.${level}`),
    }));
    this.described = described.length === 0 ? undefined : described;
  }

  /** Lets the modules look at their files again. */
  refresh(): Promise<void> {
    return this.#mains.refresh();
  }
}

/** A module from outside has a guard, which counts too. */
function countedModule({ name, url, definition: { counters, levels } }: LoadedPlan): CountedModule {
  if (url === undefined) return { name, counters: { ...counters }, levels: { ...levels } };
  return { name, counters: { ...GUARD_COUNTERS, ...counters }, levels: { ...GUARD_LEVELS, ...levels } };
}
