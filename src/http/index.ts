/** The parts of the HTTP layer that other folders use. */

export { DerivedWallClock, type WallClock } from '../net/wall-clock.js';
export { HOST_FIELD, OTHER_FIELD } from './grammar/fields.js';
export { oddBytes, zeroBytes } from './grammar/grammar.js';
export { DEFAULT_LIMITS, type HttpLimits } from './limits.js';
export { COMPLETE, INCOMPLETE, RequestScanner } from './request/scanner.js';
export { FIRST_KEPT_SPACE, type KeptSpaces, keptName, normalHost } from './routes/kept-names.js';
export type { Route, RouteStep } from './routes/route.js';
export {
  type AnswerLog,
  AnswerNote,
  AnswerReason,
  CacheResult,
  type ConnectionLog,
} from './sending/answer-log.js';
export { HttpStatistics } from './sending/statistics.js';
export { createHttpAcceptor, type HttpOptions } from './server.js';
export {
  type SlowAnswer,
  type SlowConnection,
  SlowFailure,
  type SlowPath,
  type SlowUser,
} from './service/slow-path.js';
export {
  type PathRule,
  type RedirectStatus,
  type SiteHostName,
  type SiteRules,
  Sites,
  type SiteTable,
  type UnknownHost,
} from './sites/sites.js';
