/**
 * What loss recovery remembers about a connection: RFC 6582 (recovery point), RFC 8985 (RACK, TLP), RFC 9937 (PRR,
 * once RFC 6937). Data only; loss-detection.ts, recovery.ts and loss-probe.ts work on it.
 * The fields that every ACK or segment touches stand first.
 */
import { type Sequence, ZERO } from '../sequence.js';

/** Nothing is known to be lost. */
export const OPEN = 0;
/** Fast recovery: something was lost, and ACKs still come. */
export const RECOVERY = 1;
/** After a retransmission time-out. */
export const LOSS = 2;
export type Phase = 0 | 1 | 2;

/** How far Eifel detection is: it asks once in each episode of recovery. */
export const NOTHING_RESENT = 0;
export const WAITING_FOR_VERDICT = 1;
export const JUDGED = 2;

/**
 * F-RTO asks whether a time-out was needed. It asks nothing now, or waits for the first ACK after the time-out, or for
 * the second. While it waits for the second, new data is sent and not what counts as lost.
 */
export const NO_QUESTION = 0;
export const FIRST_ACK = 1;
export const SECOND_ACK = 2;

export class Recovery {
  phase: Phase = OPEN;
  /** A tail loss probe is out: RFC 8985 section 7. */
  probeOut = false;
  /** How far F-RTO is (RFC 5682 section 2.1). */
  forwardRto: typeof NO_QUESTION | typeof FIRST_ACK | typeof SECOND_ACK = NO_QUESTION;
  /**
   * cwnd may grow only when it is in full use (RFC 7661; RFC 9438 section 4.2). These three fields are about the
   * present window of data: whether sending stopped because cwnd was used up, the most bytes that were in flight, and
   * where the window ends.
   */
  windowLimited = false;
  mostInFlight = 0;
  usageTo: Sequence = ZERO;
  /** Duplicate ACKs in a row; without SACK each stands for a segment that has left the network. */
  duplicateAcks = 0;
  /** RFC 9937 section 5: prr_out. */
  prrOut = 0;

  /**
   * SND.NXT when recovery began: it ends when this is acknowledged. Afterwards it guards against a second fast
   * retransmit of the same window (RFC 6582 section 3.2, "recover"). ISS before the first recovery.
   */
  point: Sequence = ZERO;

  /**
   * RFC 8985 section 5.2: RACK.xmit_ts (as the order of transmissions), RACK.end_seq and RACK.rtt of the latest
   * transmission that has arrived.
   */
  rackValid = false;
  rackOrder = 0;
  rackTo: Sequence = ZERO;
  rackRtt = 0;
  /** RACK.reordering_seen, RACK.reo_wnd_mult, and the number of recoveries for which the latter still holds. */
  reorderingSeen = false;
  /**
   * How often reordering was seen, and by how many segments at most; for people (Linux: tcpi_reord_seen,
   * tcpi_reordering).
   */
  reorderings = 0;
  reorderingDegree = 3;
  reorderingSteps = 1;
  reorderingPersist = 16;
  /** Up to where D-SACKs have already widened the window in this round. ISS before the first. */
  reorderingRound: Sequence = ZERO;

  /** RFC 8985 section 7: TLP.end_seq, TLP.is_retrans, while a probe is out. */
  probeTo: Sequence = ZERO;
  probeResent = false;

  /** RFC 9937 section 5: prr_delivered and RecoverFS. */
  prrDelivered = 0;
  prrFlight = 0;

  /**
   * RFC 3522 (Eifel): where the first retransmission of this episode begins, and its timestamp. The first ACK that
   * covers it judges: if the ACK echoes an older timestamp, the original had arrived.
   */
  eifel: typeof NOTHING_RESENT | typeof WAITING_FOR_VERDICT | typeof JUDGED = NOTHING_RESENT;
  resendFrom: Sequence = ZERO;
  resendStamp = 0;
  /** Segments of this connection sent again, ever. */
  totalResends = 0;

  /** The connection has chosen its first sequence number. What is acknowledged later lies after these marks. */
  startAt(iss: Sequence): void {
    this.point = iss;
    this.reorderingRound = iss;
  }
}
