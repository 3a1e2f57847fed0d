/** The parts of the HTTP layer that other folders use. */

export { DerivedWallClock, type WallClock } from '../net/wall-clock.js';
export {
  type AnswerLog,
  AnswerNote,
  AnswerReason,
  CacheResult,
  type ConnectionLog,
} from './answer-log.js';
export { DEFAULT_LIMITS, type HttpLimits } from './limits.js';
export { FIRST_KEPT_SPACE, type KeptSpaces, keptName, normalHost } from './routes/kept.js';
export type { Route, RouteStep } from './routes/route.js';
export { COMPLETE, INCOMPLETE, RequestScanner } from './scanner.js';
export { createHttpAcceptor, type HttpOptions } from './server.js';
export {
  type PathRule,
  type RedirectStatus,
  type SiteHostName,
  type SiteRules,
  Sites,
  type SiteTable,
  type UnknownHost,
} from './sites.js';
export { type SlowAnswer, type SlowConnection, SlowFailure, type SlowPath, type SlowUser } from './slow/slow-path.js';
export { HttpStatistics } from './statistics.js';
