/**
 * TCP's counters since the start, similar to those in the MIB of RFC 4022. They are plain numbers. Their names
 * document them.
 */
import type { PayloadAccount } from '../wire/summed-bytes.js';

/**
 * TCP's counters since the start of the stack.
 *
 * @example
 * ```ts
 * import type { Stack } from 'fastpath';
 *
 * declare const stack: Stack;
 * const { bytesSent, bytesRetransmitted } = stack.statistics.tcp;
 * console.log(`sent again: ${((bytesRetransmitted / bytesSent) * 100).toFixed(1)} %`);
 * ```
 */
export class TcpStatistics implements PayloadAccount {
  segmentsReceived = 0;
  segmentsSent = 0;
  /** Payload, each byte counted when it was first sent or newly received. */
  bytesReceived = 0;
  bytesSent = 0;
  /** Our payload that the peers have acknowledged: it has really arrived. */
  bytesAcknowledged = 0;
  /**
   * Payload bytes that our own code has read or copied to send them: 0 as long as all of it comes from the cache on
   * block edges.
   */
  payloadBytesRead = 0;

  /** Payload of connections that a rate bounds, and the part of it that had to wait for its turn. */
  bytesPaced = 0;
  bytesDelayed = 0;

  malformed = 0;
  badChecksum = 0;
  /** Segments for no connection and no listener. */
  noConnection = 0;
  resetsSent = 0;
  resetsReceived = 0;

  connectionsAccepted = 0;
  connectionsOpened = 0;
  connectionsClosed = 0;
  connectionsAborted = 0;
  /** SYNs not answered because a backlog or the table was full. */
  backlogOverflows = 0;
  /** SYN cookies given, and taken back. RFC 4987 section 3.6. */
  cookiesSent = 0;
  cookiesAccepted = 0;
  timeWaits = 0;
  /** TIME-WAIT states ended early because there were too many. */
  timeWaitsDropped = 0;

  /** Segments sent again, whatever the reason; and the bytes. */
  retransmits = 0;
  bytesRetransmitted = 0;
  fastRetransmits = 0;
  timeouts = 0;
  lossProbes = 0;
  /**
   * ACKs that report something as received twice (D-SACK, RFC 2883): a segment was sent again that had not been lost.
   */
  duplicateSacks = 0;
  /** Connections on whose path large segments vanish, and probes for a larger size. RFC 4821. */
  blackHoles = 0;
  pathProbes = 0;
  /** Reductions of the window that turned out to be unnecessary. */
  spuriousRecoveries = 0;
  /**
   * Connections that have agreed on accurate ECN, and those where something on the way changes marks or flags. RFC
   * 9768.
   */
  accurateEcn = 0;
  accurateEcnMangled = 0;
  /** On those connections: packets that came to us with CE, and packets of ours that the peers reported with CE. */
  ceReceived = 0;
  ceReported = 0;
  windowProbes = 0;
  keepAliveProbes = 0;

  outOfOrder = 0;
  duplicates = 0;
  /** Received and dropped: outside the window, or an old timestamp (PAWS). */
  outsideWindow = 0;
  pawsDropped = 0;
  /** Received with a smaller TTL or hop limit than a program asks for, and dropped (RFC 5082). */
  belowMinimumTtl = 0;
  challengeAcks = 0;
  /** Events that no state of a connection allows: a mistake of this stack. It should be 0. */
  impossibleEvents = 0;
  /** ICMP errors that quote nothing we have in flight (RFC 5927). */
  icmpIgnored = 0;
  /** Out-of-order data dropped because the host's memory bound was reached. */
  reassemblyDropped = 0;
  /** The same for data in order that the program was too slow to take. */
  receiveDropped = 0;
}
