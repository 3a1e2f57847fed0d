/**
 * Two questions that sending and recovery both ask: how much is still in the network, and whether there is anything new
 * to send.
 */
import type { ControlBlock } from '../block/control-block.js';
import { LOSS } from '../parts/recovery-state.js';

/** True if the program has queued something that has never been sent. */
export function hasUnsent(tcb: ControlBlock): boolean {
  return tcb.snd.nxt !== tcb.queue.tail ? !tcb.snd.finSent : tcb.snd.finQueued && !tcb.snd.finSent;
}

/**
 * Our bytes that are thought to be in the network (RFC 6675 "pipe"). Without SACK each duplicate ACK stands for a
 * segment.
 */
export function pipe(tcb: ControlBlock): number {
  const counted = tcb.flight.pipe;
  if (tcb.usesSack || tcb.recovery.duplicateAcks === 0) return counted;
  // After a time-out, duplicate ACKs belong to the old flight until the resend of its first segment is acknowledged.
  // That flight counts as lost already (RFC 6582 section 3.2).
  if (tcb.recovery.phase === LOSS && tcb.flight.first !== null && tcb.flight.first.resends > 0) return counted;
  return Math.max(0, counted - tcb.recovery.duplicateAcks * tcb.snd.mss);
}
