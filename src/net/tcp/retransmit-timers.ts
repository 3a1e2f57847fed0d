/**
 * When to send again if nothing is heard: the retransmission timer (RFC 6298 section 5), the tail loss probe's (RFC 8985
 * section 7.2) and the persist timer (RFC 9293 section 3.8.6.1). Here they are armed; timeouts.ts says what they do.
 */
import { MILLISECOND } from '../clock.js';
import type { ControlBlock } from './control-block.js';
import { OPEN } from './recovery-state.js';
import { LOSS_PROBE, PERSIST, RETRANSMIT } from './timers.js';

/** The longest that the peer may delay an ACK (WCDelAckT, RFC 8985 section 7.2), and the poll loop's granularity. */
const WORST_DELAYED_ACK = 200 * MILLISECOND;
const GRANULARITY = 2 * MILLISECOND;

/** RFC 6298 sections 5.1 and 5.3. */
export function armRetransmit(tcb: ControlBlock): void {
  tcb.timers.stop(PERSIST);
  tcb.host.timers.arm(tcb, RETRANSMIT, tcb.host.clock.now + tcb.roundTrip.rto);
}

/** Nothing is in flight and the window is too small to send: ask for it again after an RTO. */
export function armPersist(tcb: ControlBlock): void {
  if (tcb.timers.isArmed(PERSIST)) return;
  tcb.host.timers.arm(tcb, PERSIST, tcb.host.clock.now + tcb.roundTrip.rto);
}

/** RFC 8985 section 7.2: after sending new data, and on ACKs that advance SND.UNA. */
export function armLossProbe(tcb: ControlBlock): void {
  const { recovery, flight, roundTrip, timers, host } = tcb;
  if (flight.outstanding === 0 || !tcb.sackEnabled || !host.settings.tailLossProbe) {
    timers.stop(LOSS_PROBE);
    return;
  }
  if (recovery.phase !== OPEN || recovery.probeOut || flight.sackedBytes > 0 || roundTrip.smoothed === 0) return;
  const slack = flight.outstanding <= tcb.snd.mss ? WORST_DELAYED_ACK : GRANULARITY;
  const due = host.clock.now + 2 * roundTrip.smoothed + slack;
  // Where the time-out comes first there is nothing to gain.
  if (due < timers.due[RETRANSMIT]!) host.timers.arm(tcb, LOSS_PROBE, due);
  else timers.stop(LOSS_PROBE);
}
