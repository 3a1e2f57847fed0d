/**
 * Two timers for a peer that says nothing: keep-alive (RFC 9293 section 3.8.4), and the limit of FIN-WAIT-2. Here they
 * are armed; timeouts.ts says what they do.
 */
import type { ControlBlock } from '../block/control-block.js';
import { ESTABLISHED } from '../state.js';
import { FIN_WAIT, KEEP_ALIVE } from '../timers.js';

/** Keep-alive: off unless the program asks for it (MUST-25). */
export function armKeepAlive(tcb: ControlBlock): void {
  if (tcb.preferences.keepAlive === null) tcb.host.timers.stop(tcb, KEEP_ALIVE);
  else if (tcb.state >= ESTABLISHED) tcb.host.timers.arm(tcb, KEEP_ALIVE, tcb.preferences.keepAlive.idle);
}

/** FIN-WAIT-2 lasts as long as the program reads; once it has let go, there is a limit (LX-3). */
export function armFinWait(tcb: ControlBlock): void {
  if (tcb.handler === null) tcb.host.timers.arm(tcb, FIN_WAIT, tcb.host.settings.finWait2);
}
