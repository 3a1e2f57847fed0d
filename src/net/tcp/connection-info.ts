/**
 * STATUS (RFC 9293 section 3.10.6): what a connection tells about itself (Linux: TCP_INFO). life/status.ts fills it in.
 */

/**
 * Sizes in bytes, times in microseconds, sequence numbers unsigned.
 *
 * @example
 * ```ts
 * import type { Connection } from 'fastpath';
 *
 * export function describe(connection: Connection): string {
 *   const { state, smoothedRtt, congestionWindow } = connection.info();
 *   return `${state}: round trip ${smoothedRtt} µs, cwnd ${congestionWindow} bytes`;
 * }
 * ```
 */
export interface ConnectionInfo {
  readonly state: string;
  readonly iss: number;
  readonly irs: number;
  readonly sndUna: number;
  readonly sndNxt: number;
  readonly sndWnd: number;
  readonly rcvNxt: number;
  readonly rcvWnd: number;
  /** Payload of a full segment now, the MSS option we sent, the peer's, and the path MTU. */
  readonly sendMss: number;
  readonly offeredMss: number;
  readonly peerMss: number;
  readonly pathMtu: number;
  readonly windowScaling: boolean;
  readonly sendScale: number;
  readonly receiveScale: number;
  readonly timestamps: boolean;
  readonly sack: boolean;
  readonly ecn: boolean;
  /** Null unless accurate ECN is agreed on; then `ecn` is true as well. */
  readonly accurateEcn: AccurateEcnInfo | null;
  readonly congestionControl: string;
  readonly congestionWindow: number;
  /** Infinity: not set yet. */
  readonly slowStartThreshold: number;
  /** Linux's names: open, disorder (SACK or duplicate ACKs, nothing taken for lost), cwr, recovery, loss. */
  readonly congestionState: 'open' | 'disorder' | 'cwr' | 'recovery' | 'loss';
  /** The rate that it keeps to, bytes a second; 0: none of its own. */
  readonly pacingRate: number;
  readonly rto: number;
  readonly smoothedRtt: number;
  readonly rttVariance: number;
  readonly minimumRtt: number;
  /** How often `rto` has doubled since the last round-trip sample (Linux: tcpi_backoff, for this timer). */
  readonly backoff: number;
  /** How often the retransmission timer has expired without progress since (Linux: tcpi_retransmits). */
  readonly timeouts: number;
  readonly probes: number;
  /** In segments of `sendMss`, rounded up. */
  readonly unackedSegments: number;
  readonly sackedSegments: number;
  readonly lostSegments: number;
  readonly resentSegments: number;
  /** How often the network was seen to reorder, and by how many segments at most (3 at first: DupThresh). */
  readonly reorderings: number;
  readonly reordering: number;
  readonly queuedBytes: number;
  readonly unsentBytes: number;
  readonly unreadBytes: number;
  readonly outOfOrderBytes: number;
  readonly totalRetransmits: number;
  /** Modulo 2^32. */
  readonly bytesAcked: number;
  readonly bytesReceived: number;
}

/**
 * What accurate ECN has counted (RFC 9768): as the receiver, and as the sender from the peer's feedback.
 *
 * @example
 * ```ts
 * import type { Connection } from 'fastpath';
 *
 * export const marked = (connection: Connection) => connection.info().accurateEcn?.deliveredCe ?? 0;
 * ```
 */
export interface AccurateEcnInfo {
  /** What we send may carry ECT: nothing on the way was seen to change marks or flags. */
  readonly mayMark: boolean;
  /** The peer's option has come and is believed; ours is not known to be in the way. */
  readonly optionSeen: boolean;
  readonly optionFailed: boolean;
  readonly receivedCe: number;
  readonly receivedCeBytes: number;
  readonly receivedEct0Bytes: number;
  readonly receivedEct1Bytes: number;
  readonly deliveredCe: number;
  readonly deliveredCeBytes: number;
  readonly deliveredEct0Bytes: number;
  readonly deliveredEct1Bytes: number;
}
