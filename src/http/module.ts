/** HTTP as a module of the server: its port, its settings, and the table of its sites. */
import type { Module, ModuleDefinition, ModuleListener, ModuleWorker } from '../module/module.js';
import type { Acceptor, Connection, ConnectionHandler } from '../net/tcp/handler.js';
import { NO_PACING } from '../net/tcp/pacing-plan.js';
import type { HttpLimits } from './limits.js';
import type { AnswerLog } from './sending/answer-log.js';
import { HttpStatistics } from './sending/statistics.js';
import { createHttpAcceptor } from './server.js';
import { Ending } from './service/ending.js';
import type { SlowPath } from './service/slow-path.js';
import { BandwidthShare } from './sites/bandwidth.js';
import { Sites, type SiteTable } from './sites/sites.js';

/** What a new configuration may change for the connections to come. */
export interface HttpSettings {
  readonly limits: HttpLimits;
  /** `Server` field of responses; empty for none. */
  readonly serverHeader: string;
}

/** The options of the HTTP module. */
export interface HttpModuleOptions extends HttpSettings {
  readonly port: number;
  readonly backlog: number;
  /** The hosts and rules of the sites. Left out: one site for every host, until a message brings others. */
  readonly sites?: SiteTable | undefined;
}

/** What the main thread tells it. */
export type HttpMessage =
  /** A new configuration: hosts and rules of the sites, from the next request on. */
  | { readonly kind: 'sites'; readonly table: SiteTable }
  /** Paths at which an authority looks for answers, in place of those before (RFC 8555 section 8.3). */
  | { readonly kind: 'challenges'; readonly challenges: ReadonlyMap<string, string> }
  /** A new configuration: what holds for connections from now on. Those that are open keep what they began with. */
  | ({ readonly kind: 'settings' } & HttpSettings);

/** A worker that may have an access log, and another thread for what the cache cannot answer. */
export interface HttpWorker extends ModuleWorker {
  readonly log?: AnswerLog | undefined;
  readonly slowPath?: SlowPath | undefined;
}

class HttpModule implements Module<HttpMessage> {
  readonly counters = new HttpStatistics();
  readonly #worker: HttpWorker;
  readonly #sites: Sites;
  readonly #ending = new Ending();
  #acceptor: Acceptor;
  #share: BandwidthShare | null = null;

  constructor(worker: HttpWorker, options: HttpModuleOptions) {
    this.#worker = worker;
    this.#sites = new Sites(options.sites);
    this.#acceptor = this.#createAcceptor(options);
  }

  readonly accept = (connection: Connection): ConnectionHandler => this.#acceptor(connection);

  received(message: HttpMessage): void {
    if (message.kind === 'sites') this.#use(message.table);
    else if (message.kind === 'challenges') this.#sites.useChallenges(message.challenges);
    else this.#acceptor = this.#createAcceptor(message);
  }

  endsSoon(): void {
    this.#ending.isNear = true;
  }

  /** Looks at the bandwidth of the other workers. */
  tick(): void {
    const { stack } = this.#worker;
    if (this.#share === null) return;
    this.#share.publish(stack.pacedGroups);
    if (this.#share.isOneOfMany) stack.pace(this.#share.plan());
  }

  #use(table: SiteTable): void {
    const { stack, index } = this.#worker;
    this.#sites.use(table);
    if (this.#share !== null && table.pacing === undefined) stack.pace(NO_PACING);
    this.#share = table.pacing === undefined ? null : new BandwidthShare(table.pacing, index);
    if (this.#share !== null) stack.pace(this.#share.plan());
  }

  /** What connections are answered by from now on. */
  #createAcceptor({ limits, serverHeader }: HttpSettings): Acceptor {
    const { store, clock, wallClock, log, slowPath } = this.#worker;
    return createHttpAcceptor({
      store,
      sites: this.#sites,
      clock,
      wallClock,
      limits,
      statistics: this.counters,
      serverHeader,
      ending: this.#ending,
      ...(log !== undefined && { log }),
      ...(slowPath !== undefined && { slowPath }),
    });
  }
}

/** HTTP, as the server's table of modules has it. */
export const httpModule = {
  name: 'http',
  listeners({ port, backlog }: HttpModuleOptions): readonly ModuleListener[] {
    return [{ transport: 'tcp', port, backlog }];
  },
  create(worker: HttpWorker, options: HttpModuleOptions): Module<HttpMessage> {
    return new HttpModule(worker, options);
  },
} satisfies ModuleDefinition<HttpModuleOptions, HttpMessage>;
