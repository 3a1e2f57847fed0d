/**
 * RFC 9293 section 3.10.7.4: a segment arrives in SYN-RECEIVED, ESTABLISHED, FIN-WAIT-1, FIN-WAIT-2, CLOSE-WAIT,
 * CLOSING or LAST-ACK. (TIME-WAIT has a file of its own.) The eight steps are below, in the RFC's order and under its
 * names. Each returns false when nothing more is to be done with the segment.
 */

import { ACK, ECE, FIN, RST, SYN, URG } from '../../wire/tcp.js';
import type { ControlBlock } from '../block/control-block.js';
import { takeEvent } from '../block/transition.js';
import { endConnection, enterTimeWait } from '../life/end.js';
import { establish } from '../life/open.js';
import { isOver, reportAcknowledged, reportEnd, reportUrgent } from '../life/program.js';
import { armFinWait } from '../life/silence-timers.js';
import {
  countMark,
  isRepeatedData,
  noteRepeatedData,
  reflectMark,
  takeRepeatedAccurateSyn,
  takeThirdAck,
} from '../loss/accurate-ecn.js';
import { reduceOnce, takeMark } from '../loss/ecn.js';
import type { AccurateEcnState } from '../parts/accurate-ecn-state.js';
import { Reassembly } from '../parts/reassembly.js';
import type { Segment } from '../segment.js';
import { challengeAck, outOfWindowAckAllowed } from '../send/challenge-ack.js';
import { emitAck } from '../send/emit.js';
import { output, resend } from '../send/output.js';
import { receiveWindow } from '../send/receive-window.js';
import { resetAnswer } from '../send/reset.js';
import { add, distance, earlier, isAfter, isAtOrBefore, isBefore, isInWindow, type Sequence } from '../sequence.js';
import {
  ABORT_CALL,
  FIN_ACKNOWLEDGED,
  FIN_ARRIVES,
  isSynchronized,
  LAST_ACK,
  mayReceive,
  RESET_ARRIVES,
  SYN_RECEIVED,
  TIME_WAIT,
} from '../state.js';
import { FIN_WAIT } from '../timers.js';
import { isOlder } from '../wrapping.js';
import { acknowledge } from './acknowledge.js';
import { receiveText } from './receive-text.js';

/** RFC 7323 section 5.5: a timestamp this old (24 days) is not compared any more. */
const TIMESTAMP_LIFETIME_MS = 24 * 24 * 3600 * 1000;

/** The way of every segment of a connection that has seen the peer's SYN. */
export function arrivesInOtherStates(tcb: ControlBlock, segment: Segment): void {
  if (tcb.state === SYN_RECEIVED && !takeRepeatedSyn(tcb, segment)) return;
  if (!checkTimestamp(tcb, segment)) return;
  const { dataLength } = segment;
  if (!firstCheckSequence(tcb, segment)) return;
  if (tcb.accurateEcn !== null) countMark(tcb, tcb.accurateEcn, segment, dataLength);
  tcb.rcv.lastHeardMs = tcb.host.clock.milliseconds;
  if (segment.has(RST)) {
    secondCheckRst(tcb, segment);
    return;
  }
  // Third, security and compartment: not implemented.
  if (segment.has(SYN)) {
    fourthCheckSyn(tcb);
    return;
  }
  if (!segment.has(ACK) || !fifthCheckAck(tcb, segment)) return;
  finishSynchronized(tcb, segment);
}

/** Steps six to eight, and then all that there is to send. Also for data that follows the SYN of a SYN-ACK. */
export function finishSynchronized(tcb: ControlBlock, segment: Segment): void {
  if (segment.has(URG)) sixthCheckUrgent(tcb, segment);
  if (segment.dataTo > segment.dataFrom) seventhProcessText(tcb, segment);
  if (isOver(tcb)) return;
  eighthCheckFin(tcb, segment);
  if (!isOver(tcb)) output(tcb);
}

/**
 * In SYN-RECEIVED the peer's SYN may come again, from before the window. If it comes alone, our SYN-ACK was lost and
 * goes again. If it acknowledges our SYN, both sides have opened at once (section 3.5, figure 7), and only the rest of
 * this SYN-ACK is new.
 */
function takeRepeatedSyn(tcb: ControlBlock, segment: Segment): boolean {
  if ((segment.flags & (SYN | RST)) !== SYN || segment.sequence !== tcb.rcv.irs) return true;
  if (!segment.has(ACK)) {
    takeRepeatedAccurateSyn(tcb, segment);
    if (tcb.flight.first !== null) resend(tcb, tcb.flight.first, tcb.snd.mss);
    return false;
  }
  if (tcb.listener !== null) return true;
  segment.trimSyn();
  tcb.rcv.ackNow = true;
  return true;
}

/**
 * Before the first step: protection against old segments with wrapped numbers, RFC 7323 section 5.3 (PAWS), steps R1
 * to R3. A segment without the agreed option is taken, as in Linux, because some peers leave it out of keep-alives.
 * With `requireTimestamps` it is dropped (section 3.2). A reset is never dropped for that. A SYN is challenged in any
 * case (RFC 5961 section 4.2), since a peer that has restarted may ask for fewer options than before.
 */
function checkTimestamp(tcb: ControlBlock, segment: Segment): boolean {
  const { rcv } = tcb;
  if (!tcb.usesTimestamps || segment.has(RST)) return true;
  const options = segment.options;
  if (!options.hasTimestamps) return segment.has(SYN) || !tcb.host.settings.requireTimestamps;
  const age = tcb.host.clock.milliseconds - rcv.tsRecentMs;
  if (isOlder(options.timestampValue, rcv.tsRecent) && age < TIMESTAMP_LIFETIME_MS) {
    tcb.host.statistics.pawsDropped++;
    if (outOfWindowAckAllowed(tcb)) emitAck(tcb);
    return false;
  }
  // Section 4.3: the timestamp is to be echoed if the segment spans the last ACK sent, and once its ACK has been
  // believed.
  segment.bringsTimestamp = isAtOrBefore(segment.sequence, tcb.rcv.lastAckSent);
  return true;
}

/** RFC 7323 section 4.3, step 2: TS.Recent. */
function takeTimestamp(tcb: ControlBlock, segment: Segment): void {
  if (!segment.bringsTimestamp) return;
  tcb.rcv.tsRecent = segment.options.timestampValue;
  tcb.rcv.tsRecentMs = tcb.host.clock.milliseconds;
}

/** First, check sequence number: some of the segment must lie in the receive window; the rest is cut off. */
function firstCheckSequence(tcb: ControlBlock, segment: Segment): boolean {
  const nxt = tcb.rcv.nxt;
  const window = receiveWindow(tcb);
  const length = segment.length;
  // The ordinary case: the segment is the next one, and fits.
  if (segment.sequence === nxt && length <= window) return true;
  if (!isAcceptable(segment, nxt, window, length)) {
    rejectOutsideWindow(tcb, segment);
    return false;
  }
  trimToWindow(tcb, segment, nxt, window);
  return true;
}

/**
 * RFC 9293 section 3.4, table 6. A segment at RCV.NXT counts even at a zero window: its ACK, URG and RST matter
 * (MUST-66).
 */
function isAcceptable(segment: Segment, nxt: Sequence, window: number, length: number): boolean {
  if (window === 0) return segment.sequence === nxt;
  if (isInWindow(segment.sequence, nxt, window)) return true;
  return length > 0 && isInWindow(add(segment.end, -1), nxt, window);
}

/**
 * A segment that is not acceptable is answered with an ACK, so that a peer that has missed our last ACK can go on
 * (9293-E4). A reset is dropped.
 */
function rejectOutsideWindow(tcb: ControlBlock, segment: Segment): void {
  tcb.host.statistics.outsideWindow++;
  if (segment.has(RST)) return;
  const { length, sequence } = segment;
  if (length > 0 && !segment.has(SYN) && isBefore(sequence, tcb.rcv.nxt)) {
    if (tcb.accurateEcn !== null && segment.dataLength > 0) takeRepeatedData(tcb, tcb.accurateEcn, segment);
    // We have this data or FIN already: D-SACK tells the sender that it came twice (RFC 2883 section 4.1). At a zero
    // window some of it may be new, and is not taken.
    tcb.rcv.duplicateFrom = sequence;
    tcb.rcv.duplicateTo = earlier(segment.end, tcb.rcv.nxt);
    tcb.host.statistics.duplicates++;
    emitAck(tcb);
  } else if (outOfWindowAckAllowed(tcb)) {
    reflectAgain(tcb, segment);
    emitAck(tcb);
  }
}

/** Accurate ECN counts repeated data too, and learns from it whether its option gets through. */
function takeRepeatedData(tcb: ControlBlock, state: AccurateEcnState, segment: Segment): void {
  if (!isRepeatedData(tcb, segment)) return;
  countMark(tcb, state, segment, segment.dataLength);
  noteRepeatedData(state, segment.sequence, add(segment.sequence, segment.dataLength));
}

/**
 * "Segments with higher beginning sequence numbers should be held". What lies outside the window on either side is cut
 * off.
 */
function trimToWindow(tcb: ControlBlock, segment: Segment, nxt: Sequence, window: number): void {
  const old = distance(segment.sequence, nxt);
  if (old > 0) {
    // For SYN and RST the next steps need the number as it was sent: by RFC 5961 only the exact one resets.
    if (segment.has(SYN | RST)) return;
    // The old part is cut off and acknowledged at once (RFC 5681 section 4.2).
    tcb.rcv.duplicateFrom = segment.sequence;
    tcb.rcv.duplicateTo = nxt;
    segment.trimFront(Math.min(old, segment.dataLength));
    tcb.rcv.ackNow = true;
  }
  const beyond = distance(add(nxt, window), add(segment.sequence, segment.dataLength));
  // A zero window has no room for a FIN alone, either.
  if (beyond > 0 || (beyond === 0 && window === 0 && segment.has(FIN))) {
    segment.trimBack(segment.dataLength - beyond);
    tcb.rcv.ackNow = true;
  }
}

/**
 * Second, check the RST bit, by RFC 5961 section 3.2: only the exact number resets; another number in the window is
 * challenged.
 */
function secondCheckRst(tcb: ControlBlock, segment: Segment): void {
  if (segment.sequence !== tcb.rcv.nxt) {
    challengeAck(tcb);
    return;
  }
  tcb.host.statistics.resetsReceived++;
  endConnection(tcb, RESET_ARRIVES, tcb.state === SYN_RECEIVED && tcb.listener === null ? 'refused' : 'reset');
}

/** Fourth, check the SYN bit: RFC 5961 section 4.2, a challenge. */
function fourthCheckSyn(tcb: ControlBlock): void {
  challengeAck(tcb);
}

/** The peer's SYN-ACK again: our ACK of it was lost. With Accurate ECN, our next ACK tells how this copy came. */
function reflectAgain({ accurateEcn, listener }: ControlBlock, segment: Segment): void {
  if (accurateEcn === null || listener !== null || !segment.has(SYN) || !segment.has(ACK)) return;
  reflectMark(accurateEcn, segment);
}

/** Fifth, check the ACK field. */
function fifthCheckAck(tcb: ControlBlock, segment: Segment): boolean {
  const { snd } = tcb;
  const ack = segment.acknowledgment;
  if (tcb.state === SYN_RECEIVED) {
    if (!isAfter(ack, snd.una) || isAfter(ack, snd.nxt)) {
      resetAnswer(tcb.host, segment, tcb.preferences);
      return false;
    }
    takeMark(tcb, segment);
    if (tcb.accurateEcn !== null && tcb.listener !== null) takeThirdAck(tcb, tcb.accurateEcn, segment);
    return completeHandshake(tcb, segment);
  }
  // RFC 5961 section 5.2: an ACK of data that we have not sent yet, or one older than any segment in the network can
  // be, is not believed.
  if (isAfter(ack, snd.nxt) || isBefore(ack, add(snd.una, -snd.maxWindow))) {
    challengeAck(tcb);
    return false;
  }
  takeMark(tcb, segment);
  takeTimestamp(tcb, segment);
  if (isBefore(ack, snd.una)) return true;
  return acknowledgeAndAdvance(tcb, segment);
}

/** SYN-RECEIVED: our SYN is acknowledged, and perhaps more is. */
function completeHandshake(tcb: ControlBlock, segment: Segment): boolean {
  takeTimestamp(tcb, segment);
  acknowledge(tcb, segment);
  establish(tcb);
  return isSynchronized(tcb.state);
}

/** ESTABLISHED and later: the ACK itself, and what it means when it covers our FIN. */
function acknowledgeAndAdvance(tcb: ControlBlock, segment: Segment): boolean {
  const advanced = segment.acknowledgment !== tcb.snd.una;
  if (tcb.usesEcn && segment.has(ECE)) reduceOnce(tcb);
  acknowledge(tcb, segment);
  if (!advanced) return true;
  tcb.snd.moreToCome = false;
  if (tcb.snd.finSent && tcb.snd.una === tcb.snd.nxt) return finAcknowledged(tcb);
  reportAcknowledged(tcb);
  return !isOver(tcb);
}

/** Our FIN is acknowledged: FIN-WAIT-1 to FIN-WAIT-2, CLOSING to TIME-WAIT, LAST-ACK to the end. */
function finAcknowledged(tcb: ControlBlock): boolean {
  if (tcb.state === LAST_ACK) {
    endConnection(tcb, FIN_ACKNOWLEDGED, 'closed');
    return false;
  }
  takeEvent(tcb, FIN_ACKNOWLEDGED);
  if (tcb.state === TIME_WAIT) {
    enterTimeWait(tcb);
    return false;
  }
  armFinWait(tcb);
  reportAcknowledged(tcb); // data may have been acknowledged with the FIN
  return !isOver(tcb);
}

/**
 * Sixth, check the URG bit: urgent data is taken in line with the rest, as RFC 6093 advises. We remember where it
 * ends.
 */
function sixthCheckUrgent(tcb: ControlBlock, segment: Segment): void {
  if (!mayReceive(tcb.state)) return;
  const up = add(segment.sequence, segment.urgentPointer);
  if (tcb.rcv.urgent && !isAfter(up, tcb.rcv.up)) return;
  if (!isAfter(up, tcb.rcv.nxt)) return;
  tcb.rcv.up = up;
  tcb.rcv.urgent = true;
  reportUrgent(tcb);
}

/** Seventh, process the segment text. After the peer's FIN there should be none. */
function seventhProcessText(tcb: ControlBlock, segment: Segment): void {
  if (!mayReceive(tcb.state)) return;
  if (tcb.readingOver) {
    // The program has closed and wants nothing more: the peer should know that its data is lost (RFC 2525 section 2.17,
    // LX-1).
    resetAnswer(tcb.host, segment, tcb.preferences);
    endConnection(tcb, ABORT_CALL, 'aborted');
    return;
  }
  receiveText(tcb, segment);
}

/** Eighth, check the FIN bit: in order only, at once or when the gap before it is filled (9293-E8). */
function eighthCheckFin(tcb: ControlBlock, segment: Segment): void {
  if (segment.has(FIN) && mayReceive(tcb.state)) {
    const finAt = add(segment.sequence, segment.dataLength);
    if (finAt !== tcb.rcv.nxt) {
      if (isAfter(finAt, tcb.rcv.nxt)) keepFin(tcb, finAt);
      tcb.rcv.ackNow = true;
      return;
    }
    finArrives(tcb);
    return;
  }
  if (tcb.reassembly?.hasFinAt(tcb.rcv.nxt)) finArrives(tcb);
}

/** Keeps a FIN with a gap before it. If it was here already, the next ACK reports its number too (RFC 2883). */
function keepFin(tcb: ControlBlock, finAt: Sequence): void {
  const { rcv } = tcb;
  tcb.reassembly ??= new Reassembly();
  if (!tcb.reassembly.hasFinAt(finAt)) tcb.reassembly.keepFin(finAt);
  else if (rcv.duplicateFrom === rcv.duplicateTo) {
    rcv.duplicateFrom = finAt;
    rcv.duplicateTo = add(finAt, 1);
  } else if (rcv.duplicateTo === finAt) rcv.duplicateTo = add(finAt, 1);
}

/** The peer has sent all: acknowledge the FIN, tell the program, and go on to the next state. */
function finArrives(tcb: ControlBlock): void {
  // Data beyond the peer's own FIN makes no sense and is dropped.
  tcb.host.bufferedBytes -= tcb.reassembly?.bytes ?? 0;
  tcb.reassembly = null;
  tcb.rcv.nxt = add(tcb.rcv.nxt, 1);
  tcb.rcv.finReceived = true;
  tcb.rcv.ackNow = true;
  takeEvent(tcb, FIN_ARRIVES);
  const isLast = tcb.state === TIME_WAIT;
  if (isLast) tcb.host.timers.stop(tcb, FIN_WAIT);
  reportEnd(tcb);
  if (isLast && !isOver(tcb)) enterTimeWait(tcb);
}
