/**
 * Tail loss probe: RFC 8985 section 7. If the last segments of a flight are lost, no duplicate ACK shows it. So one
 * segment is sent (again) well before the retransmission time-out. Its ACK or SACK shows what is missing.
 */
import type { ControlBlock } from '../block/control-block.js';
import { armRetransmit } from '../loss/retransmit-timers.js';
import type { AckOutcome } from '../parts/ack-outcome.js';
import { OPEN } from '../parts/recovery-state.js';
import { add, distance, earlier, isAfter, isBefore, type Sequence } from '../sequence.js';
import { LOSS_PROBE } from '../timers.js';
import { resend, sendBeyondCwnd } from './output.js';

/** Section 7.3: sends new data if there is any and the peer's window allows it, else the last segment once more. */
export function sendLossProbe(tcb: ControlBlock): void {
  tcb.host.timers.stop(tcb, LOSS_PROBE);
  const { recovery, flight, snd } = tcb;
  // SACK shows that the end of the flight has arrived, so no probe is needed.
  if (flight.last === null || flight.last.sacked || recovery.phase !== OPEN) return;
  const before = snd.nxt;
  recovery.probeOut = true;
  recovery.probeResent = false;
  sendBeyondCwnd(tcb);
  if (snd.nxt === before) resendLast(tcb);
  recovery.probeTo = snd.nxt;
  tcb.host.statistics.lossProbes++;
  armRetransmit(tcb);
}

function resendLast(tcb: ControlBlock): void {
  let last = tcb.flight.last!;
  const cut = add(earlier(last.to, tcb.queue.tail), -tcb.snd.mss);
  if (isBefore(last.from, cut)) last = tcb.flight.split(last, cut);
  tcb.recovery.probeResent = true;
  resend(tcb, last, distance(last.from, last.to));
}

/** Section 7.4: judges the ACK of a probe. Returns true if the probe repaired a loss that nothing else showed. */
export function judgeLossProbe(
  tcb: ControlBlock,
  acknowledgment: Sequence,
  duplicateSack: boolean,
  outcome: AckOutcome,
): boolean {
  const { recovery } = tcb;
  if (!recovery.probeOut || isBefore(acknowledgment, recovery.probeTo)) return false;
  if (!recovery.probeResent || duplicateSack) {
    recovery.probeOut = false;
    return false;
  }
  if (isAfter(acknowledgment, recovery.probeTo)) {
    recovery.probeOut = false;
    return true;
  }
  // The ACK covers just the probe, and may be for the original or for the copy. The next ACK will show which. If that
  // one brings no news, nothing was lost.
  if (outcome.delivered === 0) recovery.probeOut = false;
  return false;
}
