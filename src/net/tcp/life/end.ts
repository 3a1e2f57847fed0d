/**
 * The end of a connection, in TIME-WAIT or at once. Afterwards the control block is in no table, holds no memory of
 * others and runs no timer.
 */

import type { ErrorCode } from '../../network-error.js';
import type { ControlBlock } from '../block/control-block.js';
import { takeEvent } from '../block/transition.js';
import { type CloseReason, errorCodeOf } from '../handler.js';
import { emitAck } from '../send/emit.js';
import { output } from '../send/output.js';
import { lastWindowField } from '../send/receive-window.js';
import { sendReset } from '../send/reset.js';
import {
  type ABORT_CALL,
  CLOSE_CALL,
  CLOSED,
  type Event,
  type GIVEN_UP,
  type State,
  SYN_RECEIVED,
  SYN_SENT,
  TIME_WAIT,
} from '../state.js';
import { offerReceived, reportEnd } from './program.js';

/** CLOSE (section 3.10.4): a FIN follows all that is queued. A connection that has no peer yet is forgotten. */
export function closeConnection(tcb: ControlBlock): void {
  const { snd } = tcb;
  if (snd.finQueued || tcb.state === CLOSED) return;
  if (tcb.state === SYN_SENT) {
    endConnection(tcb, CLOSE_CALL, 'closed');
    return;
  }
  snd.finQueued = true;
  takeEvent(tcb, CLOSE_CALL);
  if (!tcb.inCallback) output(tcb);
}

/** Sends a reset and ends the connection: ABORT (section 3.10.5), or a keep-alive without an answer. */
export function abortConnection(
  tcb: ControlBlock,
  event: typeof ABORT_CALL | typeof GIVEN_UP,
  reason: CloseReason,
  code = errorCodeOf(reason),
): void {
  if (tcb.state === CLOSED) {
    report(tcb, reason, code);
    return;
  }
  if (tcb.state !== SYN_SENT) sendReset(tcb);
  endConnection(tcb, event, reason, code);
}

/**
 * Ends the connection by `event`: forgets it and tells the program why. After an orderly end the program first takes
 * all that was received.
 * @param code a more exact reason for the program, if there is one
 */
export function endConnection(tcb: ControlBlock, event: Event, reason: CloseReason, code = errorCodeOf(reason)): void {
  if (tcb.state === CLOSED) return;
  const before = tcb.state;
  takeEvent(tcb, event);
  forget(tcb, before, reason, code);
}

/** Takes the control block, whose state was `before`, out of all tables and frees what it holds. */
function forget(tcb: ControlBlock, before: State, reason: CloseReason, code = errorCodeOf(reason)): void {
  if (before === SYN_RECEIVED && tcb.listener !== null) tcb.listener.halfOpen--;
  tcb.state = CLOSED;
  const { host } = tcb;
  host.connections.delete(tcb);
  host.timers.remove(tcb);
  if (tcb.pacing !== null) host.pacing.leave(tcb.pacing);
  tcb.queue.clear();
  tcb.flight.clear();
  host.bufferedBytes -= tcb.unread + (tcb.reassembly?.bytes ?? 0);
  tcb.reassembly = null;
  host.statistics.connectionsClosed++;
  if (reason !== 'closed') host.statistics.connectionsAborted++;
  if (reason === 'closed' && tcb.unread > 0) takeRest(tcb);
  else report(tcb, reason, code);
}

/**
 * Both sides have closed before the program took all bytes. It may still take them, now or at a `resume`; then it
 * hears of the end. (RFC 9293 section 3.10.3 allows RECEIVE in CLOSE-WAIT; the same reason holds right after it.) By
 * then only the bytes of the connection are left.
 */
export function takeRest(tcb: ControlBlock): void {
  offerReceived(tcb);
  if (tcb.unread > 0 && tcb.handler !== null) return;
  if (tcb.rcv.finReceived) reportEnd(tcb);
  report(tcb, 'closed');
}

/** The last thing that the program hears. */
function report(tcb: ControlBlock, reason: CloseReason, code: ErrorCode | undefined = errorCodeOf(reason)): void {
  const { handler, opener } = tcb;
  tcb.handler = null;
  tcb.opener = null;
  handler?.closed(reason, code);
  opener?.failed(reason, code);
}

/**
 * Enters TIME-WAIT (RFC 9293 section 3.6): the last ACK goes out, a small record stays to repeat it, and the rest is
 * forgotten.
 */
export function enterTimeWait(tcb: ControlBlock): void {
  if (tcb.rcv.ackNow) emitAck(tcb);
  const { host } = tcb;
  host.timeWaits.add(tcb, lastWindowField(tcb), host.clock.now + host.settings.timeWait);
  forget(tcb, TIME_WAIT, 'closed');
}
