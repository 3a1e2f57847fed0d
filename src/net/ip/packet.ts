/**
 * A received IP datagram, in place: where its parts are in the frame it came in, and its header fields as numbers.
 *
 * The internet layer fills in its one object for each datagram that has passed all checks, and hands it to the
 * transport (RFC 1122 section 3.4 lists what a transport must be told). It is valid until that call returns. Addresses
 * are four signed 32-bit words, IPv4 as `::ffff:a.b.c.d`, exactly as in `IpAddress`.
 */
import type { IpAddress } from '../wire/address.js';
import { readInt32 } from '../wire/bytes.js';
import { DESTINATION, SOURCE } from '../wire/ipv6.js';

/**
 * A received IP datagram, in place: its header fields as numbers. It is valid until the call that has it returns.
 *
 * @example
 * ```ts
 * import type { Datagram, IpPacket } from 'fastpath';
 *
 * // The ECN bits of what came.
 * const ecn = ({ trafficClass }: IpPacket) => trafficClass & 3;
 * export const isMarked = ({ packet }: Datagram) => ecn(packet) === 3;
 * ```
 */
export class IpPacket {
  bytes: Uint8Array = new Uint8Array(0);
  /** The IP header's first byte. */
  headerFrom = 0;
  /** The transport header's first byte: behind IPv4 options or IPv6 extension headers. */
  payloadFrom = 0;
  /** The end of the datagram: bytes behind it in the frame are padding. */
  payloadTo = 0;
  /** The transport protocol's number (IPv6: the last next header). */
  protocol = 0;
  /** IPv6: the byte that named the protocol, which a parameter problem points at. */
  protocolFrom = 0;
  isV6 = false;
  /**
   * Time to live, or hop limit, as it arrived; the least of all fragments. A transport may demand a least one (RFC
   * 5082).
   */
  ttl = 0;
  /** The TOS byte, or traffic class: DSCP and, in the two low bits, ECN (RFC 3168 section 5). */
  trafficClass = 0;
  source0 = 0;
  source1 = 0;
  source2 = 0;
  source3 = 0;
  destination0 = 0;
  destination1 = 0;
  destination2 = 0;
  destination3 = 0;
  /** The device vouches for the transport checksum: do not look at it. */
  checksumGood = false;
  /** Not 0: a super-segment made of segments with this much payload each (bytes). */
  segmentBytes = 0;
  /** The frame came to the link's broadcast or a multicast address, whatever the IP destination says. */
  linkBroadcast = false;
  /** The IP destination is a broadcast or multicast address. */
  isMulticast = false;
  /** The frame's Ethernet source address, in `linkBytes`. */
  linkBytes: Uint8Array = this.bytes;
  sourceMacFrom = 0;

  /**
   * The partial sum of the pseudo-header for this packet's protocol and `length` bytes of transport header and
   * payload (RFC 9293 section 3.1, RFC 8200 section 8.1). Not folded; small enough to add a 64 KiB sum to.
   */
  pseudoSum(length: number): number {
    const rest = this.protocol + (length & 0xffff) + (length >>> 16);
    const low = wordSum(this.source3) + wordSum(this.destination3) + rest;
    if (!this.isV6) return low;
    const high = wordSum(this.source0) + wordSum(this.source1) + wordSum(this.source2);
    return low + high + wordSum(this.destination0) + wordSum(this.destination1) + wordSum(this.destination2);
  }

  /** Takes the source address from the IPv6 header that begins at `at`. */
  readSourceV6(bytes: Uint8Array, at: number): void {
    this.source0 = readInt32(bytes, at + SOURCE);
    this.source1 = readInt32(bytes, at + SOURCE + 4);
    this.source2 = readInt32(bytes, at + SOURCE + 8);
    this.source3 = readInt32(bytes, at + SOURCE + 12);
  }

  /** The same for the destination address. */
  readDestinationV6(bytes: Uint8Array, at: number): void {
    this.destination0 = readInt32(bytes, at + DESTINATION);
    this.destination1 = readInt32(bytes, at + DESTINATION + 4);
    this.destination2 = readInt32(bytes, at + DESTINATION + 8);
    this.destination3 = readInt32(bytes, at + DESTINATION + 12);
  }

  /** True if the packet's source is `address`. */
  isFrom(address: IpAddress): boolean {
    return (
      this.source3 === address.word3 &&
      this.source2 === address.word2 &&
      this.source1 === address.word1 &&
      this.source0 === address.word0
    );
  }

  /** True if the packet's destination is `address`. */
  isTo(address: IpAddress): boolean {
    return (
      this.destination3 === address.word3 &&
      this.destination2 === address.word2 &&
      this.destination1 === address.word1 &&
      this.destination0 === address.word0
    );
  }
}

/** The sum of a 32-bit word's two halves. */
export function wordSum(word: number): number {
  return (word >>> 16) + (word & 0xffff);
}

/** The sum of an address's words, as it goes into a pseudo-header or (IPv4) a header checksum. */
export function addressSum(address: IpAddress): number {
  const low = wordSum(address.word3);
  return address.isV4 ? low : low + wordSum(address.word0) + wordSum(address.word1) + wordSum(address.word2);
}
