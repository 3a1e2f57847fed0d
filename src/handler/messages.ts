/** What a handler's thread is given. */
import type { CacheSetups } from '../shared-cache/thread/messages.js';

/** All of it survives structured cloning. */
export interface HandlerThreadSetup {
  /** The URL of the file whose default export is the handler. */
  readonly url: string;
  /** The cache in front of it, under the name ''; none: requests are not cached. */
  readonly caches: CacheSetups;
}
