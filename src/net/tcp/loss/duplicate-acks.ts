/**
 * Finds losses where the peer has no SACK: by three duplicate ACKs (fast retransmit, RFC 5681 section 3.2) and by
 * partial ACKs (NewReno, RFC 6582). loss-detection.ts calls it for each ACK; recovery.ts counts the duplicates.
 */
import type { ControlBlock } from '../block/control-block.js';
import type { AckOutcome } from '../parts/ack-outcome.js';
import { OPEN, RECOVERY } from '../parts/recovery-state.js';
import { add, earlier, isAfter, isBefore } from '../sequence.js';

/** DupThresh (RFC 5681 section 3.2). */
export const DUPLICATE_THRESHOLD = 3;

/** Marks the segment that the ACK just taken shows to be lost, if it shows any. */
export function detectByDuplicates(tcb: ControlBlock, outcome: AckOutcome): void {
  if (tcb.recovery.phase !== OPEN) partialAck(tcb, outcome);
  else if (tcb.recovery.duplicateAcks >= DUPLICATE_THRESHOLD && mayRecover(tcb)) markFirst(tcb);
}

/**
 * RFC 6582 section 3.2 step 2: duplicate ACKs of a window that was already recovered start nothing new. A point after
 * SND.NXT is one of 2 GiB ago, or older.
 */
function mayRecover(tcb: ControlBlock): boolean {
  const { recovery, snd } = tcb;
  return isAfter(snd.una, recovery.point) || isAfter(recovery.point, snd.nxt);
}

/** RFC 6582 section 3.2 step 3: the ACK covers some of the flight but not all, so the next segment is missing too. */
function partialAck(tcb: ControlBlock, outcome: AckOutcome): void {
  if (tcb.recovery.phase === RECOVERY && outcome.acked > 0 && isBefore(tcb.snd.una, tcb.recovery.point)) markFirst(tcb);
}

/** Marks the first segment of the flight, at most an MSS of it. */
function markFirst(tcb: ControlBlock): void {
  const first = tcb.flight.first;
  if (first === null || first.lost) return;
  const cut = add(first.from, tcb.snd.mss);
  // A FIN behind a full segment goes again with it.
  if (isBefore(cut, earlier(first.to, tcb.queue.tail))) tcb.flight.split(first, cut);
  tcb.flight.markLost(first);
}
