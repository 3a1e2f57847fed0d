/**
 * The end of a connection: to TIME-WAIT, or at once. After this the control block is not in any table, holds no memory
 * of others and runs no timer.
 */
import type { ControlBlock } from './control-block.js';
import { emitAck } from './emit.js';
import type { CloseReason } from './handler.js';
import { receiveWindow } from './receive-window.js';
import { sendReset } from './reset.js';
import { CLOSED, type State, SYN_RECEIVED, SYN_SENT } from './state.js';

/** ABORT: a reset, and it is over (section 3.10.5). */
export function abortConnection(tcb: ControlBlock, reason: CloseReason): void {
  if (tcb.state === CLOSED) return;
  if (tcb.state !== SYN_SENT) sendReset(tcb);
  endConnection(tcb, reason);
}

/** Forgets the connection and tells the program why. */
export function endConnection(tcb: ControlBlock, reason: CloseReason): void {
  if (tcb.state === CLOSED) return;
  leaveState(tcb, tcb.state);
  tcb.state = CLOSED;
  const { host, handler, opener } = tcb;
  host.connections.delete(tcb);
  host.timers.remove(tcb);
  tcb.queue.clear();
  tcb.flight.clear();
  host.bufferedBytes -= tcb.received.length + (tcb.reassembly?.bytes ?? 0);
  tcb.reassembly = null;
  tcb.handler = null;
  tcb.opener = null;
  host.statistics.connectionsClosed++;
  if (reason !== 'closed') host.statistics.connectionsAborted++;
  handler?.closed(reason);
  opener?.failed(reason);
}

/** Into TIME-WAIT (RFC 9293 section 3.6): the last ACK goes out, a small record stays to repeat it, the rest is forgotten. */
export function enterTimeWait(tcb: ControlBlock): void {
  if (tcb.ack.now) emitAck(tcb);
  const { host } = tcb;
  const windowField = Math.min(receiveWindow(tcb) >>> tcb.rcv.scale, 0xffff);
  host.timeWaits.add(tcb, windowField, host.clock.now + host.settings.timeWait);
  endConnection(tcb, 'closed');
}

/** What a state's end means for others: a listener has one half-open connection less. */
export function leaveState(tcb: ControlBlock, state: State): void {
  if (state === SYN_RECEIVED && tcb.listener !== null) tcb.listener.halfOpen--;
}
