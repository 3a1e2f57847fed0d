/**
 * The ladder of a request: where an answer is looked for, rung by rung. Memory comes first, and the responder looks
 * there itself. After it come the rules of the site, the disk, the rewritten path, the page of a single-page
 * application, and in the end a handler or an upstream, and the answers that are kept of them. A host with routes has a
 * ladder for each (routes/route.ts).
 */
import type { Store } from '../../cache/library/store.js';
import type { Entry } from '../../cache/object/entry.js';
import type { WallClock } from '../../net/wall-clock.js';
import { latin1Bytes } from '../../net/wire/latin1.js';
import { IF_MATCH, IF_UNMODIFIED_SINCE } from '../grammar/fields.js';
import type { RequestScanner } from '../request/scanner.js';
import type { Target } from '../request/target.js';
import { FILES, type Rungs } from '../routes/route.js';
import type { RouteTable } from '../routes/route-table.js';
import { ASKS, BY_ENTRY, BY_RULE, type Fate, type Found, HANDS_OVER, NOTHING } from '../sending/fate.js';
import type { HttpStatistics } from '../sending/statistics.js';
import type { Waits } from '../sending/waiting.js';
import type { PathAnswer } from '../sites/path-rules.js';
import type { HostChoice } from '../sites/sites.js';
import { findFallback } from './fallback.js';
import { KeptAnswers } from './kept-answers.js';
import type { Report } from './report.js';
import type { AnswerTools } from './tools.js';

/** Looks for the answer to the request under way. One object for all connections of a stack. */
export class Ladder {
  /** What `search` has found: the rule, or the other object. */
  rule: PathAnswer | null = null;
  other: Entry | undefined;
  /** Whether `findKept` has found an answer whose time is over. */
  isExpired = false;
  readonly #store: Store;
  readonly #target: Target;
  readonly #wallClock: WallClock;
  readonly #statistics: HttpStatistics;
  readonly #waits: Waits;
  readonly #report: Report;
  readonly #kept: KeptAnswers;
  /** What the route of the request says, for a host with routes. */
  #routed: Rungs = FILES;

  constructor({ store, target, wallClock, statistics, waits, report, scheme, longestTargetBytes }: AnswerTools) {
    this.#store = store;
    this.#target = target;
    this.#wallClock = wallClock;
    this.#statistics = statistics;
    this.#waits = waits;
    this.#report = report;
    this.#kept = new KeptAnswers(store, scheme, longestTargetBytes);
  }

  /** Finds the route. Returns whether the request is looked for in the site's folder at all. */
  route(head: RequestScanner, routes: RouteTable, host: HostChoice): boolean {
    const target = this.#target;
    const rungs = head.targetIsPlainPath
      ? routes.find(head, head.bytes, head.targetFrom, head.targetTo)
      : routes.find(head, target.path, target.pathFrom, target.pathTo);
    this.#routed = rungs ?? host.own.rungs;
    return this.#routed.inMemory;
  }

  /** The rungs of the request. For a host with routes `route` comes first. */
  rungsOf(host: HostChoice): Rungs {
    return host.routes === null ? host.own.rungs : this.#routed;
  }

  /** The object in memory that the target which was read last names. */
  findTarget(site: number): Entry | undefined {
    const { path, pathFrom, pathTo } = this.#target;
    return this.#store.find(path, pathFrom, pathTo, site);
  }

  /** Whether the disk has to be asked for that target. */
  mustAskTarget(site: number): boolean {
    const { path, pathFrom, pathTo } = this.#target;
    return this.#waits.mustAsk(site, path, pathFrom, pathTo);
  }

  /**
   * What else answers a path without an object in memory. A redirect by pattern comes before files on disk, and a
   * rewrite by pattern after them. `error` is 404 if no object can have the path.
   */
  search(head: RequestScanner, host: HostChoice, error: number): Found {
    const rungs = this.rungsOf(host);
    const otherwise = rungs.otherwise === null ? NOTHING : HANDS_OVER;
    if (error !== 0) return otherwise;
    const target = this.#target;
    target.read(head);
    const rule = host.own.rules.apply(target.path, target.pathFrom, target.pathTo);
    this.rule = rule;
    if (rule !== null && rule.status !== 0) return BY_RULE;
    if (rungs.onDisk && this.mustAskTarget(host.site)) return ASKS;
    const rewritten = rule === null ? undefined : this.#findRewritten(host.site, rule.to);
    if (rule !== null && rewritten === undefined && rungs.onDisk && this.#waits.mustAskName(host.site, rule.to)) {
      return ASKS;
    }
    this.other = rewritten ?? this.#findFallback(host.site, head);
    return this.other === undefined ? otherwise : BY_ENTRY;
  }

  #findRewritten(site: number, path: string): Entry | undefined {
    const name = latin1Bytes(path);
    const entry = this.#store.find(name, 0, name.length, site);
    if (entry !== undefined) this.#statistics.rewritten++;
    return entry;
  }

  #findFallback(site: number, head: RequestScanner): Entry | undefined {
    const entry = findFallback(this.#store, site, head, this.#target);
    if (entry !== undefined) this.#statistics.fallbacks++;
    return entry;
  }

  /**
   * An answer that was kept of this scheme, host and target, as the client wrote them. One whose time is over is not
   * sent: `isExpired` says so. The worker itself looks at the clock: a message of the main thread would come late.
   */
  findKept(head: RequestScanner, host: HostChoice): Entry | undefined {
    const { kept } = this.rungsOf(host);
    // What these conditions ask for, the origin alone knows (RFC 9111 section 4.3.2).
    const isForOrigin = head.has(IF_MATCH) || head.has(IF_UNMODIFIED_SINCE);
    const entry = kept === 0 || isForOrigin ? undefined : this.#kept.find(head, kept);
    this.isExpired = entry !== undefined && entry.until !== 0 && this.#wallClock.seconds >= entry.until;
    return this.isExpired ? undefined : entry;
  }

  /** The last rung: the request goes to another thread. */
  handsOver(host: HostChoice): Fate {
    this.#waits.upstream = this.rungsOf(host).otherwise ?? '';
    this.#report.asked(host.site);
    return HANDS_OVER;
  }
}
