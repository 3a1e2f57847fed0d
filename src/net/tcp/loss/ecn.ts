/**
 * Explicit Congestion Notification: RFC 3168 section 6.1. Routers mark packets (CE) instead of dropping them. The
 * receiver sets ECE on every ACK until it sees CWR. The sender reacts as to a loss, once a round trip, though nothing
 * is lost.
 */
import { aceFlags, CE, ECN_BITS, ECT_0 } from '../../wire/accurate-ecn.js';
import { CWR, ECE } from '../../wire/tcp.js';
import { type ControlBlock, EcnState, NO_MARKS } from '../block/control-block.js';
import type { AckOutcome } from '../parts/ack-outcome.js';
import { OPEN } from '../parts/recovery-state.js';
import type { Segment } from '../segment.js';
import { isBefore } from '../sequence.js';
import {
  ASKS_ACCURATE,
  acceptAccurateSyn,
  acceptAccurateSynAck,
  accurateSynAckFlags,
  GRANTS_CLASSIC,
} from './accurate-ecn.js';
import { proportionalRateReduction, startRateReduction } from './rate-reduction.js';

/**
 * The ECN flags of our SYN. An ECN-setup SYN has ECE and CWR (section 6.1.1), and AE if it asks for accurate
 * feedback. If it is not answered, something on the path may drop SYNs with these flags, so it is sent again without
 * them. A SYN that asks for accurate feedback keeps them for a second try (RFC 9768 section 3.1.4.1).
 */
export function synFlags({ host, snd }: ControlBlock): number {
  const { ecn } = host.settings;
  if (ecn === 'accurate') return snd.timeouts < 2 ? aceFlags(ASKS_ACCURATE) : 0;
  return (ecn === 'request' || ecn === 'accurate-request-classic') && snd.timeouts === 0 ? ECE | CWR : 0;
}

/** The ECN flags of our SYN-ACK: ECE alone for classic ECN (section 6.1.1); for accurate feedback how the SYN came. */
export function synAckFlags(tcb: ControlBlock): number {
  if (tcb.accurateEcn !== null) return accurateSynAckFlags(tcb, tcb.accurateEcn);
  return tcb.usesEcn ? ECE : 0;
}

/** Takes the peer's SYN. ECN is granted if it asks in one of the two ways, unless it is switched off. */
export function acceptEcnSyn(tcb: ControlBlock, segment: Segment): void {
  if (acceptAccurateSyn(tcb, segment)) return;
  const asked = (segment.flags & (ECE | CWR)) === (ECE | CWR);
  tcb.usesEcn = asked && tcb.host.settings.ecn !== 'off';
}

/** Takes the answer to our SYN. */
export function acceptEcnSynAck(tcb: ControlBlock, segment: Segment): void {
  // Even if the last SYN had no flags: the answer shows that an earlier one arrived.
  if (tcb.host.settings.ecn === 'accurate' && acceptAccurateSynAck(tcb, segment)) return;
  tcb.usesEcn = synFlags(tcb) !== 0 && segment.ace === GRANTS_CLASSIC;
}

/** The state of this connection, made now if it has none. */
function ownState(tcb: ControlBlock): EcnState {
  if (tcb.ecn === NO_MARKS) tcb.ecn = new EcnState();
  return tcb.ecn;
}

/** Takes what a segment tells us as the receiver: CWR, or a CE mark (section 6.1.3). */
export function takeMark(tcb: ControlBlock, segment: Segment): void {
  if (!tcb.usesEcn) return;
  const ecn = ownState(tcb);
  if (segment.flags & CWR) ecn.echo = false;
  if ((segment.packet.trafficClass & ECN_BITS) === CE) {
    ecn.echo = true;
    tcb.rcv.ackNow = true;
  }
}

/**
 * The peer reports marks (section 6.1.2): the window is reduced once for each window of data, however many ACKs say
 * so.
 */
export function reduceOnce(tcb: ControlBlock): void {
  const { recovery, congestion, flight, snd } = tcb;
  const ecn = ownState(tcb);
  if (ecn.reducing && isBefore(snd.una, ecn.point)) return;
  if (recovery.phase !== OPEN) return;
  congestion.onCongestion(flight.outstanding);
  startRateReduction(tcb, 0);
  ecn.reducing = true;
  ecn.point = snd.nxt;
  ecn.announce = tcb.usesEcn;
}

/**
 * A loss was found, and recovery reduces the window. Returns true if ECN has already reduced it for the same window
 * of data: then there is no second reduction. If not, CWR tells the peer that there was one, so that marks it has
 * seen in the meantime do not cause another (section 6.1.2).
 */
export function lossDuringReduction(tcb: ControlBlock): boolean {
  const { snd, usesEcn } = tcb;
  if (tcb.ecn === NO_MARKS && !usesEcn) return false;
  const ecn = ownState(tcb);
  const answered = ecn.reducing && isBefore(snd.una, ecn.point);
  ecn.reducing = false;
  if (!answered) ecn.announce = usesEcn;
  return answered;
}

/**
 * While a reduction lasts, cwnd comes down with each ACK. It ends when everything that was out when it began is
 * acknowledged. @param isMarked the ACK reports more marks
 */
export function continueReduction(tcb: ControlBlock, isMarked: boolean, outcome: AckOutcome): void {
  const { congestion, recovery, snd } = tcb;
  const ecn = ownState(tcb);
  if (!ecn.reducing || recovery.phase !== OPEN) return;
  if (isBefore(snd.una, ecn.point)) {
    // An ACK that reports congestion is not "safe" in RFC 9937's sense.
    proportionalRateReduction(tcb, outcome.delivered, outcome.acked > 0 && !isMarked);
    return;
  }
  ecn.reducing = false;
  congestion.cwnd = congestion.ssthresh;
}

/** The ECN flags of an ACK: ECE until the peer has reacted. */
export function ackFlags(tcb: ControlBlock): number {
  return tcb.ecn.echo ? ECE : 0;
}

/** The ECN flags of new data: CWR once after a reduction. */
export function newDataFlags(tcb: ControlBlock): number {
  if (!tcb.ecn.announce) return 0;
  ownState(tcb).announce = false;
  return CWR;
}

/** The traffic class of new data. SYNs, pure ACKs, probes and resends may not be marked (sections 6.1.4 to 6.1.6). */
export function newDataTrafficClass(tcb: ControlBlock): number {
  return tcb.usesEcn ? tcb.preferences.trafficClass | ECT_0 : tcb.preferences.trafficClass;
}
