/**
 * The modules of one worker (src/module): makes them, gives them their ports, and calls all of them or one by its name.
 * No frame goes through here: TCP and UDP call the handlers of the modules themselves.
 */
import type { Module, ModuleDefinition, ModuleWorker } from '../module/module.js';
import type { Stack } from '../net/stack.js';

/** Which module a worker makes, and from what. It survives structured cloning. */
export interface ModulePlan {
  readonly name: string;
  readonly options: unknown;
}

/** A plan with its definition, once that is loaded. */
export interface LoadedPlan {
  readonly definition: ModuleDefinition;
  readonly options: unknown;
}

export class ModuleRows {
  readonly #modules = new Map<string, Module>();
  /** Those that want to hear of the bell and of time, so that the others cost nothing. */
  readonly #woken: Module[];
  readonly #ticking: Module[];

  /**
   * @param workerFor what the worker gives to the module of that name
   * @throws {NetworkError} for a port that is taken, and what a module throws while it is made
   */
  constructor(plans: readonly LoadedPlan[], stack: Stack, workerFor: (name: string) => ModuleWorker) {
    for (const { definition, options } of plans) {
      const module = definition.create(workerFor(definition.name), options);
      this.#modules.set(definition.name, module);
      listen(stack, definition, options, module);
    }
    const all = [...this.#modules.values()];
    this.#woken = all.filter(({ woken }) => woken !== undefined);
    this.#ticking = all.filter(({ tick }) => tick !== undefined);
  }

  /** The counters of each module that has some, by its name. */
  counters(): Record<string, object> {
    const rows = [...this.#modules].map(([name, { counters }]) => [name, counters ?? {}] as const);
    return Object.fromEntries(rows);
  }

  /** Exchanges under way that TCP does not know of. */
  get unfinished(): number {
    let sum = 0;
    for (const { unfinished } of this.#modules.values()) sum += unfinished ?? 0;
    return sum;
  }

  /** A message of the main thread for the module of that name. */
  received(name: string, message: unknown): void {
    this.#modules.get(name)?.received?.(message);
  }

  woken(): void {
    for (const module of this.#woken) module.woken?.();
  }

  tick(): void {
    for (const module of this.#ticking) module.tick?.();
  }

  stopping(isPatient: boolean): void {
    for (const module of this.#modules.values()) module.stopping?.(isPatient);
  }
}

function listen(stack: Stack, definition: ModuleDefinition, options: unknown, module: Module): void {
  for (const { transport, port, backlog } of definition.listeners(options)) {
    if (transport === 'udp') {
      if (module.datagrams === undefined) throw new Error(`module ${definition.name} takes no datagrams`);
      stack.bind(port, module.datagrams);
    } else {
      if (module.accept === undefined) throw new Error(`module ${definition.name} accepts no connections`);
      stack.listen(port, module.accept, { ...(backlog !== undefined && { backlog }) });
    }
  }
}
