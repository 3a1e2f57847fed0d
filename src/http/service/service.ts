/**
 * Everything that all HTTP connections of one stack share. A thread handles one request at a time, so one scanner is
 * enough.
 */
import type { Asks } from '../../cache/library/asks.js';
import type { Store } from '../../cache/library/store.js';
import type { Clock } from '../../net/clock.js';
import type { WallClock } from '../../net/wall-clock.js';
import type { SummedBytes } from '../../net/wire/summed-bytes.js';
import { Responder } from '../answer/responder.js';
import { HeadCache } from '../head/head-cache.js';
import { HeadMemory } from '../head/head-memory.js';
import type { HttpLimits } from '../limits.js';
import { RequestFraming } from '../request/framing.js';
import { RequestScanner } from '../request/scanner.js';
import type { AnswerLog } from '../sending/answer-log.js';
import type { HttpStatistics } from '../sending/statistics.js';
import { KnownHost } from '../sites/known-host.js';
import type { Sites } from '../sites/sites.js';
import { Clients } from './clients.js';
import type { Ending } from './ending.js';
import type { SlowPath } from './slow-path.js';

/** How a server answers over TLS (RFC 6797 section 6.1). */
export interface Secure {
  /** The value of Strict-Transport-Security; '': none. */
  readonly hsts: string;
}

/** What an HTTP server is made of: its options with all defaults filled in (server.ts). */
export interface HttpParts {
  readonly store: Store;
  readonly sites: Sites;
  readonly clock: Clock;
  readonly wallClock: WallClock;
  readonly limits: HttpLimits;
  readonly statistics: HttpStatistics;
  readonly serverHeader: string;
  /** Null: it answers over plain TCP. */
  readonly secure: Secure | null;
  /** Null: nothing is logged. */
  readonly log: AnswerLog | null;
  /** Where requests are handed over to; null: nowhere. */
  readonly slowPath: SlowPath | null;
  readonly ending: Ending;
}

export class HttpService {
  readonly limits: HttpLimits;
  readonly statistics: HttpStatistics;
  readonly scanner: RequestScanner;
  readonly framing = new RequestFraming();
  readonly responder: Responder;
  readonly clients: Clients;
  readonly log: AnswerLog | null;
  readonly asks: Asks;
  readonly slowPath: SlowPath | null;
  readonly ending: Ending;
  /** The line of Strict-Transport-Security for answers that others make; null: none. Our own heads have it. */
  readonly hstsLine: SummedBytes | null;
  readonly #clock: Clock;

  constructor(parts: HttpParts) {
    const { store, sites, clock, wallClock, limits, statistics, serverHeader, log, secure, slowPath } = parts;
    this.limits = limits;
    this.statistics = statistics;
    this.log = log;
    this.asks = store.asks;
    this.slowPath = slowPath;
    this.ending = parts.ending;
    const knownHost = new KnownHost();
    this.scanner = new RequestScanner(limits, knownHost);
    const hsts = secure === null || secure.hsts === '' ? '' : `Strict-Transport-Security: ${secure.hsts}\r\n`;
    const heads = new HeadCache(wallClock, serverHeader, undefined, hsts);
    this.hstsLine = hsts === '' ? null : new HeadMemory().write(hsts);
    this.responder = new Responder({
      store,
      sites,
      knownHost,
      heads,
      wallClock,
      statistics,
      longestTargetBytes: limits.requestLineBytes,
      mostRanges: limits.ranges,
      note: log === null ? null : log.note,
      scheme: secure === null ? 'http' : 'https',
    });
    this.clients = new Clients(limits, clock);
    this.#clock = clock;
    this.responder.waits.room.nowMs = () => this.nowMs();
  }

  /** The clock in ms as an int32, which V8 keeps unboxed; it wraps after 24 days, and differences are still right. */
  nowMs(): number {
    return (this.#clock.now / 1000) | 0;
  }
}
