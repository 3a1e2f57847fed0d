/** What the DNS server may be told, beside its zones. */
import type { RateLimits } from './rate-limit.js';

export interface DnsSettings {
  /** The largest answer over UDP, bytes: 512 to 4096. */
  readonly payloadBytes: number;
  readonly rateLimits: RateLimits;
  /** 16 bytes that all servers of an address share (RFC 9018 section 5). */
  readonly cookieSecret: Uint8Array;
  /** Who may transfer which zone. */
  readonly transfers: readonly TransferRule[];
  /** The answer to version.bind in class CH; undefined: refused. */
  readonly version?: string | undefined;
  /** The answer to hostname.bind and id.server, and to NSID (RFC 5001); undefined: refused. */
  readonly identity?: string | undefined;
  /** Connections at a time, and from one address. */
  readonly connections: number;
  readonly connectionsPerClient: number;
  /** How long a connection may be idle, seconds: RFC 7766 section 6.2.3. */
  readonly idleSeconds: number;
}

/** Networks, like 192.0.2.0/24, that may transfer a zone. */
export interface TransferRule {
  /** In the form of a message. */
  readonly zone: Uint8Array;
  readonly networks: readonly string[];
}

/** 1232 bytes pass everywhere without fragments (DNS flag day 2020). */
export const DEFAULT_PAYLOAD_BYTES = 1232;
export const DEFAULT_CONNECTIONS = 1000;
export const DEFAULT_CONNECTIONS_PER_CLIENT = 50;
export const DEFAULT_IDLE_SECONDS = 10;
