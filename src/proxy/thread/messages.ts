/** What the proxy's thread is given, and what it and the main thread say to each other. All of it can be cloned. */
import type { LifeMessage, ServeMessage, StopMessage } from '../../handler/index.js';
import type { CacheSetups, MessageFromCaches, PurgeOrder } from '../../shared-cache/thread/messages.js';
import type { Upstreams } from '../options.js';
import type { UpstreamReading } from '../statistics.js';

/** The pages of one site for errors. */
export interface SiteErrorPages {
  /** As the site has them: `example.org`, `*.example.org`. */
  readonly hosts: readonly string[];
  readonly isDefault: boolean;
  readonly pages: Readonly<Record<number, { readonly type: string; readonly body: Uint8Array }>>;
}

/** What a new configuration may change. */
export interface ProxyThreadSettings {
  readonly upstreams: Upstreams;
  /** Caches in front of some of them, by name. */
  readonly caches: CacheSetups;
  readonly errorPages: readonly SiteErrorPages[];
}

export type MessageToProxy =
  | { readonly kind: 'settings'; readonly settings: ProxyThreadSettings }
  | PurgeOrder
  | ServeMessage
  | StopMessage;

export type MessageFromProxy =
  | LifeMessage
  | MessageFromCaches
  /** The counters of now; it comes each second, if something has changed. */
  | { readonly kind: 'reading'; readonly upstreams: readonly UpstreamReading[] };
