/**
 * How large the peer's full segments are. RFC 9293 section 3.8.6.3 asks for an ACK "for at least every second
 * full-sized segment", and the peer decides how large its full segments are. Its path may take less than ours, and it
 * does not tell us how it uses our MSS. So we estimate the size from what arrives (Linux: tcp_measure_rcv_mss).
 */

/** The first guess, and the size from which on a segment counts as full though it has PSH: what every path takes. */
export const DEFAULT_SIZE = 536;
/** The least size of a full segment. */
const LEAST_SIZE = 88;

/** What is known of the peer's segments; a part of the connection's RCV variables. */
export interface PeerSegments {
  /** The payload of a full segment, bytes. */
  fullSegment: number;
  /** The size of the segment before, if that may have been full though it was smaller than `fullSegment`; else 0. */
  smallerSegment: number;
}

/** Both SYNs are known: the first guess is small, so that the first ACKs come early rather than late. */
export function guessSegmentSize(peer: PeerSegments, mss: number): void {
  peer.fullSegment = Math.max(LEAST_SIZE, Math.min(DEFAULT_SIZE, mss));
  peer.smallerSegment = 0;
}

/**
 * Takes in a segment that has arrived.
 * @param payload its bytes of data; of a super-segment, those of one of its segments
 * @param invariant the same, with the room that options took beyond those of every segment: SACK blocks come and go
 * @param endsWrite it has PSH, URG or FIN: it may be the short end of something
 * @param most the MSS that we have offered
 */
export function noteSegmentSize(
  peer: PeerSegments,
  payload: number,
  invariant: number,
  endsWrite: boolean,
  most: number,
): void {
  const before = peer.smallerSegment;
  peer.smallerSegment = 0;
  if (payload >= peer.fullSegment) {
    peer.fullSegment = Math.min(payload, most);
    return;
  }
  if (invariant < (endsWrite ? DEFAULT_SIZE : LEAST_SIZE)) return;
  // Two of the same size in a row: the peer's segments are smaller now.
  if (invariant === before) peer.fullSegment = invariant;
  peer.smallerSegment = invariant;
}
