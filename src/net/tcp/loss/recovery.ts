/**
 * What happens after a loss: fast recovery (RFC 5681 section 3.2, RFC 6582, RFC 6675) with rate-reduction.ts, the
 * retransmission time-out (RFC 5681 section 3.1, RFC 6298 section 5), and how a reduction is undone if nothing was
 * lost (RFC 3522).
 *
 *            loss detected                     RTO
 *     OPEN ----------------> RECOVERY ----------------> LOSS
 *       ^                        |                        |
 *       +--- point acknowledged -+------------------------+
 */

import type { ControlBlock } from '../block/control-block.js';
import type { AckOutcome } from '../parts/ack-outcome.js';
import {
  FIRST_ACK,
  JUDGED,
  LOSS,
  NO_QUESTION,
  NOTHING_RESENT,
  OPEN,
  RECOVERY,
  SECOND_ACK,
  WAITING_FOR_VERDICT,
} from '../parts/recovery-state.js';
import type { Segment } from '../segment.js';
import { isAfter, isBefore } from '../sequence.js';
import { LOSS_PROBE, REORDERING } from '../timers.js';
import { isOlder } from '../wrapping.js';
import { lossDuringReduction } from './ecn.js';
import { relaxReorderingWindow } from './loss-detection.js';
import { hasUnsent } from './pipe.js';
import { startRateReduction } from './rate-reduction.js';

/**
 * Something is lost, and ACKs still come: the window is reduced once, and what is missing goes again.
 * @param delivered bytes that the ACK which showed the loss reports for the first time
 */
export function enterRecovery(tcb: ControlBlock, delivered: number): void {
  const { recovery, congestion, flight, host, snd } = tcb;
  const answered = lossDuringReduction(tcb);
  if (!answered) {
    congestion.onCongestion(flight.outstanding);
    startRateReduction(tcb, delivered);
  }
  recovery.phase = RECOVERY;
  recovery.point = snd.nxt;
  // ECN's reduction was for a mark: it stays even if nothing turns out to be lost.
  recovery.eifel = answered ? JUDGED : NOTHING_RESENT;
  recovery.probeOut = false;
  tcb.host.timers.stop(tcb, LOSS_PROBE);
  host.statistics.fastRetransmits++;
}

/** The recovery point is acknowledged: all that was out when loss was found has arrived. */
export function leaveRecoveryIfDone(tcb: ControlBlock): void {
  const { recovery, congestion, snd } = tcb;
  if (recovery.phase === OPEN || isBefore(snd.una, recovery.point)) return;
  if (recovery.phase === RECOVERY) {
    congestion.cwnd = Math.max(congestion.ssthresh, snd.mss);
    relaxReorderingWindow(tcb);
  }
  recovery.phase = OPEN;
  recovery.duplicateAcks = 0;
  recovery.eifel = NOTHING_RESENT;
  recovery.forwardRto = NO_QUESTION;
}

/**
 * RFC 6298 sections 5.4 to 5.6, RFC 5681 section 3.1: everything in flight counts as lost, and slow start begins
 * again.
 */
export function retransmissionTimeout(tcb: ControlBlock): void {
  const { recovery, congestion, flight, host, snd, roundTrip } = tcb;
  const outOfTheBlue = recovery.phase === OPEN;
  // Fast recovery has already reduced the window for this loss, so it is not reduced again (Linux: tcp_enter_loss).
  const first = outOfTheBlue || (recovery.phase === LOSS && flight.first!.resends === 0);
  lossDuringReduction(tcb);
  congestion.onTimeout(flight.outstanding, first);
  // The peer may drop data that it has SACKed. If the first segment of the flight is SACKed, the peer has dropped it
  // (RFC 2018 section 8).
  if (flight.first!.sacked) flight.loseSacked();
  flight.loseAll();
  // In the middle of recovery something is certainly lost, so F-RTO need not ask whether the time-out was needed.
  recovery.forwardRto = outOfTheBlue && host.settings.forwardRto ? FIRST_ACK : NO_QUESTION;
  if (outOfTheBlue) recovery.eifel = NOTHING_RESENT;
  recovery.phase = LOSS;
  recovery.point = snd.nxt;
  recovery.duplicateAcks = 0;
  recovery.probeOut = false;
  host.timers.stop(tcb, LOSS_PROBE);
  host.timers.stop(tcb, REORDERING);
  roundTrip.backOff();
  snd.timeouts++;
  host.statistics.timeouts++;
}

/**
 * RFC 3522 (Eifel): the first ACK that covers the first resend of this episode echoes a timestamp. If it is older
 * than the resend, the original had arrived and nothing was lost: the windows go back, and nothing more is sent
 * again. Only the first resend is judged. The ACK of the first resend echoes a timestamp that is older than any later
 * resend, so it proves nothing about those.
 */
export function undoIfSpurious(tcb: ControlBlock, segment: Segment, outcome: AckOutcome): void {
  const { recovery, snd } = tcb;
  if (recovery.phase === OPEN || recovery.eifel !== WAITING_FOR_VERDICT) return;
  if (outcome.acked === 0 || !isAfter(snd.una, recovery.resendFrom)) return;
  recovery.eifel = JUDGED;
  if (segment.options.hasTimestamps && isOlder(segment.options.timestampEcho, recovery.resendStamp)) undoRecovery(tcb);
}

/**
 * F-RTO, RFC 5682 section 2.1: after a time-out, the first ACK that advances is answered with *new* data. If the next
 * one advances too, it can only be for the originals: they were late, not lost. A duplicate ACK means that they were
 * lost.
 */
export function forwardRto(tcb: ControlBlock, outcome: AckOutcome): void {
  const { recovery, congestion, snd } = tcb;
  if (recovery.phase !== LOSS || recovery.forwardRto === NO_QUESTION) return;
  const advanced = outcome.acked > 0;
  if (recovery.forwardRto === SECOND_ACK && advanced) {
    undoRecovery(tcb);
  } else if (recovery.forwardRto === FIRST_ACK && advanced && hasUnsent(tcb)) {
    recovery.forwardRto = SECOND_ACK;
    congestion.cwnd = 2 * snd.mss;
  } else {
    // Step 2a and 3a: conventional recovery, with a window as after the first ACK.
    recovery.forwardRto = NO_QUESTION;
    congestion.cwnd = Math.min(congestion.cwnd, 3 * snd.mss);
  }
}

/** Nothing was lost: sets the windows back, and there is nothing to send again. */
function undoRecovery(tcb: ControlBlock): void {
  const { recovery, congestion, flight, host } = tcb;
  congestion.undo();
  flight.findAll();
  recovery.phase = OPEN;
  recovery.duplicateAcks = 0;
  recovery.eifel = NOTHING_RESENT;
  recovery.forwardRto = NO_QUESTION;
  host.statistics.spuriousRecoveries++;
}
