/** A checksum as two fields: what it is, and whether it is right (RFC 1071). */
import { fold, sum } from '../net/wire/checksum.js';
import type { FieldName, Verdict } from './catalogue.js';
import type { Packet } from './frame.js';
import type { LayerBuilder } from './layer-builder.js';

/** The names of the checksum fields; the verdict's is the same with `.status`. */
export type ChecksumName = 'ip.checksum' | 'icmp.checksum' | 'gre.checksum' | TransportChecksumName;
type TransportChecksumName = 'tcp.checksum' | 'udp.checksum' | 'icmpv6.checksum';

interface Judgement {
  readonly verdict: Verdict;
  readonly meaning: string;
}

/** The checksum of an IPv4 or ICMP header: over `[0, end)` of the layer, without a pseudo-header. */
export function plainChecksum(
  layer: LayerBuilder,
  name: ChecksumName,
  offset: number,
  end: number,
  isWhole: boolean,
): void {
  if (!layer.has(offset, 2)) return;
  addChecksum(
    layer,
    name,
    offset,
    isWhole
      ? judge(layer, offset, fold(sum(layer.bytes, layer.from, layer.from + end)))
      : unverified('not all of it is here'),
  );
}

/** The checksum of TCP, UDP or ICMPv6: over the whole payload of the packet, and the pseudo-header. */
export function transportChecksum(
  layer: LayerBuilder,
  name: TransportChecksumName,
  offset: number,
  packet: Packet,
): void {
  if (layer.has(offset, 2)) addChecksum(layer, name, offset, judgeTransport(layer, name, offset, packet));
}

function judgeTransport(layer: LayerBuilder, name: TransportChecksumName, offset: number, packet: Packet): Judgement {
  if (name === 'udp.checksum' && layer.peek(offset, 2) === 0) return absent(layer, packet);
  if (packet.isFragment) return unverified('a fragment');
  if (packet.sum < 0) return unverified('the final destination is not known');
  if (packet.length > layer.available) return unverified('not all of the packet is here');
  const header = fold(packet.sum + (packet.length & 0xffff) + (packet.length >>> 16));
  const total = fold(header + sum(layer.bytes, layer.from, layer.from + packet.length));
  // A sender with checksum offload leaves the pseudo-header's sum there: not inverted, the rest not yet added.
  if (total !== 0xffff && layer.peek(offset, 2) === header)
    return { verdict: 'Partial', meaning: 'left to the network card (partial)' };
  return judge(layer, offset, total);
}

/** RFC 768 allows UDP without a checksum; RFC 8200 section 8.1 forbids it over IPv6, but for tunnels (RFC 6935). */
function absent(layer: LayerBuilder, { source }: Packet): Judgement {
  const isIpv6 = source.includes(':');
  if (!isIpv6 || isTunnel(layer.peek(2, 2))) return { verdict: 'Not present', meaning: 'none' };
  layer.problem('UDP over IPv6 without a checksum');
  return { verdict: 'Illegal', meaning: 'none, which only tunnels may do over IPv6' };
}

/** VXLAN, Geneve and MPLS have their own port. */
function isTunnel(port: number): boolean {
  return port === 4789 || port === 6081 || port === 6635;
}

/** `total` is the folded sum of everything, the field included: all ones if the field is right. */
function judge(layer: LayerBuilder, offset: number, total: number): Judgement {
  // A sum of nothing but zeros stays 0: then the field is 0 where it should be 0xffff.
  if (total === 0xffff) return { verdict: 'Good', meaning: 'correct' };
  const found = layer.peek(offset, 2);
  const right = ~fold(total + (~found & 0xffff)) & 0xffff;
  const meaning = `wrong, should be 0x${right.toString(16).padStart(4, '0')}`;
  layer.problem(`${layer.label} checksum ${meaning}`);
  return { verdict: 'Bad', meaning };
}

function unverified(why: string): Judgement {
  return { verdict: 'Unverified', meaning: `not checked: ${why}` };
}

function addChecksum(layer: LayerBuilder, name: ChecksumName, offset: number, { verdict, meaning }: Judgement): void {
  const status: FieldName = `${name}.status`;
  layer.hex(name, offset, 2, 'Checksum', meaning);
  layer.add(status, offset, 2, 'Checksum status', verdict, 'the result of the check');
}
