/** The HTTP server as something that TCP can listen with: `stack.listen(80, createHttpAcceptor({ ... }))`. */
import type { Store } from '../cache/library/store.js';
import type { Clock } from '../net/clock.js';
import type { Acceptor } from '../net/tcp/handler.js';
import type { WallClock } from '../net/wall-clock.js';
import { HttpConnection } from './connection/connection.js';
import { refuseConnection } from './connection/refused.js';
import { type HttpLimits, withDefaults } from './limits.js';
import type { AnswerLog } from './sending/answer-log.js';
import { HttpStatistics } from './sending/statistics.js';
import { Ending } from './service/ending.js';
import { HttpService, type Secure } from './service/service.js';
import type { SlowPath } from './service/slow-path.js';
import { Sites } from './sites/sites.js';

/** What an HTTP server answers from, and its limits. @see {@link createHttpAcceptor} */
export interface HttpOptions {
  /** Where the objects are. */
  readonly store: Store;
  /** The hosts and rules of the sites. Default: one site, of number 0, for every host. @internal */
  readonly sites?: Sites;
  /** The stack's clock: time-outs. */
  readonly clock: Clock;
  /** The time of day: Date, and the age of validators. */
  readonly wallClock: WallClock;
  /** Whatever is not named keeps its default. */
  readonly limits?: Partial<HttpLimits>;
  /** Where to count; several acceptors may share one. */
  readonly statistics?: HttpStatistics;
  /** Value of the Server field; '' sends none. */
  readonly serverHeader?: string;
  /**
   * It answers over TLS: redirects lead to https, and `hsts` is the value of Strict-Transport-Security; '': none.
   * @internal
   */
  readonly secure?: Secure;
  /** Is told of every request and its answer (src/log). Default: none. @internal */
  readonly log?: AnswerLog;
  /**
   * The other thread, which answers what `sites` send to a handler or an upstream. Default: none, so that is 503.
   * @internal
   */
  readonly slowPath?: SlowPath;
  /** That the server ends soon; several acceptors may share one. @internal */
  readonly ending?: Ending;
}

/**
 * Makes an HTTP/1.1 server. @throws {RangeError} for a limit or a Server field that makes no sense.
 *
 * @example
 * ```ts
 * import { createHttpAcceptor, DerivedWallClock, type Stack, type Store } from 'fastpath';
 *
 * // An HTTP server for what is in the cache.
 * export function serve(stack: Stack, store: Store): void {
 *   const { clock } = stack;
 *   const wallClock = new DerivedWallClock(clock, Date.now());
 *   stack.listen(80, createHttpAcceptor({ store, clock, wallClock, limits: { requestsPerConnection: 1_000 } }));
 * }
 * ```
 */
export function createHttpAcceptor(options: HttpOptions): Acceptor {
  const service = new HttpService({
    ...options,
    sites: options.sites ?? new Sites(),
    limits: withDefaults(options.limits),
    statistics: options.statistics ?? new HttpStatistics(),
    serverHeader: options.serverHeader ?? 'fastpath',
    log: options.log ?? null,
    secure: options.secure ?? null,
    slowPath: options.slowPath ?? null,
    ending: options.ending ?? new Ending(),
  });
  return (connection) => {
    const client = service.clients.opened(connection.remoteAddress);
    if (client !== null) return new HttpConnection(connection, service, client);
    service.statistics.connectionsRefused++;
    return refuseConnection(connection);
  };
}
