/**
 * The admin listener of a server (src/admin), from its opening, before anything is loaded, to the end. Made by
 * assembly.ts; a hand-over closes it in the old process and opens it in the new one.
 */

import { Health } from '../admin/health.js';
import { AdminListener } from '../admin/listener.js';
import { Metrics } from '../admin/metrics.js';
import {
  AdminError,
  type AdminSource,
  type DrainWish,
  type PurgeResult,
  type PurgeWish,
  type Reading,
  type TagWish,
} from '../admin/source.js';
import { readToken } from '../admin/token.js';
import type { LoadProgress } from '../cache/loading/load-options.js';
import type { Purge, PurgeKind } from '../shared-cache/match/purge.js';
import type { PurgedAnswers } from '../shared-cache/thread/messages.js';
import { type AdminAddress, formatAdminAddress } from '../site/admin-address.js';
import { placedAt } from './faults.js';
import { purge } from './folders/purge.js';
import type { LoadedSite } from './folders/site-folders.js';
import type { AdminOptions } from './options.js';
import type { ServeUser } from './process/privileges.js';
import { ServeError } from './serve-error.js';

const BEAT_EVERY_MS = 1_000;

/** The part of a running server that administrators see. */
export interface Administered {
  readonly sites: readonly LoadedSite[];
  readonly heartbeats: readonly number[];
  read(): Reading;
  /** Takes kept answers of handler and upstreams away. Fulfilled when the workers have been told. */
  purgeAnswers(which: Purge, how: PurgeKind): Promise<readonly PurgedAnswers[]>;
  /** Each answer is the last of its connection from now on. */
  endsSoon(): void;
}

/**
 * What the program does for an administrator.
 *
 * @example
 * ```ts
 * import type { FolderServer } from 'fastpath';
 *
 * export function administer(server: FolderServer): void {
 *   server.onAdmin({
 *     reload: async () => ({ reloaded: await server.refresh() }),
 *     drain: () => void server.stop(),
 *   });
 * }
 * ```
 */
export interface AdminHandlers {
  /** @throws {ServeError} if it cannot be; nothing has changed then */
  reload(): Promise<object>;
  /** Ends the server. `graceMs`: how long answers may take; undefined: what the options say. */
  drain(graceMs: number | undefined): void;
}

export class ServerAdmin implements AdminSource {
  readonly #health = new Health();
  readonly #listener: AdminListener;
  #server: Administered | undefined;
  #handlers: AdminHandlers | undefined;
  #beats: NodeJS.Timeout | undefined;
  #delay: NodeJS.Timeout | undefined;

  private constructor(options: AdminOptions, user: ServeUser | undefined) {
    const token = options.token ?? readToken(options.tokenFile);
    const metrics = new Metrics(this);
    const parts = { health: this.#health, metrics, source: this, now: () => Date.now() };
    this.#listener = new AdminListener({ address: options.listen, token, owner: user }, parts);
  }

  /** Reads the token, and does not listen yet. @throws {ServeError} `bad-option` */
  static create(options: AdminOptions, user: ServeUser | undefined): ServerAdmin {
    try {
      return new ServerAdmin(options, user);
    } catch (error) {
      throw explained(error);
    }
  }

  /** Where it listens, as text. */
  get address(): string | undefined {
    const address: AdminAddress | undefined = this.#listener.address;
    return address === undefined ? undefined : formatAdminAddress(address);
  }

  /** Listens. @throws {ServeError} `address-taken`, `bad-option` */
  async open(): Promise<void> {
    try {
      await this.#listener.open();
    } catch (error) {
      throw placedAt(['admin', 'listen'], explained(error));
    }
  }

  /** Gives the address free at once; fulfilled when the last answer is out. */
  close(): Promise<void> {
    return this.#listener.close();
  }

  loading(progress: LoadProgress): void {
    this.#health.loading(progress);
  }

  /** The server answers requests. */
  serves(server: Administered, handlers: AdminHandlers): void {
    this.#server = server;
    this.#handlers = handlers;
    this.#health.state = 'serving';
    const beat = () => this.#health.beat(server.heartbeats, Date.now());
    beat();
    this.#beats = setInterval(beat, BEAT_EVERY_MS).unref();
  }

  /** Other handlers than those that `serves` has set. */
  handle(handlers: AdminHandlers): void {
    this.#handlers = handlers;
  }

  /** Another process serves. It has the address too. */
  handedOver(): void {
    this.#health.state = 'handed-over';
  }

  /** Connections are being closed; the listener stays until the end. */
  ends(): void {
    clearTimeout(this.#delay);
    clearInterval(this.#beats);
    if (this.#health.state !== 'handed-over') this.#health.state = 'draining';
  }

  read(): Reading {
    const isReady = this.#health.readiness(Date.now()).ok ? 1 : 0;
    const reading = this.#server?.read();
    const whole = new Map([...(reading?.whole ?? []), ['server.ready', isReady] as const]);
    return { workers: [], traffic: undefined, shares: [], sites: new Map(), ...reading, whole };
  }

  async purge(wish: PurgeWish | TagWish): Promise<PurgeResult> {
    const { server } = this.#serving();
    const how = wish.isSoft ? 'soft' : 'hard';
    if ('tag' in wish) return { files: [], answers: await server.purgeAnswers({ by: 'tag', tag: wish.tag }, how) };
    const files = await purge(server.sites, wish);
    const { host, port, target } = wish;
    if (wish.site !== undefined) return { files, answers: [] };
    const by = wish.isPrefix ? 'prefix' : 'url';
    const authority = host === undefined || port === undefined ? host : `${host}:${port}`;
    return { files, answers: await server.purgeAnswers({ by, host: authority, target }, how) };
  }

  async reload(): Promise<object> {
    try {
      return await this.#serving().handlers.reload();
    } catch (cause) {
      if (!(cause instanceof ServeError)) throw cause;
      throw new AdminError('failed', `nothing has changed: ${cause.message}`, cause.advice, { cause });
    }
  }

  drain({ delayMs, graceMs }: DrainWish): void {
    const { handlers, server } = this.#serving();
    this.#health.state = 'draining';
    server.endsSoon();
    this.#delay = setTimeout(() => handlers.drain(graceMs), delayMs);
  }

  #serving(): { server: Administered; handlers: AdminHandlers } {
    const [server, handlers] = [this.#server, this.#handlers];
    if (server !== undefined && handlers !== undefined && this.#health.state === 'serving') return { server, handlers };
    throw new AdminError('busy', `the server is ${this.#health.state}`, 'Ask /readyz when it serves.');
  }
}

function explained(error: unknown): unknown {
  if (!(error instanceof AdminError)) return error;
  const code = error.code === 'taken' ? 'address-taken' : 'bad-option';
  return new ServeError(code, error.message, error.advice, { cause: error });
}
