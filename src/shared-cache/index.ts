/** A shared cache to RFC 9111: docs/shared-cache.md. */
export { SharedCache, type SharedCacheContext, type SharedCacheSize } from './cache.js';
export { faultOf, noteFault } from './fault.js';
export type { Fields } from './fields.js';
export { type Answering, CacheInFront } from './in-front.js';
export { LibraryPublisher } from './library-publisher.js';
export type { Place, Scheme } from './match/key.js';
export type { Purge, PurgeKind } from './match/purge.js';
export type { HeuristicOptions, KeyOptions, QueryOptions, Settings, SharedCacheOptions } from './options.js';
export { drained, type Handler, handlerOrigin } from './origin/handler-origin.js';
export type { Origin, OriginAnswer, OriginExchange, OriginRequest } from './origin/origin.js';
export { outcomeOf } from './outcome.js';
export type { PublishedAnswer, Publisher } from './publisher.js';
export { SharedCacheStatistics } from './statistics.js';
export type { PurgedAnswers } from './thread/messages.js';
