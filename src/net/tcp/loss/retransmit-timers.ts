/**
 * The timers for a peer from which nothing is heard: retransmission (RFC 6298 section 5), tail loss probe (RFC 8985
 * section 7.2) and persist (RFC 9293 section 3.8.6.1). This file arms them; timeouts.ts says what they do.
 */
import { MILLISECOND } from '../../clock.js';
import type { ControlBlock } from '../block/control-block.js';
import { OPEN } from '../parts/recovery-state.js';
import { LOSS_PROBE, PERSIST, RETRANSMIT } from '../timers.js';

/** The longest that the peer may delay an ACK (WCDelAckT, RFC 8985 section 7.2). */
const WORST_DELAYED_ACK = 200 * MILLISECOND;

/** RFC 6298 sections 5.1 and 5.3; never beyond the user time-out (RFC 9293 section 3.8.3). */
export function armRetransmit(tcb: ControlBlock): void {
  tcb.host.timers.stop(tcb, PERSIST);
  tcb.snd.persistTimeouts = 0;
  tcb.host.timers.arm(tcb, RETRANSMIT, beforeUserTimeout(tcb, tcb.roundTrip.rto));
}

/** `timeout` microseconds, or what is left of the user time-out. */
function beforeUserTimeout(tcb: ControlBlock, timeout: number): number {
  const { userTimeout } = tcb.preferences;
  if (userTimeout === 0 || tcb.snd.unackedSinceMs < 0) return timeout;
  return Math.min(timeout, Math.max(0, userTimeout - unackedFor(tcb)));
}

/** For how long data has been unacknowledged, microseconds. */
export function unackedFor(tcb: ControlBlock): number {
  return (tcb.host.clock.milliseconds - tcb.snd.unackedSinceMs) * MILLISECOND;
}

/**
 * Nothing is in flight and the window is too small to send: starts the timer of the next probe. The first comes after
 * an RTO; each wait is twice as long as the one before (RFC 9293 section 3.8.6.1, SHLD-30).
 */
export function armPersist(tcb: ControlBlock): void {
  if (tcb.host.timers.isArmed(tcb, PERSIST)) return;
  // Data that waits for a window counts as unacknowledged, too (Linux: TCP_USER_TIMEOUT).
  if (tcb.snd.unackedSinceMs < 0) tcb.snd.unackedSinceMs = tcb.host.clock.milliseconds;
  const wait = tcb.roundTrip.rto * 2 ** tcb.snd.persistTimeouts;
  tcb.host.timers.arm(tcb, PERSIST, beforeUserTimeout(tcb, Math.min(wait, tcb.host.settings.maximumRto)));
}

/** RFC 8985 section 7.2: after sending new data, and on ACKs that advance SND.UNA. */
export function armLossProbe(tcb: ControlBlock): void {
  const { recovery, flight, roundTrip, host } = tcb;
  if (flight.outstanding === 0 || !tcb.usesSack || !host.settings.tailLossProbe) {
    host.timers.stop(tcb, LOSS_PROBE);
    return;
  }
  if (recovery.phase !== OPEN || recovery.probeOut || flight.sackedBytes > 0 || roundTrip.smoothed === 0) return;
  // A peer may delay the ACK of a single segment. It must acknowledge several at once, but it may have to wait for a
  // CPU.
  const bytes = flight.outstanding - (tcb.snd.finSent ? 1 : 0);
  const slack = bytes <= tcb.snd.mss ? WORST_DELAYED_ACK : host.settings.lossProbeFloor;
  // If the probe would come after the time-out, it replaces the time-out (section 7.2, last lines), since a probe
  // does less harm.
  const delay = 2 * roundTrip.smoothed + slack;
  if (host.clock.now + delay < host.timers.deadline(tcb, RETRANSMIT)) host.timers.arm(tcb, LOSS_PROBE, delay);
  else host.timers.armLike(tcb, LOSS_PROBE, RETRANSMIT);
}
