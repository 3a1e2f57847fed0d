/**
 * Decides which segments are lost: with SACK by time, RACK (RFC 8985 section 6.2); without SACK by duplicate ACKs
 * (duplicate-acks.ts).
 */

import type { ControlBlock } from '../block/control-block.js';
import type { AckOutcome } from '../parts/ack-outcome.js';
import { OPEN } from '../parts/recovery-state.js';
import { isAfter, isAtOrBefore, type Sequence } from '../sequence.js';
import { REORDERING } from '../timers.js';
import { elapsed } from '../wrapping.js';
import { DUPLICATE_THRESHOLD, detectByDuplicates } from './duplicate-acks.js';

const REORDERING_PERSIST = 16;

/** Marks the segments that the ACK just taken shows to be lost. Returns true if any is newly marked. */
export function detectLoss(tcb: ControlBlock, outcome: AckOutcome): boolean {
  const before = tcb.flight.lostBytes;
  if (tcb.usesSack) {
    rackUpdate(tcb, outcome);
    rackDetect(tcb);
  } else detectByDuplicates(tcb, outcome);
  return tcb.flight.lostBytes > before;
}

/** Section 6.2 steps 1 to 3: the latest transmission that has arrived, and whether the network reorders. */
function rackUpdate(tcb: ControlBlock, outcome: AckOutcome): void {
  const { recovery, roundTrip, host, snd } = tcb;
  if (!outcome.hasNewest) return;
  if (outcome.reordering > 0) {
    recovery.reorderingSeen = true;
    recovery.reorderings++;
    recovery.reorderingDegree = Math.max(recovery.reorderingDegree, Math.ceil(outcome.reordering / snd.mss));
  }
  // At least one tick. The clock stands still while a batch of frames is taken; with a round trip of 0, a segment
  // resent in that batch would count as lost again at the next duplicate ACK.
  const rtt = Math.max(1, elapsed(outcome.newestSentAt, host.clock.stamp));
  // Step 2: an ACK that comes sooner than any round trip after a resend is for the original.
  if (outcome.newestResent && rtt < roundTrip.minimum) return;
  recovery.rackRtt = rtt;
  const later = elapsed(recovery.rackOrder, outcome.newestOrder);
  const isNewer = !recovery.rackValid || later > 0 || (later === 0 && isAfter(outcome.newestTo, recovery.rackTo));
  if (!isNewer) return;
  recovery.rackValid = true;
  recovery.rackOrder = outcome.newestOrder;
  recovery.rackTo = outcome.newestTo;
}

/** Step 4: how long a segment may be late before it counts as lost. */
function reorderingWindow(tcb: ControlBlock): number {
  const { recovery, roundTrip, flight, snd } = tcb;
  if (!recovery.reorderingSeen) {
    const fin = snd.finSent && flight.last?.sacked ? 1 : 0;
    const manySacked =
      flight.sackedBytes - fin > (DUPLICATE_THRESHOLD - 1) * snd.mss || flight.sackedSegments >= DUPLICATE_THRESHOLD;
    if (recovery.phase !== OPEN || manySacked) return 0;
  }
  return Math.floor(Math.min((recovery.reorderingSteps * roundTrip.minimum) / 4, roundTrip.smoothed));
}

/** Step 5: everything sent a round trip and the reordering window before what has arrived is lost. */
export function rackDetect(tcb: ControlBlock): void {
  const { recovery, flight, host } = tcb;
  host.timers.stop(tcb, REORDERING);
  if (!recovery.rackValid) return;
  const patience = recovery.rackRtt + reorderingWindow(tcb);
  const longest = flight.loseOverdue(recovery.rackOrder, recovery.rackTo, patience, host.clock.stamp);
  if (longest > 0) host.timers.arm(tcb, REORDERING, longest);
}

/**
 * Step 4, second half: a D-SACK says that we sent again too early, so the window grows, at most once a round trip. A
 * round that ends after SND.NXT is one of 2 GiB ago, or older.
 */
export function widenReorderingWindow(tcb: ControlBlock, acknowledgment: Sequence): void {
  const { recovery, snd } = tcb;
  const { reorderingRound } = recovery;
  if (isAtOrBefore(acknowledgment, reorderingRound) && isAtOrBefore(reorderingRound, snd.nxt)) return;
  recovery.reorderingSeen = true;
  recovery.reorderingSteps++;
  recovery.reorderingPersist = REORDERING_PERSIST;
  recovery.reorderingRound = snd.nxt;
}

/** A recovery has ended. After sixteen recoveries without a D-SACK the window has its original size again. */
export function relaxReorderingWindow(tcb: ControlBlock): void {
  const { recovery } = tcb;
  recovery.reorderingPersist--;
  if (recovery.reorderingPersist <= 0) recovery.reorderingSteps = 1;
}
