/**
 * The ordinary answer: all that is queued goes out in one frame. It stands for `output` (tcp/send/output.ts) where no
 * window, no timer and no wish of the program says no: RFC 9293 sections 3.8.6.2.1 and 3.7.4, RFC 5681 section 3.1.
 */
import { MILLISECOND } from '../clock.js';
import { MAX_FRAGMENTS } from '../device/frame.js';
import type { ControlBlock } from '../tcp/block/control-block.js';
import { armLossProbe, armRetransmit } from '../tcp/loss/retransmit-timers.js';
import { emitSegment } from '../tcp/send/emit.js';
import { distance, isAtOrBefore } from '../tcp/sequence.js';
import { ESTABLISHED } from '../tcp/state.js';
import { RETRANSMIT } from '../tcp/timers.js';
import { ACK, PSH } from '../wire/tcp.js';

/** Sends all that is queued in one frame. False: `output` has to decide, and nothing was touched. */
export function sendWhole(tcb: ControlBlock): boolean {
  const { snd, queue, host } = tcb;
  const length = distance(snd.nxt, queue.tail);
  if (!fits(tcb, length)) return false;
  const end = queue.tail;
  emitSegment(tcb, snd.nxt, snd.pushTo === end ? ACK | PSH : ACK, length);
  tcb.flight.add(snd.nxt, end, Math.min(length, snd.mss), host.clock.stamp);
  snd.nxt = end;
  if (length % snd.mss !== 0) tcb.snd.smallTo = end;
  tcb.recovery.prrOut += length;
  host.statistics.bytesSent += length;
  tcb.snd.lastSentMs = host.clock.milliseconds;
  if (tcb.snd.unackedSinceMs < 0) tcb.snd.unackedSinceMs = host.clock.milliseconds;
  if (!tcb.host.timers.isArmed(tcb, RETRANSMIT)) armRetransmit(tcb);
  noteWindowUse(tcb, length);
  armLossProbe(tcb);
  return true;
}

/** True if nothing is in flight, and what is queued fits cwnd, the peer's window and a frame. */
function fits(tcb: ControlBlock, length: number): boolean {
  const { snd, queue, host, congestion, route } = tcb;
  const { offload } = host.device;
  if (length <= 0 || tcb.state !== ESTABLISHED || tcb.flight.first !== null) return false;
  if (snd.corked || snd.moreToCome || route.mtu !== snd.pathMtu || queue.pieces > MAX_FRAGMENTS) return false;
  if (length > congestion.cwnd || length > snd.wnd) return false;
  if (length > snd.mss) {
    const most = Math.min(offload.superSegmentBytes, snd.frameLimit, route.maxTransportBytes - 60);
    if (length > most - (most % snd.mss)) return false;
  }
  return (host.clock.milliseconds - tcb.snd.lastSentMs) * MILLISECOND <= tcb.roundTrip.rto;
}

/** How far cwnd is used, as in tcp/send/output.ts, with `length` bytes in flight and no more to send. */
function noteWindowUse({ recovery, snd, congestion }: ControlBlock, length: number): void {
  const limited = length >= congestion.cwnd;
  const isNewWindow = isAtOrBefore(recovery.usageTo, snd.una);
  if (!isNewWindow && !limited && (recovery.windowLimited || length <= recovery.mostInFlight)) return;
  recovery.windowLimited = limited;
  recovery.mostInFlight = length;
  recovery.usageTo = snd.nxt;
}
