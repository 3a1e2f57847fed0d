/**
 * Checks an arriving IPv4 packet before a transport sees it: RFC 1122 section 3.2.1, RFC 791.
 *
 * It fills the layer's one `IpPacket`; a fragment goes to reassembly first. A packet with a fault is dropped in silence
 * and counted. A host never forwards.
 */
import type { IncomingFrame } from '../device/frame.js';
import * as Ethernet from '../wire/ethernet.js';
import * as Ipv4 from '../wire/ipv4.js';
import { PROTOCOL } from '../wire/protocol.js';
import { destinationPort, UDP_HEADER_BYTES } from '../wire/udp.js';
import type { InternetContext } from './context.js';
import type { HostAddresses } from './host-addresses.js';
import { optionsAreAcceptable } from './ipv4-options.js';
import { IpPacket } from './packet.js';
import type { Reassembly } from './reassembly.js';
import type { InternetStatistics } from './statistics.js';

/** All hosts on the link (RFC 1112): the group that every host is in. */
const ALL_HOSTS = 0xe0000001 | 0;

export class Ipv4Input {
  readonly #statistics: InternetStatistics;
  readonly #addresses: HostAddresses;
  readonly #reassembly: Reassembly;
  readonly #deliver: (packet: IpPacket) => void;
  readonly #packet = new IpPacket();

  constructor(
    context: InternetContext,
    addresses: HostAddresses,
    reassembly: Reassembly,
    deliver: (packet: IpPacket) => void,
  ) {
    this.#statistics = context.statistics;
    this.#addresses = addresses;
    this.#reassembly = reassembly;
    this.#deliver = deliver;
    this.#packet.source2 = 0xffff;
    this.#packet.destination2 = 0xffff;
  }

  /** Takes the packet behind the Ethernet header of `frame`. */
  receive(frame: IncomingFrame): void {
    const { bytes, to } = frame;
    const from = frame.from + Ethernet.HEADER_BYTES;
    this.#statistics.ip.received++;
    const fault = Ipv4.check(bytes, from, to);
    if (fault !== Ipv4.OK) {
      if (fault === Ipv4.BAD_CHECKSUM) this.#statistics.ip.badChecksum++;
      else this.#statistics.ip.malformed++;
      return;
    }
    if (!this.#setExtent(frame, from) || !this.#setAddresses(frame, from)) return;
    const packet = this.#packet;
    packet.ttl = Ipv4.ttl(bytes, from);
    packet.trafficClass = Ipv4.tos(bytes, from);
    packet.protocol = Ipv4.protocol(bytes, from);
    packet.checksumGood = frame.checksumGood;
    packet.segmentBytes = frame.segmentBytes;
    if (Ipv4.isFragment(bytes, from)) this.#reassemble(from);
    else this.#deliver(packet);
  }

  /** Finds where the packet begins and ends: bytes behind its length are the link's padding. */
  #setExtent(frame: IncomingFrame, from: number): boolean {
    const { bytes, to } = frame;
    const packet = this.#packet;
    const total = Ipv4.totalLength(bytes, from);
    // Length 0: a super-segment of more than 65,535 bytes takes its length from the frame (Linux "BIG TCP").
    if (total === 0 && (frame.segmentBytes === 0 || to - from <= Ipv4.MAX_PACKET_BYTES)) {
      this.#statistics.ip.malformed++;
      return false;
    }
    packet.bytes = bytes;
    packet.headerFrom = from;
    packet.payloadFrom = from + Ipv4.headerLength(bytes, from);
    packet.payloadTo = total === 0 ? to : from + total;
    packet.linkBytes = bytes;
    packet.sourceMacFrom = frame.from + Ethernet.SOURCE;
    if (packet.payloadFrom - from > Ipv4.HEADER_BYTES && !optionsAreAcceptable(bytes, from)) {
      this.#statistics.ip.badOptions++;
      return false;
    }
    return true;
  }

  /** Is it for us, and can a host have its source address (RFC 1122 sections 3.2.1.3 and 3.3.6)? */
  #setAddresses(frame: IncomingFrame, from: number): boolean {
    const packet = this.#packet;
    const destination = Ipv4.destination(frame.bytes, from);
    const source = Ipv4.source(frame.bytes, from);
    packet.destination3 = destination;
    packet.source3 = source;
    packet.linkBroadcast = Ethernet.isGroup(frame.bytes, frame.from);
    packet.isMulticast = false;
    if (!this.#addresses.isOurV4(destination)) {
      const isOurGroup = destination === ALL_HOSTS || this.#addresses.isOurGroupV4(destination);
      if (!isOurGroup && !this.#addresses.isBroadcastV4(destination) && !this.#isForUnconfigured(frame, from)) {
        this.#statistics.ip.notForUs++;
        return false;
      }
      packet.isMulticast = true; // also while we have no address: nobody is to hear of a closed port then
    } else if (packet.linkBroadcast) {
      this.#statistics.ip.unicastInBroadcast++;
      return false;
    }
    if (Ipv4.isBadSource(source) || this.#addresses.isBroadcastV4(source) || this.#addresses.isOurV4(source)) {
      this.#statistics.ip.badSource++;
      return false;
    }
    return true;
  }

  /** A datagram to our Ethernet address for the port of a host that has no address yet. The header has been checked. */
  #isForUnconfigured({ bytes, from: frameFrom, to }: IncomingFrame, from: number): boolean {
    const { unconfiguredPort } = this.#addresses;
    if (unconfiguredPort === 0 || Ethernet.isGroup(bytes, frameFrom)) return false;
    const at = from + Ipv4.headerLength(bytes, from);
    if (Ipv4.protocol(bytes, from) !== PROTOCOL.UDP || Ipv4.isFragment(bytes, from)) return false;
    return to - at >= UDP_HEADER_BYTES && destinationPort(bytes, at) === unconfiguredPort;
  }

  #reassemble(from: number): void {
    const { bytes, payloadFrom, payloadTo } = this.#packet;
    const more = Ipv4.moreFragments(bytes, from);
    if (more && ((payloadTo - payloadFrom) & 7) !== 0) {
      this.#statistics.reassembly.invalid++;
      return;
    }
    const id = Ipv4.identification(bytes, from);
    const whole = this.#reassembly.add(this.#packet, id, Ipv4.fragmentOffset(bytes, from), more);
    if (whole === null) return;
    Ipv4.makeWhole(whole.bytes, whole.headerFrom, whole.payloadTo - whole.headerFrom, whole.trafficClass);
    this.#deliver(whole);
  }
}
