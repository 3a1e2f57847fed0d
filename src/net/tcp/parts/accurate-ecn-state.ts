/** The state of Accurate ECN for one connection (RFC 9768 section 3.2). Data only; loss/accurate-ecn.ts works on it. */
import { NOT_ECT } from '../../wire/accurate-ecn.js';
import { type Sequence, ZERO } from '../sequence.js';

/** What has been seen of the peer's option. */
export const NONE_SEEN = 0;
export const EMPTY_SEEN = 1;
export const COUNTERS_SEEN = 2;
/** It came with counters that were zeroed on the way: it is not believed. */
export const ZEROED = 3;
export type OptionSeen = 0 | 1 | 2 | 3;

export class AccurateEcnState {
  /**
   * As the receiver: packets with CE (r.cep), and bytes of payload by mark (r.e1b, r.ceb, r.e0b); they wrap at 2^31.
   */
  receivedCe = 0;
  receivedEct1Bytes = 0;
  receivedCeBytes = 0;
  receivedEct0Bytes = 0;
  /** CE packets since the last ACK. */
  unreportedCe = 0;
  /** The mark of the last packet. */
  lastMark = NOT_ECT;
  /** How many counters the option must have, to report what has come. */
  countersNeeded = 0;
  /** In how many ACKs more the option is due. */
  optionsDue = 0;
  /** When the option was last sent, a stamp of the clock. */
  optionSentAt = 0;
  /** The range of the last D-SACK that was sent together with the option. */
  duplicateFrom: Sequence = ZERO;
  duplicateTo: Sequence = ZERO;
  /** Packets with the option do not get through: it is left out. */
  optionFailed = false;

  /** As the sender: the same counters as the peer has reported them (s.cep and so on). */
  deliveredCe = 0;
  deliveredEct1Bytes = 0;
  deliveredCeBytes = 0;
  deliveredEct0Bytes = 0;
  optionSeen: OptionSeen = NONE_SEEN;
  /** Segments an ACK has covered of late, on average, times 64. */
  ackedTimes64 = 0;
  /** TSval of the last ACK that was counted. */
  timestamp = 0;
  /** What we send may carry ECT: the handshake has shown no mangling of the IP header or the flags. */
  mayMark = true;

  /** The mark that the peer's SYN or SYN-ACK came with: it is told in our SYN-ACK, or in the ACK of the handshake. */
  synMark = NOT_ECT;
  /** The next packet is that ACK. */
  reflects = false;
}
