/**
 * A module as a program: state of three scopes, actions, and the table that says which action runs when (control.ts).
 * `moduleOf` makes a module of it. A module that needs more, as HTTP does, implements `Module` itself.
 */
import type { z as zod } from 'zod';
import { refuseUnknownKeys } from '../keys.js';
import type {
  MainPart,
  Module,
  ModuleDefinition,
  ModuleListener,
  ModuleObject,
  ModuleServer,
  ModuleWorker,
} from '../module.js';
import { type Control, type ControlTable, compileControl } from './control.js';
import { DatagramExchanges } from './datagram-exchange.js';
import type { Exchange, Scopes } from './exchange.js';
import { limitsOf, type ProgramLimits } from './limits.js';
import { answerQuestions, Questions } from './questions.js';
import { ReplyLimit } from './reply-limit.js';
import { StreamExchange } from './stream-exchange.js';

const STATE_KEYS = ['module', 'connection', 'request'];
/** Every program with a UDP port counts this. */
const LIMITED = { limited: 'Datagrams not answered, because their sender had too many answers in a second.' };

/**
 * An action: looks at the exchange, does its part, and returns what happened. It names no state.
 * @see {@link moduleOf}
 */
export type Action<Shared = unknown, Own = unknown, Asked = unknown> = (
  exchange: Exchange<Shared, Own, Asked>,
) => string;

/**
 * A module as a program. `Shared`, `Own` and `Asked` are the states of module, connection and request.
 * @see {@link moduleOf}
 */
export interface ProgramDefinition<Options = unknown, Shared = unknown, Own = unknown, Asked = unknown> {
  readonly name: string;
  /** As in `ModuleDefinition`. */
  options?(z: typeof zod): zod.ZodType<Options>;
  readonly counters?: Readonly<Record<string, string>>;
  readonly levels?: Readonly<Record<string, string>>;
  listeners(options: Options): readonly ModuleListener[];
  /** What differs from `DEFAULT_PROGRAM_LIMITS`. */
  readonly limits?: Partial<ProgramLimits>;
  /** As in `ModuleDefinition`. */
  objects?(options: Options): Iterable<ModuleObject>;
  /** The state of the three scopes. What is left out is undefined. */
  readonly state?: {
    /** The state of the module in one worker: tables, what its options say. */
    module?(worker: ModuleWorker, options: Options): Shared;
    /** The state of a connection (UDP: a datagram). */
    connection?(): Own;
    /** The state of a request. It may reset `before` and return it, so that nothing is allocated. */
    request?(before: Asked | undefined): Asked;
  };
  /** By name. */
  readonly actions: Readonly<Record<string, Action<Shared, Own, Asked>>>;
  /** For connections. Needed for a TCP listener. */
  readonly control?: Control;
  /** For datagrams. Needed for a UDP listener. */
  readonly datagrams?: Control;
  /**
   * The slow path: answers what an action asks (`exchange.ask`), in the main thread, where it may wait. It is made
   * once.
   */
  slow?(options: Options, server: ModuleServer): (question: unknown) => unknown;
}

class ProgramModule<Shared, Own, Asked> implements Module {
  readonly accept?: NonNullable<Module['accept']>;
  readonly datagrams?: NonNullable<Module['datagrams']>;
  readonly #questions: Questions;

  constructor(program: ProgramDefinition<unknown, Shared, Own, Asked>, worker: ModuleWorker, options: unknown) {
    const limits = limitsOf(program.limits);
    const { clock, random } = worker;
    const { state = {}, actions, control, datagrams } = program;
    const scopes: Scopes<Shared, Own, Asked> = {
      worker,
      module: state.module?.(worker, options) as Shared,
      connection: () => state.connection?.() as Own,
      request: (before) => state.request?.(before) as Asked,
    };
    const questions = new Questions(clock, limits.answerMs, (asked) => worker.post(asked));
    this.#questions = questions;
    if (control !== undefined) {
      const table: ControlTable<Exchange<Shared, Own, Asked>> = compileControl(control, actions);
      const parts = { scopes, table, questions, limits, nowMs: () => (clock.now / 1000) | 0 };
      this.accept = (connection) => new StreamExchange(connection, parts);
    }
    if (datagrams !== undefined) {
      const table: ControlTable<Exchange<Shared, Own, Asked>> = compileControl(datagrams, actions);
      const replies = new ReplyLimit(clock, random, limits.datagramsPerSecond);
      this.datagrams = new DatagramExchanges({
        scopes,
        table,
        questions,
        replies,
        counters: worker.counters as Record<'limited', number>,
      });
    }
  }

  get unfinished(): number {
    return this.#questions.size;
  }

  received(message: unknown): void {
    this.#questions.received(message);
  }

  tick(): void {
    this.#questions.tick();
  }
}

/**
 * Makes a module of a program. @throws {TypeError} for a control table that is wrong
 *
 * @example
 * ```ts
 * import { type Exchange, moduleOf } from 'fastpath/module';
 *
 * // A daytime server (RFC 867) as a program: actions and the table that calls them.
 * export default moduleOf({
 *   name: 'daytime',
 *   listeners: () => [{ transport: 'tcp', port: 13 }],
 *   actions: {
 *     tell(exchange: Exchange) {
 *       exchange.write(`${new Date(exchange.worker.wallClock.seconds * 1_000).toUTCString()}\r\n`);
 *       return 'told';
 *     },
 *   },
 *   control: { telling: { run: 'tell', next: { told: 'close' } } },
 * });
 * ```
 */
export function moduleOf<Options, Shared, Own, Asked>(
  program: ProgramDefinition<Options, Shared, Own, Asked>,
): ModuleDefinition<Options> {
  const { name, counters, levels, actions, control, datagrams } = program;
  limitsOf(program.limits);
  refuseUnknownKeys('"state"', program.state ?? {}, STATE_KEYS);
  for (const table of [control, datagrams]) if (table !== undefined) compileControl(table, actions);
  return {
    name,
    ...(program.options !== undefined && { options: (z: typeof zod) => program.options?.(z) as zod.ZodType<Options> }),
    counters: { ...(datagrams !== undefined && LIMITED), ...counters },
    ...(levels !== undefined && { levels }),
    listeners: (options) => program.listeners(options),
    objects: (options) => program.objects?.(options) ?? [],
    create: (worker, options) =>
      new ProgramModule(program as ProgramDefinition<unknown, Shared, Own, Asked>, worker, options),
    ...(program.slow !== undefined && {
      main: (server: ModuleServer, options: Options): MainPart =>
        answerQuestions(server, program.slow?.(options, server) ?? (() => undefined)),
    }),
  };
}
