/**
 * Explicit Congestion Notification: RFC 3168 section 6.1. Routers mark packets (CE) instead of dropping them; the receiver
 * tells the sender with ECE on every ACK until it hears CWR; the sender takes it for a loss, once a round trip, without
 * anything being lost.
 */
import { aceFlags, CE, ECN_BITS, ECT_0 } from '../../wire/accurate-ecn.js';
import { CWR, ECE } from '../../wire/tcp.js';
import type { ControlBlock } from '../block/control-block.js';
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
 * What is asked in our SYN: ECN-setup SYN has both flags (section 6.1.1), and AE for accurate feedback. A SYN that went
 * unanswered is sent again without, in case that something on the way does not like the flags; one that asks for accurate
 * feedback, which few know yet, only after a second try (RFC 9768 section 3.1.4.1).
 */
export function synFlags({ host, roundTrip }: ControlBlock): number {
  const { ecn } = host.settings;
  if (ecn === 'accurate') return roundTrip.backoff < 2 ? aceFlags(ASKS_ACCURATE) : 0;
  return (ecn === 'request' || ecn === 'accurate-request-classic') && roundTrip.backoff === 0 ? ECE | CWR : 0;
}

/** What our SYN-ACK answers: ECN-setup SYN-ACK has ECE alone (section 6.1.1); accurate feedback tells how the SYN came. */
export function synAckFlags(tcb: ControlBlock): number {
  if (tcb.accurateEcn !== null) return accurateSynAckFlags(tcb, tcb.accurateEcn);
  return tcb.agreed.ecn ? ECE : 0;
}

/** The peer's SYN asks for ECN: granted unless switched off. Any other form is none. */
export function acceptEcnSyn(tcb: ControlBlock, segment: Segment): void {
  if (acceptAccurateSyn(tcb, segment)) return;
  const asked = (segment.flags & (ECE | CWR)) === (ECE | CWR);
  tcb.agreed.ecn = asked && tcb.host.settings.ecn !== 'off';
}

/** The answer to our SYN: ECN-setup SYN-ACK has ECE alone. */
export function acceptEcnSynAck(tcb: ControlBlock, segment: Segment): void {
  // A SYN sent again without flags is no matter: the answer shows that the first one arrived.
  if (tcb.host.settings.ecn === 'accurate' && acceptAccurateSynAck(tcb, segment)) return;
  tcb.agreed.ecn = synFlags(tcb) !== 0 && segment.ace === GRANTS_CLASSIC;
}

/** What a segment says to us as the receiver: CWR, or a CE mark (section 6.1.3). */
export function takeMark(tcb: ControlBlock, segment: Segment): void {
  const { ecn } = tcb;
  if (!tcb.agreed.ecn) return;
  if (segment.flags & CWR) ecn.echo = false;
  if ((segment.packet.trafficClass & ECN_BITS) === CE) {
    ecn.echo = true;
    tcb.ack.now = true;
  }
}

/** An ACK with ECE, which is for us as the sender (section 6.1.2): one reduction for each window of data, however many say so. */
export function reduceOnce(tcb: ControlBlock): void {
  const { ecn, recovery, congestion, flight, snd } = tcb;
  if (ecn.reducing && isBefore(snd.una, ecn.point)) return;
  if (recovery.phase !== OPEN) return;
  congestion.onCongestion(flight.outstanding);
  startRateReduction(tcb, 0);
  ecn.reducing = true;
  ecn.point = snd.nxt;
  ecn.announce = tcb.agreed.ecn;
}

/**
 * A loss, which is answered for by recovery. Returns true if ECN has answered already for the same window of data: no second reduction
 * then. Else CWR tells the peer that there was one, so that what it has seen marked meanwhile does not make for another (section 6.1.2).
 */
export function lossDuringReduction({ ecn, snd, agreed }: ControlBlock): boolean {
  const answered = ecn.reducing && isBefore(snd.una, ecn.point);
  ecn.reducing = false;
  if (!answered) ecn.announce = agreed.ecn;
  return answered;
}

/**
 * While the reduction lasts, cwnd comes down with the ACKs; it is over when all that was out at its time is acknowledged.
 * @param isMarked the ACK reports more marks
 */
export function continueReduction(tcb: ControlBlock, isMarked: boolean, outcome: AckOutcome): void {
  const { ecn, congestion, recovery, snd } = tcb;
  if (!ecn.reducing || recovery.phase !== OPEN) return;
  if (isBefore(snd.una, ecn.point)) {
    // An ACK that reports congestion is not "safe" in RFC 9937's sense.
    proportionalRateReduction(tcb, outcome.delivered, outcome.acked > 0 && !isMarked);
    return;
  }
  ecn.reducing = false;
  congestion.cwnd = congestion.ssthresh;
}

/** Flags for an outgoing segment that carries an ACK: ECE while the peer has not reacted. */
export function ackFlags(tcb: ControlBlock): number {
  return tcb.ecn.echo ? ECE : 0;
}

/** Flags for new data: CWR once after a reduction. */
export function newDataFlags(tcb: ControlBlock): number {
  if (!tcb.ecn.announce) return 0;
  tcb.ecn.announce = false;
  return CWR;
}

/** The traffic class of new data, which alone may be marked: not a SYN, a pure ACK, a probe or data sent again (section 6.1.4 to 6.1.6). */
export function newDataTrafficClass(tcb: ControlBlock): number {
  return tcb.agreed.ecn ? tcb.preferences.trafficClass | ECT_0 : tcb.preferences.trafficClass;
}
