/** The link layer of a recorded frame: Ethernet and VLAN tags, Linux cooked captures, BSD loopback, raw IP. */

import { LinkView, linkName } from '../../capture/format/link-layer.js';
import {
  LINK_ETHERNET,
  LINK_LINUX_SLL,
  LINK_LINUX_SLL2,
  LINK_LOOP,
  LINK_NULL,
} from '../../capture/format/pcapng-format.js';
import type { FrameContext } from '../context.js';
import type { Protocol } from '../field.js';
import { LayerBuilder } from '../layer-builder.js';

const ETHERNET = 'IEEE 802.3 clause 3, RFC 894';
const VLAN = 'IEEE 802.1Q clause 9';
const COOKED = 'libpcap, LINKTYPE_LINUX_SLL';
const COOKED2 = 'libpcap, LINKTYPE_LINUX_SLL2';
const LOOPBACK = 'libpcap, LINKTYPE_NULL';

const ETHER_TYPES: Readonly<Record<number, string>> = {
  2048: 'IPv4',
  2054: 'ARP',
  32821: 'RARP',
  33024: 'VLAN tag',
  34525: 'IPv6',
  34915: 'PPPoE discovery',
  34916: 'PPPoE session',
  34984: 'provider VLAN tag',
  35020: 'LLDP',
};

const PACKET_TYPES = ['sent to us', 'broadcast', 'multicast', 'sent to somebody else', 'sent by us'];

/** Adds the link's layers; returns where the network layer is, or undefined if that cannot be said. */
export function dissectLink(frame: FrameContext, linkType: number): LinkView | undefined {
  if (linkType === LINK_ETHERNET) ethernet(frame);
  else if (linkType === LINK_LINUX_SLL) cooked(frame);
  else if (linkType === LINK_LINUX_SLL2) cooked2(frame);
  else if (linkType === LINK_NULL || linkType === LINK_LOOP) loopback(frame);
  const view = new LinkView();
  if (view.read(linkType, frame.bytes, frame.from, frame.to)) return view;
  if (linkName(linkType) === undefined) unknown(frame, linkType);
  return undefined;
}

function layer(
  frame: FrameContext,
  protocol: Protocol,
  label: string,
  section: string,
  from = frame.from,
): LayerBuilder {
  const builder = new LayerBuilder(protocol, label, section, frame.bytes, from, frame.to, frame.from);
  frame.layers.push(builder);
  return builder;
}

function ethernet(frame: FrameContext): void {
  const eth = layer(frame, 'eth', 'Ethernet II', ETHERNET);
  eth.mac('eth.dst', 0, 'Destination', 'the station (or group, if the first byte is odd) that shall take it');
  eth.mac('eth.src', 6, 'Source', 'the station that sent it');
  typeField(eth, 'eth.type', 12);
  tags(frame, eth.peek(12, 2), frame.from + 14);
}

/** A type below 1536 is a length: then an IEEE 802.2 header follows. */
function typeField(builder: LayerBuilder, name: string, offset: number): void {
  const type = builder.peek(offset, 2);
  if (type < 1536) builder.uint('eth.len', offset, 2, 'Length', 'IEEE 802.3: bytes that follow');
  else builder.hex(name, offset, 2, 'Type', ETHER_TYPES[type] ?? 'no protocol that is known here');
}

function tags(frame: FrameContext, firstType: number, from: number): void {
  let type = firstType;
  for (let at = from; (type === 0x8100 || type === 0x88a8 || type === 0x9100) && at + 4 <= frame.to; at += 4) {
    const vlan = layer(frame, 'vlan', 'VLAN tag', VLAN, at);
    vlan.bits('vlan.priority', 0, 2, 13, 7, 'Priority', 'class of service, 7 the highest');
    vlan.flag('vlan.dei', 0, 2, 12, 'Drop eligible', 'may be dropped first when there is too much');
    vlan.bits('vlan.id', 0, 2, 0, 0xfff, 'VLAN', 'the virtual network it belongs to');
    typeField(vlan, 'vlan.etype', 2);
    type = vlan.peek(2, 2);
    if (frame.layers.length > 8) return;
  }
}

function cooked(frame: FrameContext): void {
  const sll = layer(frame, 'sll', 'Linux cooked capture', COOKED);
  sll.uint('sll.pkttype', 0, 2, 'Packet type', PACKET_TYPES[sll.peek(0, 2)] ?? 'not known');
  sll.uint('sll.hatype', 2, 2, 'Link type', 'the ARPHRD number of the interface');
  sll.uint('sll.halen', 4, 2, 'Address length', "bytes of the sender's link address");
  if (sll.peek(4, 2) === 6) sll.mac('sll.src.eth', 6, 'Source', "the sender's link address");
  typeField(sll, 'sll.etype', 14);
  tags(frame, sll.peek(14, 2), frame.from + 16);
}

function cooked2(frame: FrameContext): void {
  const sll = layer(frame, 'sll', 'Linux cooked capture v2', COOKED2);
  typeField(sll, 'sll.etype', 0);
  sll.uint('sll.ifindex', 4, 4, 'Interface', 'its index on the capturing machine');
  sll.uint('sll.hatype', 8, 2, 'Link type', 'the ARPHRD number of the interface');
  sll.uint('sll.pkttype', 10, 1, 'Packet type', PACKET_TYPES[sll.peek(10, 1)] ?? 'not known');
  sll.uint('sll.halen', 11, 1, 'Address length', "bytes of the sender's link address");
  if (sll.peek(11, 1) === 6) sll.mac('sll.src.eth', 12, 'Source', "the sender's link address");
  tags(frame, sll.peek(0, 2), frame.from + 20);
}

function loopback(frame: FrameContext): void {
  const loop = layer(frame, 'null', 'BSD loopback', LOOPBACK);
  loop.raw('null.family', 0, 4, 'Family', 'address family of the capturing system, in its byte order');
}

function unknown(frame: FrameContext, linkType: number): void {
  const data = layer(frame, 'data', 'Frame', 'libpcap, LINKTYPE registry');
  data.problem(`link type ${linkType} is not known here`);
  data.raw('data', 0, Math.min(64, data.available), 'Bytes', 'the first 64 at most');
}
