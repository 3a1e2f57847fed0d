/**
 * Runs a module on a stack without a server: for tests, and for programs that embed a stack. It is what a worker of
 * `fastpath serve` does with a module.
 */
import type { Store } from '../cache/library/store.js';
import type { Random } from '../net/random.js';
import type { Stack } from '../net/stack.js';
import { DerivedWallClock } from '../net/wall-clock.js';
import { newCounters } from './counters.js';
import { createModule, listenersOf } from './definition.js';
import { guard } from './guard.js';
import type { MainPart, Module, ModuleDefinition, ModuleServer, ModuleWorker, SiteFolder } from './module.js';
import { PrebuiltAnswers } from './prebuilt.js';

/** Where a module runs. @see {@link serveModuleOn} */
export interface ModuleHost {
  readonly stack: Stack;
  readonly random: Random;
  /** The cache, for a module that serves its objects. */
  readonly store: Store;
  /** The time of day now, ms since 1970. Default: 0. */
  readonly epochMs?: number;
  /** The folders of the sites. Default: there are none. */
  folderOf?(site: number): SiteFolder | undefined;
  /** What a person would be told. */
  warn?(text: string): void;
}

/** A module that runs. @see {@link serveModuleOn} */
export interface RunningModule {
  readonly module: Module;
  /** Its counters by name, with those that every module has. */
  counters(): Record<string, number>;
  /** Ends its main part. */
  close(): Promise<void>;
}

/**
 * Makes a module and gives it its ports. @throws what `create` throws, TypeError, NetworkError for a port in use
 *
 * @example
 * ```ts
 * import { SeededRandom, type Stack, Store } from 'fastpath';
 * import { type ModuleDefinition, serveModuleOn } from 'fastpath/module';
 *
 * // Tests a module on a stack in memory.
 * export async function start(stack: Stack, definition: ModuleDefinition): Promise<void> {
 *   const host = { stack, random: new SeededRandom(1), store: new Store(() => {}) };
 *   const running = await serveModuleOn(host, definition, undefined);
 *   console.log(running.counters());
 *   await running.close();
 * }
 * ```
 */
export async function serveModuleOn<Options>(
  host: ModuleHost,
  definition: ModuleDefinition<Options>,
  options: Options,
): Promise<RunningModule> {
  const { stack, random, store } = host;
  const warn = (text: string) => host.warn?.(`${definition.name}: ${text}`);
  const counters = newCounters(definition as ModuleDefinition);
  let main: MainPart | undefined;
  const worker: ModuleWorker = {
    index: 0,
    workers: 1,
    stack,
    clock: stack.clock,
    wallClock: new DerivedWallClock(stack.clock, host.epochMs ?? 0),
    random,
    store,
    counters,
    answers: new PrebuiltAnswers(random),
    post: (message) => main?.received?.(structuredClone(message), 0),
    warn,
  };
  const made = createModule(definition as ModuleDefinition, worker, options);
  const { module, statistics } = guard(made, worker);
  const server: ModuleServer = {
    send: (message) => module.received?.(structuredClone(message)),
    sendTo: (_worker, message) => module.received?.(structuredClone(message)),
    warn,
    folderOf: (site) => host.folderOf?.(site),
  };
  main = await definition.main?.(server, options);
  listen(stack, definition as ModuleDefinition, options, module);
  return {
    module,
    counters: () => ({ ...statistics, ...module.counters, ...counters }),
    close: async () => main?.close?.(),
  };
}

/** Opens a module's ports. @throws {NetworkError} EADDRINUSE */
export function listen(stack: Stack, definition: ModuleDefinition, options: unknown, module: Module): void {
  for (const { transport, port, backlog } of listenersOf(definition, options)) {
    if (transport === 'udp' && module.datagrams !== undefined) stack.bind(port, module.datagrams);
    if (transport === 'tcp' && module.accept !== undefined) {
      stack.listen(port, module.accept, { ...(backlog !== undefined && { backlog }) });
    }
  }
}
