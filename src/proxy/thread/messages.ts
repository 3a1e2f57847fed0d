/** What the proxy's thread is given, and what it and the main thread say to each other. All of it can be cloned. */
import type { ThreadLink } from '../../channel/index.js';
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
  readonly errorPages: readonly SiteErrorPages[];
}

export interface ProxyThreadSetup extends ProxyThreadSettings {
  /** To the workers. */
  readonly links: readonly ThreadLink[];
}

export type MessageToProxy =
  | { readonly kind: 'settings'; readonly settings: ProxyThreadSettings }
  | { readonly kind: 'stop' };

export type MessageFromProxy =
  /** Sockets are served from now on. */
  | { readonly kind: 'ready' }
  /** The counters of now; it comes each second, if something has changed. */
  | { readonly kind: 'reading'; readonly upstreams: readonly UpstreamReading[] }
  | { readonly kind: 'warning'; readonly text: string };
