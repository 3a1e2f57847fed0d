/**
 * What an acceptable ACK does: RFC 9293 section 3.10.7.4, fifth step, ESTABLISHED. Later RFCs have added round-trip
 * samples (RFC 6298, RFC 7323), SACK (RFC 2018, RFC 2883), loss detection and congestion control.
 *
 * The order matters: first the data that has arrived, then what this says about the rest of the flight, then how much
 * may be sent.
 */

import { MILLISECOND } from '../../clock.js';
import { ECE, FIN, SYN } from '../../wire/tcp.js';
import type { ControlBlock } from '../block/control-block.js';
import { timestampNow } from '../block/timestamp-clock.js';
import { takeFeedback } from '../loss/accurate-ecn.js';
import { continueReduction, reduceOnce } from '../loss/ecn.js';
import { detectLoss, widenReorderingWindow } from '../loss/loss-detection.js';
import { proportionalRateReduction } from '../loss/rate-reduction.js';
import { enterRecovery, forwardRto, leaveRecoveryIfDone, undoIfSpurious } from '../loss/recovery.js';
import { armLossProbe, armRetransmit } from '../loss/retransmit-timers.js';
import type { AccurateEcnState } from '../parts/accurate-ecn-state.js';
import type { AckOutcome } from '../parts/ack-outcome.js';
import type { Flight } from '../parts/flight.js';
import { TRUSTING } from '../parts/path-search.js';
import { OPEN, RECOVERY, SECOND_ACK } from '../parts/recovery-state.js';
import type { Segment } from '../segment.js';
import { noteBigFrames } from '../send/big-frame.js';
import { judgeLossProbe } from '../send/loss-probe.js';
import { judgeLostProbe, judgePath } from '../send/path-search.js';
import {
  add,
  distance,
  earlier,
  isAfter,
  isAtOrBefore,
  isBefore,
  later,
  type Sequence,
  toSequence,
} from '../sequence.js';
import { isSynchronized } from '../state.js';
import { PERSIST, RETRANSMIT } from '../timers.js';
import { elapsed } from '../wrapping.js';

/** An echo older than this is no round-trip sample: no peer waits so long. */
const MAX_ECHO_AGE_MS = 1_000_000;

/** Processes an ACK. The caller has checked SND.UNA =< SEG.ACK =< SND.NXT. */
export function acknowledge(tcb: ControlBlock, segment: Segment): void {
  const { host, snd, recovery } = tcb;
  const outcome = host.outcome;
  outcome.reset();
  const countedBefore = tcb.usesSack ? 0 : recovery.duplicateAcks * snd.mss;
  const isDuplicate = isDuplicateAck(tcb, segment);
  updateSendWindow(tcb, segment);
  // The peer answers, so the path works.
  if (tcb.snd.softError !== null) tcb.snd.softError = null;
  if (isAfter(segment.acknowledgment, snd.una)) takeAcknowledged(tcb, segment, outcome);
  let duplicateSack = false;
  if (segment.options.sackBlocks > 0 && tcb.usesSack) {
    duplicateSack = takeSackBlocks(tcb, segment, outcome);
    if (outcome.hasSackedOriginal && outcome.rtt === 0) takeSackedSample(tcb, outcome);
  }
  if (isDuplicate || duplicateSack || isSuspicious(tcb, outcome)) {
    afterSuspicion(tcb, segment, outcome, isDuplicate, duplicateSack);
  }
  if (!host.bigFrameDelivered) noteBigFrames(tcb, outcome);
  if (tcb.pathSearch.phase !== TRUSTING) judgePath(tcb, outcome);
  const isMarked = tcb.accurateEcn === null ? segment.has(ECE) : reportsMarks(tcb, tcb.accurateEcn, segment, outcome);
  if (tcb.ecn.reducing) continueReduction(tcb, isMarked, outcome);
  if (outcome.acked === 0 || recovery.forwardRto === SECOND_ACK || tcb.ecn.reducing) return;
  if (recovery.phase !== RECOVERY && windowWasUsed(tcb)) {
    const delivered = tcb.usesSack ? outcome.delivered : Math.max(0, outcome.acked - countedBefore);
    tcb.congestion.onAck(delivered, host.clock.milliseconds, tcb.roundTrip.smoothed, outcome.rtt);
  }
}

/** Takes Accurate ECN's feedback. An ACK of our SYN has none yet. */
function reportsMarks(tcb: ControlBlock, state: AccurateEcnState, segment: Segment, outcome: AckOutcome): boolean {
  if (!isSynchronized(tcb.state) || takeFeedback(tcb, state, segment, outcome) === 0) return false;
  reduceOnce(tcb);
  return true;
}

/**
 * RFC 5681 section 2: a duplicate ACK has the same number and the same window as before, no data, SYN or FIN, and comes
 * while data is out. With SACK an ACK counts only if it brings SACK news (RFC 6675 section 2), which the flight sees by
 * itself.
 */
function isDuplicateAck(tcb: ControlBlock, segment: Segment): boolean {
  return (
    !tcb.usesSack &&
    segment.acknowledgment === tcb.snd.una &&
    tcb.flight.outstanding > 0 &&
    segment.dataLength === 0 &&
    (segment.flags & (SYN | FIN)) === 0 &&
    segment.windowBytes(tcb.snd.scale) === tcb.snd.wnd
  );
}

/**
 * SND.WND and SND.WL1: only a newer segment may set the window. The RFC also keeps SND.WL2 and, for segments with the
 * same number, checks SND.WL2 =< SEG.ACK. Here that always holds: every SEG.ACK below SND.UNA has been sorted out
 * before.
 */
function updateSendWindow(tcb: ControlBlock, segment: Segment): void {
  const { snd, host } = tcb;
  if (isBefore(segment.sequence, snd.wl1)) return;
  snd.wnd = segment.windowBytes(snd.scale);
  snd.wl1 = segment.sequence;
  if (snd.wnd > snd.maxWindow) snd.maxWindow = snd.wnd;
  if (snd.wnd > 0 && host.timers.isArmed(tcb, PERSIST)) {
    // The window is open again, or at least the probe was answered. If we must probe again, the back-off starts from
    // its beginning.
    host.timers.stop(tcb, PERSIST);
    snd.persistTimeouts = 0;
    if (tcb.flight.outstanding === 0) tcb.snd.unackedSinceMs = -1;
  }
  tcb.snd.probesSent = 0;
}

/** SND.UNA moves. The data before it gives a round-trip sample and is forgotten, and no timer waits for it any more. */
function takeAcknowledged(tcb: ControlBlock, segment: Segment, outcome: AckOutcome): void {
  const { snd, flight, queue, recovery, host } = tcb;
  flight.acknowledge(segment.acknowledgment, outcome);
  host.statistics.bytesAcknowledged += dataAcknowledged(tcb, segment.acknowledgment);
  queue.acknowledge(segment.acknowledgment);
  snd.una = segment.acknowledgment;
  // Progress: nobody gives up. But only a sample ends the doubling of the time-out (RFC 6298 section 5).
  snd.timeouts = 0;
  takeRoundTripSample(tcb, segment, outcome);
  if (!tcb.usesSack && recovery.duplicateAcks > 0) {
    // All but one of the segments that this ACK covers caused a duplicate ACK before (Linux: tcp_remove_reno_sacks).
    const finAcked = snd.finSent && snd.una === snd.nxt ? 1 : 0;
    const segments = Math.ceil((outcome.acked - finAcked) / snd.mss);
    recovery.duplicateAcks = recovery.phase === OPEN ? 0 : Math.max(0, recovery.duplicateAcks - segments + 1);
  }
  tcb.snd.unackedSinceMs = flight.outstanding > 0 ? host.clock.milliseconds : -1;
  // RFC 6298 sections 5.2 and 5.3.
  if (flight.outstanding === 0) host.timers.stop(tcb, RETRANSMIT);
  else armRetransmit(tcb);
  armLossProbe(tcb);
  tcb.route.neighbor.confirm();
}

/** How many bytes of data lie before `acknowledgment` that are not acknowledged yet: without the SYN and the FIN. */
function dataAcknowledged({ snd, queue }: ControlBlock, acknowledgment: Sequence): number {
  return distance(later(snd.una, queue.head), earlier(acknowledgment, queue.tail));
}

/**
 * RFC 6298 section 3: a sample comes from a segment that was never sent again (Karn), or with timestamps from the echo
 * (RFC 7323 section 4.1).
 */
function takeRoundTripSample(tcb: ControlBlock, segment: Segment, outcome: AckOutcome): void {
  const now = tcb.host.clock.stamp;
  if (!outcome.ackedResent && outcome.hasOriginal) {
    tcb.roundTrip.sample((now - outcome.rttSentAt) | 0, now);
    outcome.rtt = tcb.roundTrip.latest;
  } else if (tcb.usesTimestamps && segment.options.hasTimestamps && segment.options.timestampEcho !== 0) {
    const milliseconds = elapsed(segment.options.timestampEcho, timestampNow(tcb));
    if (milliseconds < 0) return;
    tcb.roundTrip.sample(Math.min(milliseconds, MAX_ECHO_AGE_MS) * MILLISECOND, now);
    outcome.rtt = tcb.roundTrip.latest;
  }
}

/**
 * A segment that SACK reports has arrived as surely as one that is acknowledged. So behind a hole samples go on, and a
 * round trip that has grown is known before the time-out (Linux: tcp_ack_update_rtt). Karn's rule holds here, too.
 */
function takeSackedSample(tcb: ControlBlock, outcome: AckOutcome): void {
  const now = tcb.host.clock.stamp;
  tcb.roundTrip.sample((now - outcome.sackedSentAt) | 0, now);
  outcome.rtt = tcb.roundTrip.latest;
}

/** Takes the blocks that make sense. Returns true if the first is a D-SACK (RFC 2883 section 4, RFC 2018 section 3). */
function takeSackBlocks(tcb: ControlBlock, segment: Segment, outcome: AckOutcome): boolean {
  const { sackEdges, sackBlocks } = segment.options;
  const { snd, flight } = tcb;
  let duplicate = false;
  for (let i = 0; i < sackBlocks; i++) {
    const left = toSequence(sackEdges[2 * i]!);
    const right = toSequence(sackEdges[2 * i + 1]!);
    if (!isBefore(left, right) || isAfter(right, snd.nxt)) continue;
    const isDuplicate = i === 0 && (isAtOrBefore(right, snd.una) || liesWithin(sackEdges, left, right, sackBlocks));
    if (isDuplicate) {
      duplicate = isBefore(add(snd.una, -snd.maxWindow), left);
      continue;
    }
    if (isBefore(left, snd.una)) continue;
    if (right === tcb.queue.tail) partFromFin(flight, right);
    flight.sack(left, right, snd.mss, outcome);
  }
  return duplicate;
}

/**
 * A block ends where our data ends. Some receivers report a FIN behind it only with the acknowledgment, so the data
 * becomes a record of its own.
 */
function partFromFin(flight: Flight, dataEnd: Sequence): void {
  const { last } = flight;
  if (last === null || last.sacked) return;
  if (isBefore(last.from, dataEnd) && isAfter(last.to, dataEnd)) flight.split(last, dataEnd);
}

/** The second block contains the first. */
function liesWithin(edges: Int32Array, left: Sequence, right: Sequence, blocks: number): boolean {
  return blocks > 1 && isAtOrBefore(toSequence(edges[2]!), left) && isAtOrBefore(right, toSequence(edges[3]!));
}

/** A segment is missing, was missing, or arrived out of order. */
function isSuspicious({ recovery, flight }: ControlBlock, outcome: AckOutcome): boolean {
  if (recovery.phase !== OPEN || recovery.probeOut) return true;
  return flight.sackedBytes > 0 || outcome.sacked > 0 || outcome.reordering > 0;
}

/** Processes an ACK after which something may be missing. This is the slow part. */
function afterSuspicion(
  tcb: ControlBlock,
  segment: Segment,
  outcome: AckOutcome,
  isDuplicate: boolean,
  duplicateSack: boolean,
): void {
  const { recovery, congestion } = tcb;
  if (duplicateSack) {
    tcb.host.statistics.duplicateSacks++;
    widenReorderingWindow(tcb, segment.acknowledgment);
  }
  if (isDuplicate) recovery.duplicateAcks++;
  undoIfSpurious(tcb, segment, outcome);
  leaveRecoveryIfDone(tcb);
  forwardRto(tcb, outcome);
  const newLoss = detectLoss(tcb, outcome);
  const isPathProbe = newLoss && tcb.pathSearch.probeOut && judgeLostProbe(tcb);
  if (judgeLossProbe(tcb, segment.acknowledgment, duplicateSack, outcome) && recovery.phase === OPEN) {
    congestion.onCongestion(tcb.flight.outstanding);
    congestion.cwnd = Math.min(congestion.cwnd, congestion.ssthresh);
  }
  const delivered = outcome.delivered + (isDuplicate ? tcb.snd.mss : 0);
  if (recovery.phase === OPEN && tcb.flight.lostBytes > 0 && !isPathProbe) enterRecovery(tcb, delivered);
  if (recovery.phase === RECOVERY) {
    proportionalRateReduction(tcb, delivered, outcome.acked > 0 && !newLoss);
  }
}

/**
 * RFC 7661's question: did the flight use the window? In slow start half of it is enough (Linux: tcp_is_cwnd_limited).
 */
export function windowWasUsed(tcb: ControlBlock): boolean {
  const { congestion, recovery } = tcb;
  if (recovery.windowLimited) return true;
  return congestion.cwnd < congestion.ssthresh && congestion.cwnd < 2 * recovery.mostInFlight;
}
