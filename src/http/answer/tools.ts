/** What the parts of the responder work with. One object for all connections of a stack. */
import type { Store } from '../../cache/library/store.js';
import type { WallClock } from '../../net/wall-clock.js';
import type { HeadCache } from '../head/head-cache.js';
import { Target } from '../request/target.js';
import type { AnswerNote } from '../sending/answer-log.js';
import { AnswerSender } from '../sending/sender.js';
import type { HttpStatistics } from '../sending/statistics.js';
import { Waits } from '../sending/waiting.js';
import type { KnownHost } from '../sites/known-host.js';
import type { Sites } from '../sites/sites.js';
import { AcceptEncoding } from './negotiation.js';
import { Report } from './report.js';
import { ShortAnswers } from './short-answers.js';

/** What a responder works with. */
export interface ResponderParts {
  readonly store: Store;
  readonly sites: Sites;
  /** The Host line that the scanner recognises. */
  readonly knownHost: KnownHost;
  readonly heads: HeadCache;
  readonly wallClock: WallClock;
  readonly statistics: HttpStatistics;
  /** The longest target that the scanner lets through, bytes. */
  readonly longestTargetBytes: number;
  /** A request for more ranges gets the whole object. */
  readonly mostRanges: number;
  /** Where the facts of each answer go, for a log; null: nowhere. */
  readonly note: AnswerNote | null;
  /** Of redirects to another host. */
  readonly scheme: 'http' | 'https';
}

/** The same, and what is made of it. */
export interface AnswerTools extends ResponderParts {
  /** The target that was read last. */
  readonly target: Target;
  readonly waits: Waits;
  readonly sender: AnswerSender;
  readonly report: Report;
  readonly acceptEncoding: AcceptEncoding;
  readonly shortAnswers: ShortAnswers;
}

/** Makes the tools of one responder. */
export function answerTools(parts: ResponderParts): AnswerTools {
  const { store, heads, statistics, note, longestTargetBytes } = parts;
  const waits = new Waits(store);
  const sender = new AnswerSender(heads, statistics, note, waits);
  const acceptEncoding = new AcceptEncoding();
  return {
    ...parts,
    target: new Target(longestTargetBytes),
    waits,
    sender,
    report: new Report(statistics, note),
    acceptEncoding,
    shortAnswers: new ShortAnswers(store, sender, acceptEncoding),
  };
}
