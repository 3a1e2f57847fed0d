/** Linux "cooked" captures, versions 1 and 2: what `tcpdump -i any` writes in the place of a link header. */
import type { Frame } from '../../frame.js';
import type { LayerBuilder } from '../../layer-builder.js';
import { etherTypeName, isLength } from './ether-types.js';
import { dissectTagged } from './ethernet.js';

const HEADER_BYTES = 16;
const HEADER2_BYTES = 20;
const PACKET_TYPES = ['sent to us', 'broadcast', 'multicast', 'sent to another host', 'sent by us'];
/** Numbers of Linux in the place of an EtherType: IEEE 802.3 without LLC, and with it. */
const TYPE_802_3 = 1;
const TYPE_802_2 = 4;

/** The header of Linux's cooked captures, version 1: what `-i any` wrote for long. 16 bytes. */
export function dissectCooked(frame: Frame, from: number, to: number): void {
  const sll = frame.layer('sll', 'Linux cooked capture', 'libpcap, LINKTYPE_LINUX_SLL', from, to);
  packetType(sll, 0, 2);
  sll.uint('sll.hatype', 2, 2, 'Link type', 'the ARPHRD number of the interface');
  address(sll, 4, 2, 6);
  protocol(sll, 14);
  if (sll.available >= HEADER_BYTES) carried(frame, sll.peek(14, 2), from + HEADER_BYTES, to);
  else frame.say(`[|sll], length ${to - from}`);
}

/** Version 2 of that header, which names the interface. 20 bytes. */
export function dissectCooked2(frame: Frame, from: number, to: number): void {
  const sll = frame.layer('sll', 'Linux cooked capture v2', 'libpcap, LINKTYPE_LINUX_SLL2', from, to);
  protocol(sll, 0);
  sll.uint('sll.ifindex', 4, 4, 'Interface', 'its index on the capturing machine');
  frame.seenAt += `.${sll.peek(4, 4)}`;
  sll.uint('sll.hatype', 8, 2, 'Link type', 'the ARPHRD number of the interface');
  packetType(sll, 10, 1);
  address(sll, 11, 1, 12);
  if (sll.available >= HEADER2_BYTES) carried(frame, sll.peek(0, 2), from + HEADER2_BYTES, to);
  else frame.say(`[|sll2], length ${to - from}`);
}

function packetType(sll: LayerBuilder, offset: number, length: number): void {
  sll.uint('sll.pkttype', offset, length, 'Packet type', PACKET_TYPES[sll.peek(offset, length)] ?? 'unknown');
}

function address(sll: LayerBuilder, lengthAt: number, length: number, at: number): void {
  const bytes = sll.uint('sll.halen', lengthAt, length, 'Address length', "bytes of the sender's link address");
  if (bytes === 6) sll.mac('sll.src.eth', at, 'Source', "the sender's link address");
}

function protocol(sll: LayerBuilder, offset: number): void {
  const type = sll.peek(offset, 2);
  sll.hex('sll.etype', offset, 2, 'Type', isLength(type) ? 'a Linux number, no EtherType' : etherTypeName(type));
}

function carried(frame: Frame, type: number, from: number, to: number): void {
  if (type === TYPE_802_2) frame.carried.etherType(frame, 0, from, to);
  else if (type === TYPE_802_3 || isLength(type)) {
    frame.say(`Linux protocol ${type}, length ${to - from}`);
    frame.data(from, to, 'Data');
  } else dissectTagged(frame, type, from, to);
}
