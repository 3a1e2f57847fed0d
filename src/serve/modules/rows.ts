/**
 * The modules of one worker (src/module): makes them, gives them their ports, and calls all of them or one by its name.
 * No frame goes through here: TCP and UDP call the handlers of the modules themselves.
 */
import { newCounters } from '../../module/counters.js';
import { createModule } from '../../module/definition.js';
import { guard, placeOf } from '../../module/guard.js';
import type { Module, ModuleDefinition, ModuleWorker } from '../../module/module.js';
import { PrebuiltAnswers } from '../../module/prebuilt.js';
import { listen } from '../../module/serve-on.js';
import type { Stack } from '../../net/stack.js';
import type { CounterTree } from '../worker/statistics-block.js';

/** Which module a worker makes, and from what. It survives structured cloning. */
export interface ModulePlan {
  readonly name: string;
  /** The URL of the file that exports it. Left out: it is one of fastpath's own. */
  readonly url?: string;
  readonly options: unknown;
  /** Where it stands in the configuration; left out: it is one that every server has. */
  readonly path?: readonly PropertyKey[];
}

/** A plan with its definition, once that is loaded. */
export interface LoadedPlan extends ModulePlan {
  readonly definition: ModuleDefinition;
}

/** What a worker gives to a module, but for what is the module's alone. */
export type GivenByWorker = Omit<ModuleWorker, 'counters' | 'answers'>;

/** A module threw while it was made: a mistake of its author, told as such. */
export class ModuleFailure extends Error {
  override readonly name = 'ModuleFailure';

  constructor(
    message: string,
    /** Where the module stands in the configuration. */
    readonly path: readonly PropertyKey[],
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export class ModuleRows {
  readonly #modules = new Map<string, Module>();
  /** The counters of each: its own, those that it declared, those of its guard. */
  readonly #counters: [name: string, counters: object][] = [];
  /** Those that want to hear of the bell and of time, so that the others cost nothing. */
  readonly #woken: Module[];
  readonly #ticking: Module[];

  /**
   * @param workerFor what the worker gives to the module of that name, but for what is the module's alone
   * @throws {ModuleFailure} what a module of somebody else throws while it is made; of ours, what it throws
   */
  constructor(plans: readonly LoadedPlan[], stack: Stack, workerFor: (name: string) => GivenByWorker) {
    for (const plan of plans) {
      try {
        const module = this.#make(plan, workerFor(plan.name));
        this.#modules.set(plan.name, module);
        listen(stack, plan.definition, plan.options, module);
      } catch (cause) {
        if (plan.url === undefined) throw cause;
        throw new ModuleFailure(`module ${plan.name} cannot begin: ${placeOf(cause)}`, plan.path ?? [], { cause });
      }
    }
    const all = [...this.#modules.values()];
    this.#woken = all.filter(({ woken }) => woken !== undefined);
    this.#ticking = all.filter(({ tick }) => tick !== undefined);
  }

  /** The counters as trees: each has the name of a module, and some of its counters. */
  counters(): CounterTree[] {
    return this.#counters.map(([name, counters]) => ({ [name]: counters }));
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

  endsSoon(): void {
    for (const module of this.#modules.values()) module.endsSoon?.();
  }

  stopping(isPatient: boolean): void {
    for (const module of this.#modules.values()) module.stopping?.(isPatient);
  }

  /** A module from outside gets a guard; those of fastpath need none, and TCP calls them directly. */
  #make({ name, url, definition, options }: LoadedPlan, given: GivenByWorker): Module {
    const counters = newCounters(definition);
    const made = createModule(definition, { ...given, counters, answers: new PrebuiltAnswers(given.random) }, options);
    this.#counters.push([name, counters], [name, made.counters ?? {}]);
    if (url === undefined) return made;
    const { module, statistics } = guard(made, given);
    this.#counters.push([name, statistics]);
    return module;
  }
}
