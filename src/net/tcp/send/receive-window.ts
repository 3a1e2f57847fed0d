/**
 * The window that we offer: RFC 9293 section 3.8.6 and, against silly windows, section 3.8.6.2.2, scaled by RFC 7323
 * section 2.2.
 *
 *     |<----------------- RCV.BUFF ---------------->|
 *     | received, not taken |   offered   | kept   |
 *                        RCV.NXT      rcv.edge      the edge moves only by a worthwhile step
 */
import type { ControlBlock } from '../block/control-block.js';
import { add, distance, later } from '../sequence.js';

/** RCV.WND: how much beyond RCV.NXT the peer may send by what we have told it. */
export function receiveWindow(tcb: ControlBlock): number {
  return Math.max(0, distance(tcb.rcv.nxt, tcb.rcv.edge));
}

/**
 * The window field for the segment about to be sent, and with it the new right edge. It moves when there is room for
 * a full segment or half the buffer more than the peer knows of (MUST-39), and not back (SHLD-14).
 */
export function advertiseWindow(tcb: ControlBlock, isSyn: boolean): number {
  const rcv = tcb.rcv;
  // In a SYN the field is not scaled (RFC 7323 section 2.2).
  const scale = isSyn ? 0 : rcv.scale;
  const free = rcv.buffer - tcb.unread;
  const room = Math.max(0, free);
  const offered = receiveWindow(tcb);
  const step = Math.min(tcb.rcv.buffer >> 1, tcb.rcv.offeredMss);
  const window = room - offered >= step ? room : offered;
  const field = Math.min(fieldFor(window, scale, free + (rcv.buffer >> 4)), 0xffff);
  rcv.edge = later(rcv.edge, add(rcv.nxt, field << scale));
  return field;
}

/**
 * `window` in units of 2^scale, rounded up, as in Linux. If it were rounded down, the edge that the peer knows would
 * move left with each ACK of an odd length (RFC 7323 section 2.4). Each time the edge moves right by less than a
 * unit. So a peer that sends byte by byte would never find the window closed. For that reason the field is rounded
 * down when it would exceed `most`.
 */
function fieldFor(window: number, scale: number, most: number): number {
  const field = (window + (1 << scale) - 1) >>> scale;
  return field << scale < most + (1 << scale) ? field : window >>> scale;
}

/** The window field of the ACKs from TIME-WAIT: at least the window that the last ACK offered. */
export function lastWindowField(tcb: ControlBlock): number {
  const { scale } = tcb.rcv;
  return Math.min((receiveWindow(tcb) + (1 << scale) - 1) >>> scale, 0xffff);
}

/**
 * The program has taken some of the data. If the buffer bounds the speed, it grows, and the next ACK offers more. It
 * does not grow while the host's memory is half full.
 */
export function growReceiveBuffer(tcb: ControlBlock): void {
  const { rcv, host } = tcb;
  const { tuning } = rcv;
  if (tuning === null) return;
  if (rcv.buffer >= rcv.largestBuffer || 2 * host.bufferedBytes > host.settings.maximumBufferedBytes) return;
  const taken = add(rcv.nxt, -tcb.unread);
  const wanted = tuning.wanted(taken, rcv.offeredMss, host.clock.stamp);
  if (wanted > rcv.buffer) rcv.buffer = Math.min(wanted, rcv.largestBuffer);
}

/** True if the program has taken so much that the peer should hear of the room: a window update is worth a segment. */
export function windowUpdateDue(tcb: ControlBlock): boolean {
  const step = Math.min(tcb.rcv.buffer >> 1, 2 * tcb.rcv.offeredMss);
  // More room than the field can say is no news.
  const room = Math.min(tcb.rcv.buffer - tcb.unread, 0xffff << tcb.rcv.scale);
  return room - receiveWindow(tcb) >= step;
}

/** The shift that lets `bufferBytes` be offered in 16 bits. */
export function windowScaleFor(bufferBytes: number): number {
  let scale = 0;
  while (bufferBytes >>> scale > 0xffff && scale < 14) scale++;
  return scale;
}
