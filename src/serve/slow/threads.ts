/**
 * The handler of a server: a file, which gets a thread of its own, or a function of the program that embeds the server,
 * which runs in the main thread. Both get the sockets of the channel 'handler'. The reverse proxy has a thread of its
 * own, which gets those of the channel 'upstreams'.
 */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Library } from '../../cache/library/library.js';
import { attachThread, HANDLER, LEAVES, type ThreadAttachment, UPSTREAMS } from '../../channel/index.js';
import {
  askServer,
  type Candidate,
  createHandlerThread,
  type Handler,
  type KeptThread,
  prepareServer,
  serverOf,
  serveSocket,
  setupOf,
  type ThreadOwner,
  Troubles,
  tryHandler,
} from '../../handler/index.js';
import { withDefaults } from '../../http/limits.js';
import type { Upstreams } from '../../proxy/options.js';
import type { UpstreamReading } from '../../proxy/statistics.js';
import { ProxyThread } from '../../proxy/thread/proxy-thread.js';
import { LibraryPublisher } from '../../shared-cache/index.js';
import type { Purge, PurgeKind } from '../../shared-cache/match/purge.js';
import { DEFAULTS } from '../../shared-cache/options.js';
import { CachesEnd } from '../../shared-cache/thread/caches-end.js';
import {
  type CacheReading,
  type CacheSetups,
  isFromCaches,
  type PurgedAnswers,
} from '../../shared-cache/thread/messages.js';
import { ThreadCaches } from '../../shared-cache/thread/thread-caches.js';
import { faultOf } from '../faults.js';
import { type ServeOptions, sitesOf } from '../options.js';
import type { DataPlane } from '../worker/data-plane.js';
import { HANDLER_CACHE, type KeptAnswers } from './kept-answers.js';
import { upstreamPages } from './upstream-pages.js';

/** Whose connections are answered: the workers', and those of HTTPS. */
export type ChannelSource = Pick<DataPlane, 'openChannels' | 'channelFailed'>;

/** What the threads work with. */
interface Surroundings {
  readonly plane: ChannelSource;
  readonly warn: (text: string) => void;
}

/** Who answers what the workers do not. They end after the workers, so what they have under way may come to its end. */
export class SlowThreads {
  #around: Surroundings | undefined;
  /** The thread of a handler that is a file. */
  #handler: KeptThread | undefined;
  /** A handler that is a function. */
  #here: HandlerHere | undefined;
  readonly #kept: KeptAnswers;
  readonly #library: Library;
  /** The caches in the threads of the handler and of the upstreams. */
  readonly #handlerCaches: CachesEnd;
  readonly #proxyCaches: CachesEnd;
  #proxy: ProxyThread | undefined;

  /** `kept`: what the caches publish. `library`: where it goes. */
  constructor(kept: KeptAnswers, library: Library) {
    this.#kept = kept;
    this.#library = library;
    this.#handlerCaches = new CachesEnd(kept.take);
    this.#proxyCaches = new CachesEnd(kept.take);
  }

  /** Before the first frame is read. @throws {ServeError} `bad-option` if a handler cannot be loaded, or is none */
  async start(options: ServeOptions, plane: ChannelSource, warn: (text: string) => void): Promise<void> {
    this.#around = { plane, warn };
    const { handler } = options;
    if (typeof handler === 'string') (await this.loadHandler(options))?.commit();
    else if (handler !== undefined) {
      const caches = this.#kept.newForHandler(options);
      this.#kept.useHandler(caches);
      this.#here = await explained(
        'the handler',
        here(handler, caches, { ...this.#around, kept: this.#kept, library: this.#library }),
      );
    }
    await this.configure(options);
  }

  /** The counters of the upstreams; undefined: there are none. */
  get upstreams(): readonly UpstreamReading[] | undefined {
    return this.#proxy?.upstreams;
  }

  /** What the threads have gone through, as counters. */
  counters(): [string, number][] {
    const named = (group: string, counters: object = {}) =>
      Object.entries(counters).map(([name, value]): [string, number] => [`${group}.${name}`, value as number]);
    return [...named('handler', this.#handler?.counters), ...named('proxy', this.#proxy?.counters)];
  }

  /**
   * Loads the handler's file, for the first time or anew. Requests go to what it exports now when the candidate is told
   * to `commit`. Undefined: there is no such file.
   * @throws {ServeError} `bad-option` if it is no handler
   */
  async loadHandler(options: ServeOptions): Promise<Candidate | undefined> {
    const { handler } = options;
    if (typeof handler !== 'string' || this.#here !== undefined) return undefined;
    checkHandler(handler);
    const caches = this.#kept.newForHandler(options);
    this.#handler ??= this.#createHandler(options);
    const setup = setupOf(urlOf(handler), caches);
    const candidate = await explained(`the handler ${handler}`, this.#handler.prepare(setup));
    return {
      commit: () => {
        this.#handlerCaches.ended(); // those of the thread that leaves are not the handler's any more
        this.#kept.useHandler(caches);
        candidate.commit();
      },
      discard: () => candidate.discard(),
    };
  }

  #createHandler(options: ServeOptions): KeptThread {
    const thread = createHandlerThread(this.#owner(HANDLER), stuckMsOf(options));
    const caches = this.#handlerCaches;
    thread.heard = (message) => {
      const news = message as { readonly kind: string };
      if (isFromCaches(news)) caches.received(news);
    };
    caches.send = (order) => thread.post(order);
    return thread;
  }

  /** The counters of the caches in front of handler and upstreams, at most a second old. */
  get caches(): readonly CacheReading[] {
    const ofHandler = this.#here?.caches.read() ?? this.#handlerCaches.readings;
    return [...ofHandler, ...this.#proxyCaches.readings];
  }

  /** Purges what is kept of handler and upstreams. Fulfilled when all workers have been told to send it no more. */
  async purge(which: Purge, how: PurgeKind): Promise<PurgedAnswers[]> {
    const purged = await Promise.all([
      this.#here?.caches.purge(which, how) ?? this.#handlerCaches.purge(which, how),
      this.#proxyCaches.purge(which, how),
    ]);
    return purged.flat();
  }

  /** Takes the upstreams of a new configuration, and the pages of its sites for errors. A handler may be gone. */
  async configure(options: ServeOptions): Promise<void> {
    const { upstreams = {}, handler } = options;
    const stuckMs = stuckMsOf(options);
    const settings = {
      upstreams: withoutCaches(upstreams),
      caches: this.#kept.useUpstreams(upstreams),
      errorPages: upstreamPages(sitesOf(options)),
    };
    if (this.#proxy !== undefined) this.#proxy.configure(settings);
    else if (Object.keys(upstreams).length > 0) {
      this.#proxy = await ProxyThread.start(settings, this.#owner(UPSTREAMS), this.#proxyCaches, stuckMs);
    }
    if (this.#proxy !== undefined) this.#proxy.stuckMs = stuckMs;
    if (this.#handler === undefined) return;
    this.#handler.stuckMs = stuckMs;
    if (handler !== undefined) return;
    this.#handler.retire();
    this.#handlerCaches.ended();
    this.#kept.useHandler({});
  }

  async close(): Promise<void> {
    this.#here?.close();
    await Promise.all([this.#handler?.close(), this.#proxy?.close()]);
  }

  /** A thread has ended by a fault, and with it what its caches had. */
  #lost(isHandler: boolean): void {
    (isHandler ? this.#handlerCaches : this.#proxyCaches).ended();
    this.#kept.lost(isHandler);
  }

  /** What the threads of the channels of this name tell, and are given. */
  #owner(name: string): ThreadOwner {
    const { plane, warn } = this.#around ?? fail();
    return {
      connect: (generation, before) => {
        if (before !== LEAVES) this.#lost(name === HANDLER);
        return plane.openChannels(name, generation, before);
      },
      ended: (generation, failure) => plane.channelFailed(name, generation, failure),
      warn,
    };
  }
}

function withoutCaches(upstreams: Upstreams): Upstreams {
  return Object.fromEntries(Object.entries(upstreams).map(([name, { cache: _, ...rest }]) => [name, rest]));
}

function fail(): never {
  throw new Error('there are no workers yet');
}

/** @throws {ServeError} `bad-option` if there is no such file. For a file alone; it is loaded later. */
export function checkHandler(handler: string | Handler | undefined): void {
  if (typeof handler !== 'string') return;
  const stat = statSync(handler, { throwIfNoEntry: false });
  if (stat?.isFile() === true) return;
  if (stat !== undefined) throw faultOf(['handler'], `the handler ${handler} is no file`, 'Name a file of JavaScript.');
  throw faultOf(['handler'], `there is no handler ${handler}`, `It is looked for at ${resolve(handler)}.`);
}

/** Loads a handler's file in a thread, and ends it again. @throws {ServeError} `bad-option` if it is no handler */
export async function tryHandlerFile(handler: string): Promise<void> {
  await explained(`the handler ${handler}`, tryHandler(urlOf(handler)));
}

function urlOf(handler: string): string {
  return pathToFileURL(resolve(handler)).href;
}

function stuckMsOf({ limits }: ServeOptions): number {
  return withDefaults(limits).handlerStuckMs;
}

async function explained<Result>(what: string, action: Promise<Result>): Promise<Result> {
  try {
    return await action;
  } catch (cause) {
    throw faultOf(['handler'], `${what} cannot be used: ${(cause as Error).message}`, '', { cause });
  }
}

/** A handler that runs in this thread, with its cache. */
interface HandlerHere {
  readonly caches: ThreadCaches;
  close(): void;
}

async function here(
  handler: Handler,
  setups: CacheSetups,
  { plane, warn, kept, library }: Surroundings & { readonly kept: KeptAnswers; readonly library: Library },
): Promise<HandlerHere> {
  const server = await serverOf(handler);
  const troubles = new Troubles(warn);
  const ask = askServer(server, troubles);
  const caches = new ThreadCaches(
    (_, req, res, isExpecting) => ask(req, res, isExpecting),
    ({ options: { name = DEFAULTS.name } }) => new LibraryPublisher(library, kept.spaceOf(HANDLER_CACHE), name),
  );
  caches.configure(setups);
  prepareServer(server, troubles, caches.answerer(HANDLER_CACHE));
  const attachments: ThreadAttachment[] = plane
    .openChannels(HANDLER, 1, LEAVES)
    .map((link) => attachThread(link, (socket) => serveSocket(server, socket)));
  return {
    caches,
    close() {
      for (const attachment of attachments) attachment.close();
    },
  };
}
