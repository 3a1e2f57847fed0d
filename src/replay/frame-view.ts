/**
 * Reads in place what a replay must know of a recorded frame: the addresses, and the TCP header's numbers. One
 * object for all frames: nothing is allocated, since a replay does this a million times.
 */

import { LinkView } from '../capture/format/link-layer.js';
import { IpPacket } from '../net/ip/packet.js';
import { toSequence, ZERO } from '../net/tcp/sequence.js';
import { readInt32, readUint16 } from '../net/wire/bytes.js';
import { TYPE_ARP, TYPE_IPV4, TYPE_IPV6 } from '../net/wire/ethernet.js';
import * as ipv4 from '../net/wire/ipv4.js';
import * as ipv6 from '../net/wire/ipv6.js';
import { PROTOCOL } from '../net/wire/protocol.js';
import * as tcp from '../net/wire/tcp.js';
import { TransportSpan, walkExtensions } from '../net/wire/transport-span.js';

const ARP_TARGET_ADDRESS = 24;
const ARP_BYTES = 28;
const V4_PREFIX = 0xffff;

export class FrameView {
  readonly link = new LinkView();
  /** Addresses (also of ARP: the target is the destination) and, of IP, the header's place. */
  readonly packet = new IpPacket();
  readonly #span = new TransportSpan();

  isArp = false;
  isIp = false;
  /** Its TCP header is there, at least the fixed part. */
  isTcp = false;
  /** A piece of a fragmented packet. Only the first piece can be TCP here. */
  isFragment = false;
  /** The end of the packet, as its header says; beyond `link.to` if the capture cut it. */
  declaredEnd = 0;

  sourcePort = 0;
  destinationPort = 0;
  sequence = ZERO;
  acknowledgment = ZERO;
  flags = 0;
  window = 0;
  /** The TCP header is `[tcpAt, optionsTo)`, its data `[dataFrom, dataTo)` as far as it was captured. */
  tcpAt = 0;
  optionsTo = 0;
  dataFrom = 0;
  dataTo = 0;
  /** Data bytes as the headers say. */
  dataLength = 0;

  /** Reads `bytes[from, to)` of a link of this type; false if it is not IP or ARP, or too short to be either. */
  read(linkType: number, bytes: Uint8Array, from: number, to: number): boolean {
    this.isArp = this.isIp = this.isTcp = this.isFragment = false;
    if (!this.link.read(linkType, bytes, from, to)) return false;
    this.packet.bytes = bytes;
    switch (this.link.etherType) {
      case TYPE_IPV4:
        return this.#readV4(bytes, this.link.networkFrom, to);
      case TYPE_IPV6:
        return this.#readV6(bytes, this.link.networkFrom, to);
      case TYPE_ARP:
        return this.#readArp(bytes, this.link.networkFrom, to);
      default:
        return false;
    }
  }

  /** Bytes of sequence space that the segment takes (RFC 9293 section 3.4). */
  get extent(): number {
    return this.dataLength + (this.flags & tcp.SYN ? 1 : 0) + (this.flags & tcp.FIN ? 1 : 0);
  }

  #readArp(bytes: Uint8Array, at: number, to: number): boolean {
    if (to - at < ARP_BYTES) return false;
    this.isArp = true;
    this.declaredEnd = to;
    this.#setV4(bytes, at + 14, at + ARP_TARGET_ADDRESS);
    return true;
  }

  #readV4(bytes: Uint8Array, at: number, to: number): boolean {
    if (to - at < ipv4.HEADER_BYTES || bytes[at]! >>> 4 !== 4) return false;
    const { packet } = this;
    const total = ipv4.totalLength(bytes, at);
    this.isIp = true;
    packet.isV6 = false;
    packet.headerFrom = at;
    packet.protocol = ipv4.protocol(bytes, at);
    packet.payloadFrom = at + ipv4.headerLength(bytes, at);
    this.declaredEnd = total === 0 ? to : at + total;
    this.isFragment = ipv4.isFragment(bytes, at);
    this.#setV4(bytes, at + ipv4.SOURCE, at + ipv4.DESTINATION);
    const isFirst = ipv4.fragmentOffset(bytes, at) === 0;
    if (packet.protocol === PROTOCOL.TCP && isFirst) this.#readTcp(bytes, packet.payloadFrom, to);
    return true;
  }

  #readV6(bytes: Uint8Array, at: number, to: number): boolean {
    if (to - at < ipv6.HEADER_BYTES || bytes[at]! >>> 4 !== 6) return false;
    const span = this.#span;
    span.isFragment = span.moreFragments = false;
    span.fragmentOffset = 0;
    walkExtensions(bytes, at, to, span);
    const { packet } = this;
    this.isIp = true;
    packet.isV6 = true;
    packet.headerFrom = at;
    packet.protocol = span.protocol;
    packet.payloadFrom = span.from;
    this.declaredEnd = span.from + span.length;
    this.isFragment = span.isFragment;
    packet.readSourceV6(bytes, at);
    packet.readDestinationV6(bytes, at);
    if (span.protocol === PROTOCOL.TCP && span.fragmentOffset === 0) this.#readTcp(bytes, span.from, to);
    return true;
  }

  #setV4(bytes: Uint8Array, sourceAt: number, destinationAt: number): void {
    const { packet } = this;
    packet.source0 = packet.source1 = packet.destination0 = packet.destination1 = 0;
    packet.source2 = packet.destination2 = V4_PREFIX;
    packet.source3 = readInt32(bytes, sourceAt);
    packet.destination3 = readInt32(bytes, destinationAt);
  }

  #readTcp(bytes: Uint8Array, at: number, to: number): void {
    if (to - at < tcp.TCP_HEADER_BYTES) return;
    const header = tcp.headerBytes(bytes, at);
    this.isTcp = true;
    this.tcpAt = at;
    this.sourcePort = readUint16(bytes, at);
    this.destinationPort = readUint16(bytes, at + 2);
    this.sequence = toSequence(tcp.sequenceNumber(bytes, at));
    this.acknowledgment = toSequence(tcp.acknowledgmentNumber(bytes, at));
    this.flags = tcp.flags(bytes, at);
    this.window = tcp.window(bytes, at);
    this.optionsTo = Math.min(at + header, to, this.declaredEnd);
    this.dataFrom = Math.min(at + header, to);
    this.dataTo = Math.max(this.dataFrom, Math.min(to, this.declaredEnd));
    this.dataLength = Math.max(0, this.declaredEnd - at - header);
  }
}
