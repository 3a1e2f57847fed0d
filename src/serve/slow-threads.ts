/**
 * The handler of a server: a file, which gets a thread of its own, or a function of the program that embeds the server,
 * which runs in the main thread. Both get the sockets of the channel 'handler'. The reverse proxy has a thread of its
 * own, which gets those of the channel 'upstreams'.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { attachThread, HANDLER, type ThreadAttachment, UPSTREAMS } from '../channel/index.js';
import { type Handler, HandlerThread, prepareServer, serverOf, serveSocket, Troubles } from '../handler/index.js';
import type { UpstreamReading } from '../proxy/statistics.js';
import type { ProxyThreadSettings } from '../proxy/thread/messages.js';
import { ProxyThread } from '../proxy/thread/proxy-thread.js';
import type { DataPlane } from './data-plane.js';
import { type ServeOptions, sitesOf } from './options.js';
import { ServeError } from './serve-error.js';
import { upstreamPages } from './upstream-pages.js';

/** Whose connections are answered: the workers', and those of HTTPS. */
export type ChannelSource = Pick<DataPlane, 'openChannels' | 'channelFailed'>;

/** A running handler. */
interface RunningHandler {
  close(): Promise<void>;
}

/** Who answers what the workers do not. They end after the workers, so what they have under way may come to its end. */
export class SlowThreads {
  #running: RunningHandler | undefined;
  #proxy: ProxyThread | undefined;
  /** Gives the workers to the proxy's thread, which a later configuration may be the first to need. */
  #startProxy: (settings: ProxyThreadSettings) => Promise<ProxyThread> = () => Promise.reject(new Error('no workers'));

  /** Before the first frame is read. @throws {ServeError} `bad-option` if a handler cannot be loaded, or is none */
  async start(options: ServeOptions, plane: ChannelSource, warn: (text: string) => void): Promise<void> {
    const { handler } = options;
    if (handler !== undefined) this.#running = await startHandler(handler, plane, warn);
    const connect = () => plane.openChannels(UPSTREAMS);
    const ended = () => plane.channelFailed(UPSTREAMS);
    this.#startProxy = (settings) => ProxyThread.start(settings, { connect, ended, warn });
    await this.configure(options);
  }

  /** The counters of the upstreams; undefined: there are none. */
  get upstreams(): readonly UpstreamReading[] | undefined {
    return this.#proxy?.upstreams;
  }

  /** Takes the upstreams of a new configuration, and the pages of its sites for errors. */
  async configure(options: ServeOptions): Promise<void> {
    const { upstreams = {} } = options;
    const settings = { upstreams, errorPages: upstreamPages(sitesOf(options)) };
    if (this.#proxy !== undefined) this.#proxy.configure(settings);
    else if (Object.keys(upstreams).length > 0) this.#proxy = await this.#startProxy(settings);
  }

  async close(): Promise<void> {
    await Promise.all([this.#running?.close(), this.#proxy?.close()]);
  }
}

/** @throws {ServeError} `bad-option` if there is no such file. For a file alone; it is loaded later. */
export function checkHandler(handler: string | Handler | undefined): void {
  if (typeof handler !== 'string' || existsSync(handler)) return;
  throw new ServeError('bad-option', `there is no handler ${handler}`, `It is looked for at ${resolve(handler)}.`);
}

async function startHandler(
  handler: string | Handler,
  plane: ChannelSource,
  warn: (text: string) => void,
): Promise<RunningHandler> {
  try {
    return await (typeof handler === 'string' ? inThread(handler, plane, warn) : here(handler, plane, warn));
  } catch (cause) {
    const what = typeof handler === 'string' ? `the handler ${handler}` : 'the handler';
    throw new ServeError('bad-option', `${what} cannot be used: ${(cause as Error).message}`, '', { cause });
  }
}

function inThread(path: string, plane: ChannelSource, warn: (text: string) => void): Promise<RunningHandler> {
  return HandlerThread.start(pathToFileURL(resolve(path)).href, {
    connect: () => plane.openChannels(HANDLER),
    ended: () => plane.channelFailed(HANDLER),
    warn,
  });
}

async function here(handler: Handler, plane: ChannelSource, warn: (text: string) => void): Promise<RunningHandler> {
  const server = await serverOf(handler);
  prepareServer(server, new Troubles(warn));
  const attachments: ThreadAttachment[] = plane
    .openChannels(HANDLER)
    .map((link) => attachThread(link, (socket) => serveSocket(server, socket)));
  return {
    async close() {
      for (const attachment of attachments) attachment.close();
    },
  };
}
