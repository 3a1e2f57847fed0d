/**
 * Proportional rate reduction: RFC 9937 (once RFC 6937). After a loss or an ECN mark, cwnd comes down in proportion
 * to what is delivered. So the flight reaches ssthresh within a round trip, without a burst and without a pause.
 */
import type { ControlBlock } from '../block/control-block.js';
import { pipe } from './pipe.js';

/**
 * Section 6, on entry, when ssthresh has been set. RecoverFS leaves out bytes that SACK reported earlier, because
 * they will not be delivered again. It includes the bytes that this ACK reports (`delivered`).
 */
export function startRateReduction(tcb: ControlBlock, delivered: number): void {
  const { recovery, flight } = tcb;
  recovery.prrDelivered = 0;
  recovery.prrOut = 0;
  recovery.prrFlight = Math.max(1, flight.outstanding - flight.sackedBytes + delivered);
}

/**
 * Section 6, on every ACK: sets cwnd to what may be sent now. @param delivered bytes that this ACK reports for the
 * first time
 */
export function proportionalRateReduction(tcb: ControlBlock, delivered: number, safeAck: boolean): void {
  const { recovery, congestion, snd } = tcb;
  const inPipe = pipe(tcb);
  recovery.prrDelivered += delivered;
  let quota: number;
  if (inPipe > congestion.ssthresh) {
    const share = Math.ceil((recovery.prrDelivered * congestion.ssthresh) / recovery.prrFlight);
    quota = share - recovery.prrOut;
  } else {
    let limit = Math.max(recovery.prrDelivered - recovery.prrOut, delivered);
    // SafeACK: SND.UNA moved and nothing more turned out to be lost. So one segment more may go than was delivered.
    if (safeAck) limit += snd.mss;
    quota = Math.min(congestion.ssthresh - inPipe, limit);
  }
  // The first resend is never held back.
  if (recovery.prrOut === 0) quota = Math.max(quota, snd.mss);
  congestion.cwnd = inPipe + Math.max(quota, 0);
}
