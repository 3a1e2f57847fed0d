/** What a TLS thread needs to know about TLS. It survives structured cloning. */
import type { Credential } from './certificate.js';

/** A version of TLS that is spoken. @see {@link TlsOptions} */
export type TlsVersion = '1.2' | '1.3';

export interface TlsSettings {
  /** The first one answers clients that name no host, or one that no certificate has. */
  readonly credentials: readonly Credential[];
  readonly minVersion: TlsVersion;
  /** OpenSSL's list for TLS 1.2 and 1.3. */
  readonly ciphers: string;
  /** HTTP/2 is offered by ALPN (RFC 7301). */
  readonly http2: boolean;
}

/**
 * Mozilla's "intermediate" list: forward secrecy and authenticated encryption alone, in TLS 1.2 too. AES comes first
 * where the processor has it, which the client's order decides in TLS 1.3.
 */
export const MODERN_CIPHERS = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':');

/** Bytes of the keys that seal session tickets; all threads have the same (`tls.Server.setTicketKeys`). */
export const TICKET_KEY_BYTES = 48;
/** Keys are changed so often. A session from before has a whole handshake again. */
export const TICKET_KEY_LIFETIME_MS = 12 * 3_600_000;

/** What TLS has done, in one thread. */
export class TlsStatistics {
  connections = 0;
  openConnections = 0;
  /** Handshakes that ended well: of each version, and those that went on with an earlier session. */
  tls12 = 0;
  tls13 = 0;
  resumed = 0;
  /** Handshakes that failed, for whatever reason, and those that took too long. */
  failed = 0;
  timeouts = 0;
  /** Sessions of HTTP/2, and the requests on them. */
  http2Sessions = 0;
  http2Streams = 0;
}
