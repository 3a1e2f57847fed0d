/**
 * A received datagram made into a frame again, to hand it to another worker: a plain header in front of the transport
 * payload. Its fragments, options and extension headers have been processed already.
 */
import { type IpPacket, wordSum } from '../../net/ip/packet.js';
import { NO_VLAN } from '../../net/ip/vlan.js';
import { IpAddress } from '../../net/wire/address.js';
import * as ethernet from '../../net/wire/ethernet.js';
import * as ipv4 from '../../net/wire/ipv4.js';
import * as ipv6 from '../../net/wire/ipv6.js';

/** The frame, in memory of its own; with a tag if we are in a VLAN (IEEE 802.1Q). */
export function datagramFrame(packet: IpPacket, ourMac: Uint8Array, vlan = NO_VLAN): Uint8Array {
  const ipBytes = packet.isV6 ? ipv6.HEADER_BYTES : ipv4.HEADER_BYTES;
  const payloadBytes = packet.payloadTo - packet.payloadFrom;
  const at = ethernet.HEADER_BYTES + (vlan === NO_VLAN ? 0 : ethernet.TAG_BYTES);
  const frame = new Uint8Array(at + ipBytes + payloadBytes);
  const peer = packet.linkBytes.subarray(packet.sourceMacFrom, packet.sourceMacFrom + ethernet.ADDRESS_BYTES);
  const type = packet.isV6 ? ethernet.TYPE_IPV6 : ethernet.TYPE_IPV4;
  if (vlan === NO_VLAN) ethernet.emit(frame, 0, ourMac, peer, type);
  else ethernet.emitTagged(frame, 0, ourMac, peer, vlan, type);
  if (packet.isV6) emitV6(frame, at, packet, payloadBytes);
  else emitV4(frame, at, packet, ipBytes + payloadBytes);
  frame.set(packet.bytes.subarray(packet.payloadFrom, packet.payloadTo), at + ipBytes);
  return frame;
}

function emitV4(frame: Uint8Array, at: number, packet: IpPacket, length: number): void {
  const { source3, destination3 } = packet;
  const sum = wordSum(source3) + wordSum(destination3);
  const flags = ipv4.DONT_FRAGMENT;
  ipv4.emit(frame, at, packet.trafficClass, length, 0, flags, packet.ttl, packet.protocol, source3, destination3, sum);
}

function emitV6(frame: Uint8Array, at: number, packet: IpPacket, length: number): void {
  ipv6.emit(frame, at, packet.trafficClass, 0, length, packet.protocol, packet.ttl);
  const { source0, source1, source2, source3, destination0, destination1, destination2, destination3 } = packet;
  new IpAddress(source0, source1, source2, source3).writeV6(frame, at + ipv6.SOURCE);
  new IpAddress(destination0, destination1, destination2, destination3).writeV6(frame, at + ipv6.DESTINATION);
}
