/** What the main part of DNS and its workers tell each other. */
import type { ZoneImage } from './zone/image.js';

/** What the main part tells a worker. */
export type DnsMessage =
  /** Serve this zone, in place of one with its name. */
  | { readonly kind: 'zone'; readonly image: ZoneImage }
  /** Send this message from our port. */
  | { readonly kind: 'send'; readonly message: Uint8Array; readonly address: string; readonly port: number };

/** What a worker tells the main part: an answer to a NOTIFY has come. Any worker may get it. */
export interface NotifyAnswered {
  readonly kind: 'notify-answered';
  readonly id: number;
  readonly address: string;
}
