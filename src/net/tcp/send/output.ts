/**
 * What may be sent now: RFC 9293 section 3.8.6.2.1 (silly windows), section 3.7.4 (Nagle), RFC 5681 (cwnd). It is
 * called once when an arriving segment has been dealt with, and whenever else there may be something to send.
 *
 *     SND.UNA                 SND.NXT                      SND.UNA+min(SND.WND, cwnd)     tail
 *        |-- in flight ----------|-- may be sent ---------------|-- must wait -------------|
 */

import { MILLISECOND } from '../../clock.js';
import { MAX_FRAGMENTS } from '../../device/frame.js';
import { ACK, FIN, PSH, SYN } from '../../wire/tcp.js';
import type { ControlBlock } from '../block/control-block.js';
import { timestampNow } from '../block/timestamp-clock.js';
import { newDataFlags, newDataTrafficClass, synAckFlags, synFlags } from '../loss/ecn.js';
import { hasUnsent, pipe } from '../loss/pipe.js';
import { armLossProbe, armPersist, armRetransmit } from '../loss/retransmit-timers.js';
import type { PacedFlow } from '../parts/pacer.js';
import { SEARCHING } from '../parts/path-search.js';
import { NOTHING_RESENT, RECOVERY, SECOND_ACK, WAITING_FOR_VERDICT } from '../parts/recovery-state.js';
import type { SendRoom } from '../parts/send-room.js';
import type { SentSegment } from '../parts/sent-segment.js';
import { add, distance, isAfter, isAtOrBefore, isBefore } from '../sequence.js';
import { mayTransmit } from '../state.js';
import { DELAYED_ACK, PACING, RETRANSMIT } from '../timers.js';
import { elapsed } from '../wrapping.js';
import { bigFrameLost, ORDINARY_FRAME } from './big-frame.js';
import { emitAck, emitSegment, extraOptionBytes } from './emit.js';
import { updateMss } from './mss.js';
import { notePathProbe, pathProbe, WAIT_FOR_ROOM } from './path-search.js';

/** A frame holds at most as much as the path takes in this many microseconds, as in Linux. */
const FRAME_TIME = 1000;

/** Sends what was lost, then what is new, as far as the windows allow; then an ACK if one is still due. */
export function output(tcb: ControlBlock): void {
  if (mayTransmit(tcb.state)) {
    if (tcb.flight.lostBytes > 0 && tcb.recovery.forwardRto !== SECOND_ACK) resendLost(tcb);
    if (hasUnsent(tcb)) {
      if (tcb.flight.outstanding === 0) restartAfterIdle(tcb);
      if (tcb.pathSearch.phase !== SEARCHING || sendPathProbe(tcb)) sendNew(tcb, tcb.congestion.cwnd);
    }
  }
  sendAckIfDue(tcb);
}

/**
 * Sends one full segment of new data beyond what is in flight, whatever cwnd says, unless something else forbids it.
 */
export function sendBeyondCwnd(tcb: ControlBlock): void {
  if (!mayTransmit(tcb.state) || !hasUnsent(tcb)) return;
  sendNew(tcb, tcb.flight.outstanding + tcb.snd.mss);
  sendAckIfDue(tcb);
}

function sendAckIfDue(tcb: ControlBlock): void {
  const { rcv } = tcb;
  if (rcv.ackNow) emitAck(tcb);
  else if (rcv.pendingBytes > 0 && !tcb.host.timers.isArmed(tcb, DELAYED_ACK)) {
    tcb.host.timers.arm(tcb, DELAYED_ACK, tcb.host.settings.delayedAck);
  }
}

/** Sends new data (and FIN) until `cwnd` or the peer's window is used up, or it is better to wait. */
function sendNew(tcb: ControlBlock, cwnd: number): void {
  const { snd } = tcb;
  const { room } = tcb.host;
  if (tcb.route.mtu !== tcb.snd.pathMtu) updateMss(tcb);
  let limited = false;
  let heldBack = false;
  const before = snd.nxt;
  while (hasUnsent(tcb)) {
    measure(tcb, cwnd, room);
    const length = sendableNow(tcb, room);
    if (length < 0) {
      limited = isHeldByCwnd(room);
      break;
    }
    if (length > 0 && tcb.pacing !== null && !isItsTurn(tcb, tcb.pacing)) {
      heldBack = true;
      break;
    }
    const isLast = length === room.unsent;
    const withFin = tcb.snd.finQueued && isLast && room.window > length;
    if (length === 0 && !withFin) break;
    transmitNew(tcb, length, withFin, isLast);
  }
  limited ||= pipe(tcb) >= cwnd;
  if (limited || snd.nxt !== before) noteWindowUse(tcb, limited);
  if (tcb.flight.outstanding === 0 && !heldBack && hasUnsent(tcb)) armPersist(tcb);
  else armLossProbe(tcb);
}

/** Sends one segment that is larger than the others, if one is due. Returns false if nothing else may go before it. */
function sendPathProbe(tcb: ControlBlock): boolean {
  const { snd, queue } = tcb;
  const payload = pathProbe(tcb, Math.min(distance(snd.nxt, queue.tail), usableWindow(tcb)));
  if (payload === WAIT_FOR_ROOM) return false;
  if (payload === 0) return true;
  const from = snd.nxt;
  const mss = snd.mss;
  snd.mss = payload;
  const length = fitFrame(tcb, fullSegment(tcb));
  transmitNew(tcb, length, false, false);
  snd.mss = mss;
  notePathProbe(tcb, from, length);
  return true;
}

/** Works out what bounds the next segment. */
function measure(tcb: ControlBlock, cwnd: number, room: SendRoom): void {
  room.unsent = distance(tcb.snd.nxt, tcb.queue.tail);
  room.segment = fullSegment(tcb);
  room.frame = largestFrame(tcb, room.segment);
  room.window = usableWindow(tcb);
  room.congestion = cwnd - pipe(tcb);
  room.cwnd = cwnd;
}

/** Notes the strongest sign, within a window of data, of how far cwnd is used (Linux: tcp_cwnd_validate). */
function noteWindowUse(tcb: ControlBlock, limited: boolean): void {
  const { recovery, snd, flight } = tcb;
  const isNewWindow = isAtOrBefore(recovery.usageTo, snd.una);
  if (!isNewWindow && !limited && (recovery.windowLimited || flight.outstanding <= recovery.mostInFlight)) return;
  recovery.windowLimited = limited;
  recovery.mostInFlight = flight.outstanding;
  recovery.usageTo = snd.nxt;
}

/** How much the peer's window still takes, from SND.NXT on; less than 0 if it has shrunk. */
function usableWindow(tcb: ControlBlock): number {
  return distance(tcb.snd.nxt, add(tcb.snd.una, tcb.snd.wnd));
}

/** The payload of a full segment, with the options it would carry now. */
function fullSegment(tcb: ControlBlock): number {
  const plain = tcb.reassembly === null && tcb.rcv.duplicateFrom === tcb.rcv.duplicateTo && tcb.accurateEcn === null;
  return plain ? tcb.snd.mss : tcb.snd.mss - extraOptionBytes(tcb);
}

/** How many of the unsent bytes to send as one (super-)segment now; -1: none, it is better to wait. */
function sendableNow(tcb: ControlBlock, { unsent, segment, frame, window, congestion, cwnd }: SendRoom): number {
  const wanted = Math.min(unsent, frame);
  if (Math.min(wanted, segment) > congestion) return -1;
  if (wanted <= window && wanted <= congestion) {
    return wanted >= segment || !heldByNagle(tcb) ? fitFrame(tcb, wanted) : -1;
  }
  const open = Math.min(window, congestion);
  if (open < segment) {
    // Only the peer's window can be this small. RFC 9293 section 3.8.6.2.1 (MUST-38): such a segment is not worth
    // sending unless it is half of the largest window that the peer has ever had.
    return open > 0 && 2 * open >= tcb.snd.maxWindow ? fitFrame(tcb, Math.min(open, wanted)) : -1;
  }
  if (worthWaiting(tcb, open, cwnd)) return -1;
  return fitFrame(tcb, open - (open % segment));
}

/** The most payload in one frame: a segment, or with offload as many whole ones as the device takes. */
function largestFrame(tcb: ControlBlock, segment: number): number {
  const device = Math.min(tcb.host.device.offload.superSegmentBytes, tcb.snd.frameLimit);
  if (device <= segment) return segment;
  let most = Math.min(device, tcb.route.maxTransportBytes - 60);
  if (tcb.pacing !== null) most = Math.max(segment, Math.min(most, tcb.host.pacing.frameBytes(tcb.pacing)));
  return most - (most % segment);
}

/** Whether a connection with a rate may send a frame now (parts/pacer.ts). If not, it is called when it may. */
function isItsTurn(tcb: ControlBlock, flow: PacedFlow<ControlBlock>): boolean {
  const { pacing, timers, clock } = tcb.host;
  if (pacing.admit(flow)) return true;
  if (!flow.isWaiting) timers.arm(tcb, PACING, flow.next - clock.now);
  return false;
}

/**
 * Nagle's algorithm in Minshall's form (RFC 9293 section 3.7.4 allows it, Linux has it): a small segment waits only
 * while an earlier small one is unacknowledged. So the last part of a large answer does not wait for the answer's ACKs.
 * A cork holds it in any case, for at most as long as the persist timer runs.
 *
 * A small segment of 2 GiB ago looks as if it lay after SND.UNA. But it lies after SND.NXT, too, where nothing has been
 * sent (Linux: tcp_minshall_check).
 */
function heldByNagle({ snd }: ControlBlock): boolean {
  if (snd.finQueued) return false;
  if (snd.corked || snd.moreToCome) return true;
  return snd.nagle && isAfter(snd.smallTo, snd.una) && isAtOrBefore(snd.smallTo, snd.nxt);
}

/**
 * With offload a frame costs nearly the same whatever its size, so one large frame is better than several small ones.
 * While ACKs are still to come, less than a third of the window is not worth a frame, unless it is as much as the
 * path takes in a millisecond. The next ACK must come soon, or part of the window stays unused. So nothing waits when
 * it is more than half a round trip away (Linux: tcp_tso_should_defer, tcp_tso_autosize).
 */
function worthWaiting(tcb: ControlBlock, open: number, cwnd: number): boolean {
  const { flight, roundTrip, host } = tcb;
  if (host.device.offload.superSegmentBytes === 0 || tcb.recovery.phase === RECOVERY || pipe(tcb) === 0) return false;
  if (3 * open >= Math.min(tcb.snd.wnd, cwnd)) return false;
  if (open * roundTrip.smoothed >= cwnd * FRAME_TIME) return false;
  return 2 * elapsed(flight.first!.sentAt, host.clock.stamp) >= roundTrip.smoothed;
}

/** True if cwnd, and neither the peer's window nor a lack of data, allows no more (Linux: is_cwnd_limited). */
function isHeldByCwnd({ congestion, window, unsent, frame }: SendRoom): boolean {
  return congestion < window && congestion < Math.min(unsent, frame);
}

/** Returns fewer bytes if these are in too many pieces, or so that the cut falls where its checksum is known. */
function fitFrame(tcb: ControlBlock, length: number): number {
  const summed = !tcb.host.device.offload.checksum;
  if (length === 0 || (!summed && tcb.queue.pieces <= MAX_FRAGMENTS)) return length;
  return tcb.queue.span(tcb.snd.nxt, length, summed);
}

function transmitNew(tcb: ControlBlock, length: number, withFin: boolean, isLast: boolean): void {
  const { snd, host } = tcb;
  const end = add(snd.nxt, length + (withFin ? 1 : 0));
  const flags = ACK | (isLast ? pushFlag(tcb, length) : 0) | (withFin ? FIN : 0) | (length > 0 ? newDataFlags(tcb) : 0);
  emitSegment(tcb, snd.nxt, flags, length, length > 0 ? newDataTrafficClass(tcb) : tcb.preferences.trafficClass);
  tcb.flight.add(snd.nxt, end, Math.min(length, snd.mss), host.clock.stamp);
  snd.nxt = end;
  if (withFin) tcb.snd.finSent = true;
  if (isLast && length % tcb.snd.mss !== 0) tcb.snd.smallTo = end;
  tcb.recovery.prrOut += length;
  host.statistics.bytesSent += length;
  if (tcb.pacing !== null) host.pacing.charge(tcb.pacing, length);
  tcb.snd.lastSentMs = host.clock.milliseconds;
  if (tcb.snd.unackedSinceMs < 0) tcb.snd.unackedSinceMs = host.clock.milliseconds;
  if (!tcb.host.timers.isArmed(tcb, RETRANSMIT)) armRetransmit(tcb);
}

/** PSH on the last segment of what was queued (MUST-61), unless the program said that more comes. */
function pushFlag(tcb: ControlBlock, length: number): number {
  return length > 0 && tcb.snd.pushTo === tcb.queue.tail ? PSH : 0;
}

/**
 * Sends what fits into a window that is too small for a whole segment: the override of section 3.8.6.2.1. Returns false
 * if nothing fits.
 */
export function sendIntoSmallWindow(tcb: ControlBlock): boolean {
  const unsent = distance(tcb.snd.nxt, tcb.queue.tail);
  const length = fitFrame(tcb, Math.min(unsent, usableWindow(tcb), fullSegment(tcb)));
  if (length <= 0) return false;
  // Data that waited because the program announced more goes out now. It has PSH, as if nothing followed.
  tcb.snd.moreToCome = false;
  tcb.snd.pushTo = tcb.queue.tail;
  transmitNew(tcb, length, false, length === unsent);
  return true;
}

/** Sends the lost segments again, first hole first, while the pipe has room. */
function resendLost(tcb: ControlBlock): void {
  for (let lost = tcb.flight.firstLost(); lost !== null; lost = tcb.flight.firstLost()) {
    const inPipe = pipe(tcb);
    const room = tcb.congestion.cwnd - inPipe;
    if (room < Math.min(lost.length, tcb.snd.mss) && inPipe > 0) return;
    // With nothing in the pipe a resend does not wait, or the time-out would come for it again.
    if (inPipe > 0 && tcb.pacing !== null && !isItsTurn(tcb, tcb.pacing)) return;
    resend(tcb, lost, Math.max(room, tcb.snd.mss));
  }
}

/** Sends a record again, or as much of it as `room` and a frame take; the rest becomes a record of its own. */
export function resend(tcb: ControlBlock, record: SentSegment, room: number): void {
  const { host, flight, recovery } = tcb;
  if (record.lost && record.length > ORDINARY_FRAME) bigFrameLost(tcb, record.length);
  if (tcb.route.mtu !== tcb.snd.pathMtu) updateMss(tcb);
  // This lies before all data: it is our SYN. It may still be out in FIN-WAIT-1, if the program closed during a
  // simultaneous open.
  const isSyn = isBefore(record.from, tcb.queue.head);
  const segment = fullSegment(tcb);
  let payload = 0;
  if (!isSyn) {
    const data = distance(record.from, isAtOrBefore(record.to, tcb.queue.tail) ? record.to : tcb.queue.tail);
    const most = Math.min(largestFrame(tcb, segment), Math.max(room - (room % segment), segment));
    const length = data === 0 ? 0 : fitResend(tcb, record, Math.min(data, most));
    if (length < data) flight.split(record, add(record.from, length));
    const withFin = record.to !== add(record.from, length);
    const isLast = add(record.from, length) === tcb.queue.tail;
    emitSegment(tcb, record.from, ACK | (isLast ? pushFlag(tcb, length) : 0) | (withFin ? FIN : 0), length);
    host.statistics.bytesRetransmitted += length;
    payload = length;
  } else emitSegment(tcb, record.from, synAgainFlags(tcb), 0);
  flight.resend(record, Math.min(payload, tcb.snd.mss), host.clock.stamp);
  host.statistics.retransmits++;
  if (tcb.pacing !== null) host.pacing.charge(tcb.pacing, record.length);
  recovery.totalResends++;
  recovery.prrOut += record.length;
  if (recovery.eifel === NOTHING_RESENT) {
    recovery.eifel = WAITING_FOR_VERDICT;
    recovery.resendFrom = record.from;
    recovery.resendStamp = timestampNow(tcb);
  }
  if (record === flight.first || !tcb.host.timers.isArmed(tcb, RETRANSMIT)) armRetransmit(tcb);
}

/** The flags of a SYN or SYN-ACK that is sent again. */
function synAgainFlags(tcb: ControlBlock): number {
  return tcb.rcv.irsKnown ? SYN | ACK | synAckFlags(tcb) : SYN | synFlags(tcb);
}

function fitResend(tcb: ControlBlock, record: SentSegment, length: number): number {
  const summed = !tcb.host.device.offload.checksum;
  return summed || tcb.queue.pieces > MAX_FRAGMENTS ? tcb.queue.span(record.from, length, summed) : length;
}

/**
 * RFC 5681 section 4.1: after an idle time of more than an RTO, cwnd falls to the initial window, since the path may
 * have changed.
 */
function restartAfterIdle(tcb: ControlBlock): void {
  const idle = (tcb.host.clock.milliseconds - tcb.snd.lastSentMs) * MILLISECOND;
  if (!tcb.host.settings.slowStartAfterIdle || idle <= tcb.roundTrip.rto) return;
  if (tcb.congestion.cwnd > tcb.congestion.initialWindow) tcb.congestion.onIdle(idle);
}
