/** What IP carries: by protocol number to the dissector that knows it. */
import { protocolName } from '../../net/wire/transport-span.js';
import { type FrameContext, MAX_LAYERS, type PseudoHeader } from '../context.js';
import { LayerBuilder } from '../layer-builder.js';
import { dissectIcmp } from './icmp.js';
import { dissectIcmpV6 } from './icmpv6.js';
import { dissectTcp } from './tcp.js';
import { dissectUdp } from './udp.js';

/** The transport header and data are `bytes[from, to)` of the frame. */
export function dissectTransport(
  frame: FrameContext,
  protocol: number,
  from: number,
  to: number,
  pseudo: PseudoHeader,
): void {
  if (frame.layers.length >= MAX_LAYERS) return;
  switch (protocol) {
    case 6:
      dissectTcp(frame, from, to, pseudo);
      return;
    case 17:
      dissectUdp(frame, from, to, pseudo);
      return;
    case 1:
      dissectIcmp(frame, from, to, pseudo);
      return;
    case 58:
      dissectIcmpV6(frame, from, to, pseudo);
      return;
    default:
      dissectData(frame, from, to, `${protocolName(protocol)} data`);
      return;
  }
}

/** Bytes that nobody here takes apart. */
export function dissectData(frame: FrameContext, from: number, to: number, label: string): void {
  if (to <= from) return;
  const data = new LayerBuilder('data', label, '', frame.bytes, from, to, frame.from);
  frame.layers.push(data);
  data.add('data.len', 0, to - from, 'Length', to - from, 'bytes');
}
