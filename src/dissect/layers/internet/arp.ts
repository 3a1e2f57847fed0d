/** ARP: RFC 826, with RFC 5227 for probes and announcements. */
import { describePacket } from '../../../net/wire/describe.js';
import { TYPE_ARP } from '../../../net/wire/ethernet.js';
import type { Frame } from '../../frame.js';
import type { LayerBuilder } from '../../layer-builder.js';

const FORMAT = 'RFC 826, "Packet format"';
const FIXED_BYTES = 8;
const OPERATIONS: Readonly<Record<number, string>> = {
  1: 'request: who has the target address?',
  2: 'reply: the sender has its address at this station',
  3: 'reverse request',
  4: 'reverse reply',
};

/** ARP for IPv4 over Ethernet in `[from, to)` (RFC 826). */
export function dissectArp(frame: Frame, from: number, to: number): void {
  const arp = frame.layer('arp', 'ARP', FORMAT, from, to);
  frame.say(describePacket(TYPE_ARP, frame.bytes, from, to));
  const hardware = arp.uint('arp.hw.type', 0, 2, 'Hardware type', '1 is Ethernet');
  const protocol = arp.hex('arp.proto.type', 2, 2, 'Protocol type', '0x0800 is IPv4');
  const hardwareBytes = arp.uint('arp.hw.size', 4, 1, 'Hardware length', 'bytes of a link address: 6 for Ethernet');
  const protocolBytes = arp.uint('arp.proto.size', 5, 1, 'Protocol length', 'bytes of a protocol address: 4 for IPv4');
  arp.uint('arp.opcode', 6, 2, 'Operation', OPERATIONS[arp.peek(6, 2)] ?? 'unknown');
  if (!arp.has(0, FIXED_BYTES)) return;
  if (hardware !== 1 || hardwareBytes !== 6 || protocol !== 0x0800 || protocolBytes !== 4) {
    arp.problem('not IPv4 over Ethernet: addresses not taken apart');
    return;
  }
  arp.mac('arp.src.hw_mac', 8, 'Sender station', 'who asks or answers');
  arp.ipv4('arp.src.proto_ipv4', 14, 'Sender address', senderMeaning(arp));
  arp.mac('arp.dst.hw_mac', 18, 'Target station', 'unset in a request');
  arp.ipv4('arp.dst.proto_ipv4', 24, 'Target address', 'the address that is asked for');
}

/** RFC 5227 section 1.1. */
function senderMeaning(arp: LayerBuilder): string {
  if (arp.peek(14, 4) === 0) return 'none: a probe whether the target address is free (RFC 5227)';
  if (arp.peek(14, 4) === arp.peek(24, 4)) return 'the same as the target: an announcement (RFC 5227)';
  return 'its address';
}
