/**
 * Challenge ACKs: RFC 5961. A segment that may come from an attacker who guesses (a RST or SYN inside the window, an
 * ACK far off) changes nothing. It is answered with an ACK. Only the real peer gets this ACK, and only it can then
 * send a segment with exactly the right number.
 */
import { MILLISECOND } from '../../clock.js';
import type { ControlBlock } from '../block/control-block.js';
import { emitAck } from './emit.js';

/** Sends a challenge ACK, within this connection's and the host's limits. */
export function challengeAck(tcb: ControlBlock): void {
  if (!outOfWindowAckAllowed(tcb) || !tcb.host.challenges.take()) return;
  tcb.host.statistics.challengeAcks++;
  emitAck(tcb);
}

/**
 * True if an ACK may be sent now in answer to a segment that should not have come. Otherwise two ends that disagree
 * would acknowledge each other for ever (Linux: tcp_invalid_ratelimit).
 */
export function outOfWindowAckAllowed(tcb: ControlBlock): boolean {
  const { rcv, host } = tcb;
  const now = host.clock.milliseconds;
  const waited = (now - rcv.outOfWindowMs) * MILLISECOND;
  if (rcv.outOfWindowMs >= 0 && waited < host.settings.outOfWindowAckInterval) return false;
  rcv.outOfWindowMs = now;
  return true;
}
