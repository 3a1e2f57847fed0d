/**
 * What the expected segment does to its connection: RFC 9293 section 3.10.7.4, for the case that every step has its
 * ordinary answer: the first, the fifth and the seventh step, in the order of tcp/arrives/other-states.ts.
 */

import { windowWasUsed } from '../tcp/arrives/acknowledge.js';
import { finishSynchronized } from '../tcp/arrives/other-states.js';
import { receiveText } from '../tcp/arrives/receive-text.js';
import type { ControlBlock } from '../tcp/block/control-block.js';
import { isOver, reportAcknowledged } from '../tcp/life/program.js';
import type { SentSegment } from '../tcp/parts/sent-segment.js';
import type { Segment } from '../tcp/segment.js';
import { ORDINARY_FRAME } from '../tcp/send/big-frame.js';
import { distance, isAtOrBefore, type Sequence } from '../tcp/sequence.js';
import { ESTABLISHED } from '../tcp/state.js';
import { LOSS_PROBE, RETRANSMIT } from '../tcp/timers.js';
import { elapsed } from '../tcp/wrapping.js';

/**
 * Takes `segment`, which `isExpected`. Returns true if what there is to send is still to be sent: false if the
 * connection is over, or if the program did something rare and the textbook's steps have finished the segment.
 */
export function take(tcb: ControlBlock, segment: Segment): boolean {
  const { host, snd } = tcb;
  const { milliseconds } = host.clock;
  // The first step, and TS.Recent (RFC 7323 section 4.3).
  tcb.rcv.lastHeardMs = milliseconds;
  if (segment.options.hasTimestamps && isAtOrBefore(segment.sequence, tcb.rcv.lastAckSent)) {
    tcb.rcv.tsRecent = segment.options.timestampValue;
    tcb.rcv.tsRecentMs = milliseconds;
  }
  // The fifth step: the window first.
  snd.wnd = segment.window << snd.scale;
  snd.wl1 = segment.sequence;
  if (snd.wnd > snd.maxWindow) snd.maxWindow = snd.wnd;
  snd.probesSent = 0;
  if (snd.softError !== null) snd.softError = null;
  const { first } = tcb.flight;
  if (first !== null) {
    takeAcknowledged(tcb, first, segment.acknowledgment);
    reportAcknowledged(tcb);
    if (isOver(tcb)) return false;
    if (tcb.state !== ESTABLISHED || tcb.handler === null) {
      finishSynchronized(tcb, segment);
      return false;
    }
  }
  // The seventh step.
  if (segment.dataTo > segment.dataFrom) receiveText(tcb, segment);
  return !isOver(tcb);
}

/**
 * All that was out has arrived: the fifth step in ESTABLISHED, a round-trip sample, which ends the back-off (RFC
 * 6298 sections 3 and 5), the growth of cwnd (RFC 5681 section 3.1).
 */
function takeAcknowledged(tcb: ControlBlock, first: SentSegment, acknowledgment: Sequence): void {
  const { host, snd, queue, roundTrip, congestion } = tcb;
  const { clock } = host;
  const acked = distance(snd.una, acknowledgment);
  const sample = elapsed(first.sentAt, clock.stamp);
  const largest = tcb.flight.acknowledgeAll();
  if (largest > ORDINARY_FRAME) host.bigFrameDelivered = true;
  queue.acknowledge(acknowledgment);
  host.statistics.bytesAcknowledged += acked;
  snd.una = acknowledgment;
  roundTrip.sample(sample, clock.stamp);
  snd.unackedSinceMs = -1;
  host.timers.stop(tcb, RETRANSMIT);
  host.timers.stop(tcb, LOSS_PROBE);
  tcb.route.neighbor.confirm();
  if (windowWasUsed(tcb)) {
    congestion.onAck(acked, clock.milliseconds, roundTrip.smoothed, roundTrip.latest);
  }
  snd.moreToCome = false;
}
