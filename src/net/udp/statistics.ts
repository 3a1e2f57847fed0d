/** Counters of UDP. Each datagram that is dropped ends in exactly one counter that says why. */
import type { PayloadAccount } from '../wire/summed-bytes.js';

/**
 * The counters of UDP.
 *
 * @example
 * ```ts
 * import type { Stack } from 'fastpath';
 *
 * declare const stack: Stack;
 * console.log(stack.statistics.udp.delivered, stack.statistics.udp.noPort);
 * ```
 */
export class UdpStatistics implements PayloadAccount {
  /** Datagrams that a handler got; one that several members of a group got counts once for each. */
  delivered = 0;
  sent = 0;
  /** Datagrams that the device or the internet layer did not take. */
  sendFailures = 0;
  /** Shorter than a header, or with a length that the packet does not have. */
  malformed = 0;
  badChecksum = 0;
  /** Without a checksum, in IPv6 or where the port demands one. */
  noChecksum = 0;
  /** From an address that nobody can answer. */
  badSource = 0;
  /** For a port that nobody is bound to. */
  noPort = 0;
  /** Below the least TTL of the port (RFC 5082). */
  lowTimeToLive = 0;
  /** ICMP errors that a port heard, and those about a datagram that no port can have sent. */
  errorsReceived = 0;
  errorsIgnored = 0;
  /** Bytes that were read for a checksum because no table has their sum. */
  payloadBytesRead = 0;
}
