/**
 * The one layout that the early path can read: our Ethernet address, no tag, IPv4 without options and not a fragment
 * (RFC 791) or IPv6 without extension headers (RFC 8200), and TCP behind it. Each check is one of internet.ts,
 * ip/ipv4-input.ts or ip/ipv6-input.ts, without their counters: whoever fails one goes the textbook way and is
 * counted there.
 */
import type { IncomingFrame } from '../device/frame.js';
import type { HostAddresses } from '../ip/host-addresses.js';
import { IpPacket } from '../ip/packet.js';
import type { InternetParts } from '../ip/parts.js';
import { readInt32 } from '../wire/bytes.js';
import { sum } from '../wire/checksum.js';
import * as Ethernet from '../wire/ethernet.js';
import * as Ipv4 from '../wire/ipv4.js';
import * as Ipv6 from '../wire/ipv6.js';
import { PROTOCOL } from '../wire/protocol.js';
import { TCP_HEADER_BYTES } from '../wire/tcp.js';

const LEAST_V4 = Ipv4.HEADER_BYTES + TCP_HEADER_BYTES;
/** Version 4, and a header of five words. */
const NO_OPTIONS_V4 = 0x45;

export class PacketLayout {
  readonly #mac: { readonly mac: Uint8Array };
  readonly #addresses: HostAddresses;
  readonly #speaksV6: boolean;
  readonly #packet4 = new IpPacket();
  readonly #packet6 = new IpPacket();

  constructor({ context, addresses }: InternetParts) {
    this.#mac = context.device;
    this.#addresses = addresses;
    this.#speaksV6 = context.options.ipv6;
    this.#packet4.source2 = 0xffff;
    this.#packet4.destination2 = 0xffff;
    this.#packet4.protocol = PROTOCOL.TCP;
    this.#packet6.protocol = PROTOCOL.TCP;
    this.#packet6.isV6 = true;
  }

  /** The packet in `frame`, with room for a TCP header; null: another layout, or a packet that is not for us. */
  read(frame: IncomingFrame): IpPacket | null {
    const { bytes, from } = frame;
    if (frame.to - from < Ethernet.HEADER_BYTES + LEAST_V4) return null;
    if (!Ethernet.isAddress(bytes, from, this.#mac.mac)) return null;
    const type = Ethernet.type(bytes, from);
    if (type === Ethernet.TYPE_IPV4) return this.#readV4(frame, from + Ethernet.HEADER_BYTES);
    return type === Ethernet.TYPE_IPV6 && this.#speaksV6 ? this.#readV6(frame, from + Ethernet.HEADER_BYTES) : null;
  }

  #readV4(frame: IncomingFrame, at: number): IpPacket | null {
    const { bytes } = frame;
    if (bytes[at] !== NO_OPTIONS_V4 || Ipv4.protocol(bytes, at) !== PROTOCOL.TCP) return null;
    const total = Ipv4.totalLength(bytes, at);
    if (total < LEAST_V4 || at + total > frame.to || Ipv4.isFragment(bytes, at)) return null;
    if (sum(bytes, at, at + Ipv4.HEADER_BYTES) !== 0xffff) return null;
    const packet = this.#packet4;
    const source = Ipv4.source(bytes, at);
    packet.source3 = source;
    packet.destination3 = Ipv4.destination(bytes, at);
    const addresses = this.#addresses;
    if (!addresses.isOurV4(packet.destination3) || addresses.isOurV4(source)) return null;
    if (Ipv4.isBadSource(source) || addresses.isBroadcastV4(source)) return null;
    packet.ttl = Ipv4.ttl(bytes, at);
    packet.trafficClass = Ipv4.tos(bytes, at);
    return setExtent(packet, frame, at, at + Ipv4.HEADER_BYTES, at + total);
  }

  #readV6(frame: IncomingFrame, at: number): IpPacket | null {
    const { bytes } = frame;
    if (Ipv6.check(bytes, at, frame.to) !== Ipv6.OK || Ipv6.nextHeader(bytes, at) !== PROTOCOL.TCP) return null;
    const length = Ipv6.payloadLength(bytes, at);
    if (length < TCP_HEADER_BYTES) return null;
    const packet = this.#packet6;
    packet.source0 = readInt32(bytes, at + Ipv6.SOURCE);
    packet.source1 = readInt32(bytes, at + Ipv6.SOURCE + 4);
    packet.source2 = readInt32(bytes, at + Ipv6.SOURCE + 8);
    packet.source3 = readInt32(bytes, at + Ipv6.SOURCE + 12);
    packet.destination0 = readInt32(bytes, at + Ipv6.DESTINATION);
    packet.destination1 = readInt32(bytes, at + Ipv6.DESTINATION + 4);
    packet.destination2 = readInt32(bytes, at + Ipv6.DESTINATION + 8);
    packet.destination3 = readInt32(bytes, at + Ipv6.DESTINATION + 12);
    if (!this.#mayBeV6(packet)) return null;
    packet.ttl = Ipv6.hopLimit(bytes, at);
    packet.trafficClass = Ipv6.trafficClass(bytes, at);
    packet.protocolFrom = at + Ipv6.NEXT_HEADER;
    return setExtent(packet, frame, at, at + Ipv6.HEADER_BYTES, at + Ipv6.HEADER_BYTES + length);
  }

  /** To an address of ours, from one that another host can have; `::1` and the like go the textbook way. */
  #mayBeV6(packet: IpPacket): boolean {
    const { source0, source1, source2, source3 } = packet;
    const { destination0, destination1, destination2, destination3 } = packet;
    if ((source0 | source1) === 0 || Ipv6.isMulticast(source0)) return false;
    const addresses = this.#addresses;
    if (addresses.isOurV6(source0, source1, source2, source3)) return false;
    return addresses.isOurV6(destination0, destination1, destination2, destination3);
  }
}

function setExtent(packet: IpPacket, frame: IncomingFrame, at: number, from: number, to: number): IpPacket {
  packet.bytes = frame.bytes;
  packet.headerFrom = at;
  packet.payloadFrom = from;
  packet.payloadTo = to;
  packet.checksumGood = frame.checksumGood;
  packet.segmentBytes = frame.segmentBytes;
  packet.linkBytes = frame.bytes;
  packet.sourceMacFrom = at - Ethernet.ADDRESS_BYTES - 2;
  return packet;
}
