/** UDP: RFC 768. */
import { transportChecksum } from '../checksum-field.js';
import type { FrameContext, PseudoHeader } from '../context.js';
import { LayerBuilder } from '../layer-builder.js';
import { dissectData } from './transport.js';

const HEADER_BYTES = 8;

export function dissectUdp(frame: FrameContext, from: number, to: number, pseudo: PseudoHeader): void {
  const udp = new LayerBuilder('udp', 'UDP', 'RFC 768', frame.bytes, from, to, frame.from);
  frame.layers.push(udp);
  udp.uint('udp.srcport', 0, 2, 'Source port', 'where an answer goes; 0: nowhere');
  udp.uint('udp.dstport', 2, 2, 'Destination port', 'which program it is for');
  const length = udp.uint('udp.length', 4, 2, 'Length', 'header and data, bytes');
  transportChecksum(udp, 'udp.checksum', 6, pseudo);
  if (udp.available < HEADER_BYTES) return;
  if (length !== 0 && (length < HEADER_BYTES || length > pseudo.length)) udp.problem(`length ${length} is impossible`);
  dissectData(frame, from + HEADER_BYTES, to, 'Data');
}
