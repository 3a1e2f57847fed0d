/**
 * What the expected segment does to its connection: RFC 9293 section 3.10.7.4, for the case that every step has its
 * ordinary answer. In the order of tcp/arrives/other-states.ts.
 */

import { finishSynchronized } from '../tcp/arrives/other-states.js';
import { receiveText } from '../tcp/arrives/receive-text.js';
import type { ControlBlock } from '../tcp/block/control-block.js';
import { isOver, reportAcknowledged } from '../tcp/life/program.js';
import type { Segment } from '../tcp/segment.js';
import { noteBigFrames } from '../tcp/send/big-frame.js';
import { distance, isAtOrBefore } from '../tcp/sequence.js';
import { ESTABLISHED } from '../tcp/state.js';
import { LOSS_PROBE, RETRANSMIT } from '../tcp/timers.js';

/**
 * Takes `segment`, which `isExpected`. Returns true if what there is to send is still to be sent: false if the
 * connection is over, or if the program did something rare and the textbook's steps have finished the segment.
 */
export function take(tcb: ControlBlock, segment: Segment): boolean {
  const { host, snd } = tcb;
  const { milliseconds } = host.clock;
  // The first step, and before it PAWS.
  tcb.rcv.lastHeardMs = milliseconds;
  if (segment.options.hasTimestamps && isAtOrBefore(segment.sequence, tcb.rcv.lastAckSent)) {
    tcb.rcv.tsRecent = segment.options.timestampValue;
    tcb.rcv.tsRecentMs = milliseconds;
  }
  // The fifth step.
  snd.wnd = segment.window << snd.scale;
  snd.wl1 = segment.sequence;
  if (snd.wnd > snd.maxWindow) snd.maxWindow = snd.wnd;
  tcb.snd.probesSent = 0;
  if (tcb.snd.softError !== null) tcb.snd.softError = null;
  if (segment.acknowledgment !== snd.una) {
    takeAcknowledged(tcb, segment);
    reportAcknowledged(tcb);
    if (isOver(tcb)) return false;
    if (tcb.state !== ESTABLISHED || tcb.handler === null) {
      finishSynchronized(tcb, segment);
      return false;
    }
  }
  if (segment.dataTo > segment.dataFrom) receiveText(tcb, segment);
  return !isOver(tcb);
}

/** All that was out has arrived: RFC 9293's fifth step, RFC 6298, RFC 5681. */
function takeAcknowledged(tcb: ControlBlock, segment: Segment): void {
  const { host, snd, flight, queue, roundTrip, congestion, recovery } = tcb;
  const { outcome, clock } = host;
  outcome.reset();
  flight.acknowledge(segment.acknowledgment, outcome);
  const head = queue.head;
  queue.acknowledge(segment.acknowledgment);
  host.statistics.bytesAcknowledged += distance(head, queue.head);
  snd.una = segment.acknowledgment;
  roundTrip.sample((clock.stamp - outcome.rttSentAt) | 0, clock.stamp);
  roundTrip.endBackoff();
  tcb.snd.unackedSinceMs = -1;
  host.timers.stop(tcb, RETRANSMIT);
  host.timers.stop(tcb, LOSS_PROBE);
  tcb.route.neighbor.confirm();
  if (!host.bigFrameDelivered) noteBigFrames(tcb, outcome);
  if (
    recovery.windowLimited ||
    (congestion.cwnd < congestion.ssthresh && congestion.cwnd < 2 * recovery.mostInFlight)
  ) {
    congestion.onAck(outcome.acked, clock.milliseconds, roundTrip.smoothed, roundTrip.latest);
  }
  tcb.snd.moreToCome = false;
}
