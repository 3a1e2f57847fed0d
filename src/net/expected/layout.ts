/**
 * The one layout that the early path can read: our Ethernet address, no tag, IPv4 without options and not a fragment
 * (RFC 791) or IPv6 without extension headers (RFC 8200), and TCP behind it. Each check is one of internet.ts,
 * ip/ipv4-input.ts or ip/ipv6-input.ts, without their counters: whoever fails one goes the textbook way and is
 * counted there.
 */
import type { IncomingFrame } from '../device/frame.js';
import type { HostAddresses } from '../ip/host-addresses.js';
import { IpPacket, wordSum } from '../ip/packet.js';
import type { InternetParts } from '../ip/parts.js';
import { readInt32 } from '../wire/bytes.js';
import { fold } from '../wire/checksum.js';
import * as Ethernet from '../wire/ethernet.js';
import * as Ipv4 from '../wire/ipv4.js';
import * as Ipv6 from '../wire/ipv6.js';
import { PROTOCOL } from '../wire/protocol.js';
import { TCP_HEADER_BYTES } from '../wire/tcp.js';

const LEAST_V4 = Ipv4.HEADER_BYTES + TCP_HEADER_BYTES;
/** Version 4, and a header of five words. */
const NO_OPTIONS_V4 = 0x45;
/** More fragments follow, or this is not the first. */
const FRAGMENT = Ipv4.MORE_FRAGMENTS | 0x1fff;

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

  /** Reads the five words of the header once, and adds them up for its checksum (RFC 791 section 3.1). */
  #readV4(frame: IncomingFrame, at: number): IpPacket | null {
    const { bytes } = frame;
    const first = readInt32(bytes, at);
    const second = readInt32(bytes, at + 4);
    const third = readInt32(bytes, at + 8);
    const total = first & 0xffff;
    if (first >>> 24 !== NO_OPTIONS_V4 || ((third >>> 16) & 0xff) !== PROTOCOL.TCP) return null;
    if (total < LEAST_V4 || at + total > frame.to || (second & FRAGMENT) !== 0) return null;
    const source = readInt32(bytes, at + Ipv4.SOURCE);
    const destination = readInt32(bytes, at + Ipv4.DESTINATION);
    const fields = wordSum(first) + wordSum(second) + wordSum(third);
    if (fold(fields + wordSum(source) + wordSum(destination)) !== 0xffff) return null;
    const addresses = this.#addresses;
    if (!addresses.isOurV4(destination) || addresses.isOurV4(source)) return null;
    if (Ipv4.isBadSource(source) || addresses.isBroadcastV4(source)) return null;
    const packet = this.#packet4;
    packet.source3 = source;
    packet.destination3 = destination;
    packet.trafficClass = (first >>> 16) & 0xff;
    packet.ttl = third >>> 24;
    packet.bytes = bytes;
    packet.headerFrom = at;
    packet.payloadFrom = at + Ipv4.HEADER_BYTES;
    packet.payloadTo = at + total;
    return packet;
  }

  #readV6(frame: IncomingFrame, at: number): IpPacket | null {
    const { bytes } = frame;
    if (Ipv6.check(bytes, at, frame.to) !== Ipv6.OK || Ipv6.nextHeader(bytes, at) !== PROTOCOL.TCP) return null;
    const length = Ipv6.payloadLength(bytes, at);
    if (length < TCP_HEADER_BYTES) return null;
    const packet = this.#packet6;
    packet.readSourceV6(bytes, at);
    packet.readDestinationV6(bytes, at);
    if (!this.#mayBeV6(packet)) return null;
    packet.trafficClass = Ipv6.trafficClass(bytes, at);
    packet.ttl = Ipv6.hopLimit(bytes, at);
    packet.bytes = bytes;
    packet.headerFrom = at;
    packet.payloadFrom = at + Ipv6.HEADER_BYTES;
    packet.payloadTo = packet.payloadFrom + length;
    return packet;
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

/** Notes what else the textbook path would know of the packet in `frame`, once it is an expected one. */
export function complete(packet: IpPacket, frame: IncomingFrame): void {
  packet.checksumGood = true;
  packet.segmentBytes = frame.segmentBytes;
  packet.linkBytes = packet.bytes;
  packet.sourceMacFrom = frame.from + Ethernet.SOURCE;
}
