/** A packet's payload in the form in which the one-line descriptions of `net/wire` take it. */
import { TransportSpan } from '../../../net/wire/transport-span.js';
import type { Packet } from '../../frame.js';

/** The place of a packet's payload, in the form that the stack's own readers take. */
export function spanOf(from: number, to: number, packet: Packet): TransportSpan {
  const span = new TransportSpan();
  span.protocol = packet.protocol;
  span.from = from;
  span.to = to;
  span.length = packet.length;
  span.isFragment = packet.isFragment;
  return span;
}
