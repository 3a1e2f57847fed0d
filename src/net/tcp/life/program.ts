/**
 * Calls from TCP up to the program (`ConnectionHandler`, `Opener`). While one runs, the program's data is only queued;
 * the caller of these functions sends it afterwards. A program may end the connection in any of them, so look at the
 * state afterwards.
 */
import type { ControlBlock } from '../block/control-block.js';
import type { ConnectionHandler } from '../handler.js';
import { growReceiveBuffer, windowUpdateDue } from '../send/receive-window.js';
import { CLOSED } from '../state.js';

/** The peer's FIN: the program hears of it once it has taken everything before it. */
export function reportEnd(tcb: ControlBlock): void {
  if (tcb.endReported || tcb.unread > 0 || tcb.handler === null) return;
  tcb.endReported = true;
  tcb.inCallback = true;
  tcb.handler.ended();
  tcb.inCallback = false;
}

/** Some of what was queued is acknowledged. */
export function reportAcknowledged(tcb: ControlBlock): void {
  if (tcb.handler === null) return;
  tcb.inCallback = true;
  tcb.handler.acknowledged();
  tcb.inCallback = false;
  resumeIfWanted(tcb);
}

/** The program's own time-out. */
export function reportTimeout(tcb: ControlBlock): void {
  if (tcb.handler === null) return;
  tcb.inCallback = true;
  tcb.handler.timedOut();
  tcb.inCallback = false;
  resumeIfWanted(tcb);
}

/** R1: data has been sent again three times (SHLD-9). */
export function reportTrouble(tcb: ControlBlock): void {
  if (tcb.handler?.troubled === undefined) return;
  tcb.inCallback = true;
  tcb.handler.troubled();
  tcb.inCallback = false;
}

/** New urgent data is ahead (MUST-32). */
export function reportUrgent(tcb: ControlBlock): void {
  if (tcb.handler?.urgent === undefined) return;
  tcb.inCallback = true;
  tcb.handler.urgent();
  tcb.inCallback = false;
}

/** An ICMP error that ends nothing (MUST-47). */
export function reportSoftError(tcb: ControlBlock, type: number, code: number): void {
  if (tcb.handler?.softError === undefined) return;
  tcb.inCallback = true;
  tcb.handler.softError(type, code);
  tcb.inCallback = false;
}

/**
 * A program may call `resume` in any callback (usually in `acknowledged`), when it has room for the bytes that it
 * left.
 */
function resumeIfWanted(tcb: ControlBlock): void {
  if (!tcb.resumeWanted) return;
  tcb.resumeWanted = false;
  if (tcb.state !== CLOSED) resumeReceiving(tcb);
}

/**
 * RECEIVE (RFC 9293 section 3.10.3) for bytes that were left: offers them, tells the peer of the room, and reports the
 * end.
 */
export function resumeReceiving(tcb: ControlBlock): void {
  const before = tcb.unread;
  offerReceived(tcb);
  if (isOver(tcb)) return;
  if (tcb.unread < before) {
    growReceiveBuffer(tcb);
    if (windowUpdateDue(tcb)) tcb.rcv.ackNow = true;
  }
  if (tcb.rcv.finReceived) reportEnd(tcb);
}

/** Offers the program again the received bytes that it left. */
export function offerReceived(tcb: ControlBlock): void {
  const handler: ConnectionHandler | null = tcb.handler;
  const { received } = tcb;
  if (handler === null || received === null || received.length === 0) return;
  tcb.inCallback = true;
  received.offer((bytes, from, to) => {
    if (tcb.handler !== handler) return 0;
    const taken = handler.received(bytes, from, to);
    // A connection that ended in the callback has given back all that it held.
    if (tcb.state !== CLOSED) tcb.host.bufferedBytes -= taken;
    return taken;
  });
  tcb.inCallback = false;
}

/** True if the connection ended in a callback. (The compiler does not see that a call may change the state.) */
export function isOver(tcb: ControlBlock): boolean {
  return tcb.state === CLOSED;
}
