/**
 * The interface between the server and a protocol: HTTP, DNS and any other are modules. A module has ports, and it
 * answers in the receive path. docs/modules.md builds one step by step.
 *
 *     main thread    definition ── options checked ── listeners ──┐
 *     each worker    definition.create(worker, options) ◀─────────┘
 *                       accept    ◀── TCP: a connection            datagrams ◀── UDP: a datagram
 *                       received  ◀── a message of the main thread
 *
 * A worker makes each module once. From then on TCP calls the `ConnectionHandler` that `accept` made, and UDP calls
 * `datagrams`. Nothing of this framework stands between them.
 */
import type { z as zod } from 'zod';
import type { SymlinkRule } from '../cache/folder/folder.js';
import type { Store } from '../cache/library/store.js';
import type { Clock } from '../net/clock.js';
import type { Random } from '../net/random.js';
import type { Stack } from '../net/stack.js';
import type { Acceptor } from '../net/tcp/handler.js';
import type { DatagramHandler } from '../net/udp/handler.js';
import type { WallClock } from '../net/wall-clock.js';
import type { PrebuiltAnswers } from './prebuilt.js';

/**
 * A port that a module takes. Its worker listens there before the first frame is read.
 * @see {@link ModuleDefinition}
 */
export interface ModuleListener {
  readonly transport: 'tcp' | 'udp';
  /** 1 to 65,535. */
  readonly port: number;
  /** TCP: connections in SYN-RECEIVED at a time. Default: TCP's setting. */
  readonly backlog?: number;
}

/**
 * What a worker gives to a module.
 *
 * @example
 * ```ts
 * import type { Module, ModuleWorker } from 'fastpath/module';
 *
 * export const create = ({ post, warn }: ModuleWorker): Module => ({
 *   tick: () => post('are you there?'), // to the part in the main thread
 *   received: (message) => warn(`it says ${message}`),
 * });
 * ```
 */
export interface ModuleWorker {
  /** The number of the worker, from 0. Every worker has its own stack, store and module. */
  readonly index: number;
  /** How many workers there are. */
  readonly workers: number;
  /** To open connections, and ports that come and go. A module's own ports are its `listeners`. */
  readonly stack: Stack;
  readonly clock: Clock;
  /** The time of day. */
  readonly wallClock: WallClock;
  readonly random: Random;
  /** The cache as this worker knows it: the objects of the sites. */
  readonly store: Store;
  /** The counters that the definition declares, all 0 at first. */
  readonly counters: Record<string, number>;
  /** The module's own cached objects: those that its definition declares (`objects`), and what it adds. */
  readonly answers: PrebuiltAnswers;
  /** Sends the module's main part a message. It survives structured cloning. It allocates: not for the hot path. */
  post(message: unknown): void;
  /** Tells the person who runs the server that something is wrong, while serving goes on. */
  warn(text: string): void;
}

/**
 * A cached object of a module.
 *
 * @example
 * ```ts
 * import type { ModuleObject } from 'fastpath/module';
 *
 * // Built once in each worker, with its sums; `worker.answers.get('greeting')` finds it.
 * export const greeting: ModuleObject = ['greeting', 'hello\r\n'];
 * ```
 */
export type ModuleObject = readonly [key: string | Uint8Array, answer: string | Uint8Array, variant?: number];

/** One module in one worker. All calls come from the worker's loop, one at a time. @see {@link ModuleDefinition} */
export interface Module<Message = unknown> {
  /** Makes the handler of a connection to one of its TCP ports (`connection.localPort`). */
  readonly accept?: Acceptor;
  /** Takes the datagrams of its UDP ports (`port.localPort`). */
  readonly datagrams?: DatagramHandler;
  /**
   * More counters: numbers in an object whose keys stay. They are published four times a second as `NAME.key`
   * (`--json`, `fastpath status`, metrics).
   */
  readonly counters?: object;
  /** Exchanges under way for which nothing is queued in TCP yet: the server waits for their end when it stops. */
  readonly unfinished?: number;
  /** A message of the main thread, in the order in which they were sent. */
  received?(message: Message): void;
  /** Another thread rang the worker's bell: it may have written into memory that both share. */
  woken?(): void;
  /** Called about four times a second, and never while a frame is processed. */
  tick?(): void;
  /**
   * The server ends soon, and each answer had better be the last of its connection. Connections stay until `stopping`.
   */
  endsSoon?(): void;
  /** The server stops. Connections have their own `stopping`. It may be called again. */
  stopping?(isPatient: boolean): void;
}

/**
 * How to make a module. It is the same in the main thread and in each worker.
 *
 * @example
 * ```ts
 * import { type ModuleDefinition, SummedBytes } from 'fastpath/module';
 *
 * // Discards what comes over UDP (RFC 863), and counts it.
 * const discard: ModuleDefinition<{ port: number }> = {
 *   name: 'discard',
 *   options: (z) => z.object({ port: z.number().default(9) }),
 *   counters: { datagrams: 'Datagrams that were thrown away' },
 *   listeners: ({ port }) => [{ transport: 'udp', port }],
 *   create: ({ counters }) => ({
 *     datagrams: { received: () => void (counters.datagrams = (counters.datagrams ?? 0) + 1) },
 *   }),
 * };
 * export default discard;
 * ```
 */
export interface ModuleDefinition<Options = unknown, Message = unknown> {
  /** Small letters and digits, a letter first: the name of its counters and metrics, and for messages. */
  readonly name: string;
  /**
   * The schema of its options: a type of zod, which is handed in, so a module needs no import. Its output is what
   * `listeners` and `create` get. Left out: the module takes no options.
   */
  options?(z: typeof zod): zod.ZodType<Options>;
  /**
   * Its counters, each with a sentence for the metrics' help. The worker gives them as `worker.counters`. What grows
   * stands in `counters`, what goes up and down in `levels`.
   */
  readonly counters?: Readonly<Record<string, string>>;
  readonly levels?: Readonly<Record<string, string>>;
  /** The ports that it takes. */
  listeners(options: Options): readonly ModuleListener[];
  /**
   * Its cached objects: key, answer and variant (0 if left out) of each. They are made before the module, in every
   * worker, and stand in `worker.answers`.
   */
  objects?(options: Options): Iterable<ModuleObject>;
  /** Makes the module of one worker. `options` survived structured cloning. */
  create(worker: ModuleWorker, options: Options): Module<Message>;
  /**
   * Makes its main part: what it does in the main thread, where a program may wait for files and other programs. The
   * server waits for it before the first frame is read.
   */
  main?(server: ModuleServer, options: Options): MainPart | Promise<MainPart>;
}

/**
 * What the main thread gives to the main part of a module.
 *
 * @example
 * ```ts
 * import type { MainPart, ModuleServer } from 'fastpath/module';
 *
 * // The part in the main thread. Workers ask it, and it answers.
 * export const main = (server: ModuleServer): MainPart => ({
 *   received: (message, worker) => server.sendTo(worker, { answer: String(message).toUpperCase() }),
 *   refresh: () => server.send('forget'),
 * });
 * ```
 */
export interface ModuleServer {
  /** Sends the module of every worker a message, which survives structured cloning. */
  send(message: unknown): void;
  /** The same for one worker. */
  sendTo(worker: number, message: unknown): void;
  /** Tells the person who runs the server that something is wrong, while serving goes on. */
  warn(text: string): void;
  /** The folder that the site of this number is served from now; undefined: there is no such site. */
  folderOf(site: number): SiteFolder | undefined;
}

/**
 * A folder whose files are in the cache, and which of its names are served.
 *
 * @example
 * ```ts
 * import type { ModuleServer } from 'fastpath/module';
 *
 * export const rootOfFirstSite = (server: ModuleServer) => server.folderOf(0)?.root;
 * ```
 */
export interface SiteFolder {
  /** Its real path, a character for each byte. */
  readonly root: string;
  readonly dotfiles: boolean;
  readonly symlinks: SymlinkRule;
}

/** The part of a module that runs in the main thread. @see {@link ModuleServer} */
export interface MainPart {
  /** A message from the module of a worker. */
  received?(message: unknown, worker: number): void;
  /** The server was asked to look at its files again (SIGHUP). The options stay. */
  refresh?(): void | Promise<void>;
  /** The server ends. */
  close?(): void | Promise<void>;
}
