/**
 * The handler of a server: a file, which gets a thread of its own, or a function of the program that embeds the server,
 * which runs in the main thread. Both get the sockets of the channel 'handler'. The reverse proxy has a thread of its
 * own, which gets those of the channel 'upstreams'.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { attachThread, HANDLER, LEAVES, type ThreadAttachment, UPSTREAMS } from '../channel/index.js';
import {
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
} from '../handler/index.js';
import { withDefaults } from '../http/limits.js';
import type { UpstreamReading } from '../proxy/statistics.js';
import { ProxyThread } from '../proxy/thread/proxy-thread.js';
import type { DataPlane } from './data-plane.js';
import { type ServeOptions, sitesOf } from './options.js';
import { ServeError } from './serve-error.js';
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
  /** Ends a handler that is a function. */
  #detach: (() => void) | undefined;
  #proxy: ProxyThread | undefined;

  /** Before the first frame is read. @throws {ServeError} `bad-option` if a handler cannot be loaded, or is none */
  async start(options: ServeOptions, plane: ChannelSource, warn: (text: string) => void): Promise<void> {
    this.#around = { plane, warn };
    const { handler } = options;
    if (typeof handler === 'string') (await this.loadHandler(options))?.commit();
    else if (handler !== undefined) this.#detach = await explained('the handler', here(handler, this.#around));
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
    if (typeof handler !== 'string' || this.#detach !== undefined) return undefined;
    const setup = setupOf(urlOf(handler));
    this.#handler ??= createHandlerThread(this.#owner(HANDLER), stuckMsOf(options));
    return explained(`the handler ${handler}`, this.#handler.prepare(setup));
  }

  /** Takes the upstreams of a new configuration, and the pages of its sites for errors. A handler may be gone. */
  async configure(options: ServeOptions): Promise<void> {
    const { upstreams = {}, handler } = options;
    const stuckMs = stuckMsOf(options);
    const settings = { upstreams, errorPages: upstreamPages(sitesOf(options)) };
    if (this.#proxy !== undefined) this.#proxy.configure(settings);
    else if (Object.keys(upstreams).length > 0) {
      this.#proxy = await ProxyThread.start(settings, this.#owner(UPSTREAMS), stuckMs);
    }
    if (this.#proxy !== undefined) this.#proxy.stuckMs = stuckMs;
    if (this.#handler === undefined) return;
    this.#handler.stuckMs = stuckMs;
    if (handler === undefined) this.#handler.retire();
  }

  async close(): Promise<void> {
    this.#detach?.();
    await Promise.all([this.#handler?.close(), this.#proxy?.close()]);
  }

  /** What the threads of the channels of this name tell, and are given. */
  #owner(name: string): ThreadOwner {
    const { plane, warn } = this.#around ?? fail();
    return {
      connect: (generation, before) => plane.openChannels(name, generation, before),
      ended: (generation, failure) => plane.channelFailed(name, generation, failure),
      warn,
    };
  }
}

function fail(): never {
  throw new Error('there are no workers yet');
}

/** @throws {ServeError} `bad-option` if there is no such file. For a file alone; it is loaded later. */
export function checkHandler(handler: string | Handler | undefined): void {
  if (typeof handler !== 'string' || existsSync(handler)) return;
  throw new ServeError('bad-option', `there is no handler ${handler}`, `It is looked for at ${resolve(handler)}.`);
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
    throw new ServeError('bad-option', `${what} cannot be used: ${(cause as Error).message}`, '', { cause });
  }
}

async function here(handler: Handler, { plane, warn }: Surroundings): Promise<() => void> {
  const server = await serverOf(handler);
  prepareServer(server, new Troubles(warn));
  const attachments: ThreadAttachment[] = plane
    .openChannels(HANDLER, 1, LEAVES)
    .map((link) => attachThread(link, (socket) => serveSocket(server, socket)));
  return () => {
    for (const attachment of attachments) attachment.close();
  };
}
