/**
 * The clock that the timestamps option shows: milliseconds, from a start that is random for each connection (RFC 7323
 * sections 5.4 and 7.1).
 */
import type { Clock } from '../../clock.js';
import type { ControlBlock } from './control-block.js';

/** TSval for a segment of `tcb` that leaves now. */
export function timestampNow(tcb: ControlBlock): number {
  return timestampAt(tcb.host.clock, tcb.snd.tsOffset);
}

/** The same where only the connection's `offset` is left: in TIME-WAIT, and in a SYN cookie. */
export function timestampAt(clock: Clock, offset: number): number {
  return (clock.milliseconds + offset) | 0;
}
