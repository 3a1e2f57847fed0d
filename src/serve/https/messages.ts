/** The messages between the main thread and a TLS thread. All of them survive structured cloning. */
import type { Want } from '../../cache/library/asks.js';
import type { CacheMessage } from '../../cache/library/published.js';
import type { ChannelNews, ThreadLink } from '../../channel/index.js';
import type { HttpSettings } from '../../http/module.js';
import type { SiteTable } from '../../http/sites/sites.js';
import type { LogMemory } from '../../log/log-handle.js';
import type { TlsSettings } from '../../tls/settings.js';

/** The setup of a TLS thread (`workerData`). */
export interface TlsThreadSetup {
  /** Wakes the thread when one that answers requests has news (loop-channels.ts). */
  readonly bellFd: number;
  /** One to each worker. */
  readonly links: readonly ThreadLink[];
  readonly tls: TlsSettings;
  readonly ticketKeys: Uint8Array;
  readonly http: HttpSettings;
  /** `Strict-Transport-Security` of all answers; '': none. */
  readonly hsts: string;
  readonly statistics: SharedArrayBuffer;
  readonly log?: LogMemory | undefined;
}

export type MessageToTls =
  | { readonly kind: 'cache'; readonly message: CacheMessage }
  | { readonly kind: 'sites'; readonly table: SiteTable }
  /** What holds for connections from now on. */
  | { readonly kind: 'settings'; readonly http: HttpSettings; readonly tls: TlsSettings }
  /** News of the threads that answer requests. */
  | ChannelNews
  | { readonly kind: 'ticket-keys'; readonly keys: Uint8Array }
  /** Each answer is the last of its connection from now on. */
  | { readonly kind: 'ends-soon' }
  /** Close what is idle, and the rest after its answer. */
  | { readonly kind: 'stopping'; readonly isPatient: boolean }
  /** Reset what is left, and end. */
  | { readonly kind: 'end' };

export type MessageFromTls =
  | { readonly kind: 'ready'; readonly counters: readonly string[] }
  | { readonly kind: 'want'; readonly wants: readonly Want[] }
  | { readonly kind: 'released'; readonly ids: readonly number[] };
