/**
 * Checks an arriving IPv6 packet before a transport sees it: RFC 8200 sections 3 and 4.
 *
 * The header first, then the chain of extension headers (`extension-headers.ts`), fragments on the way
 * (`ipv6-fragments.ts`). It fills one `IpPacket`, as IPv4 does; from there on both families are alike.
 */
import type { IncomingFrame } from '../device/frame.js';
import * as Ethernet from '../wire/ethernet.js';
import * as Icmpv6 from '../wire/icmpv6.js';
import * as Ipv6 from '../wire/ipv6.js';
import { PROTOCOL } from '../wire/protocol.js';
import type { InternetContext } from './context.js';
import { ExtensionHeaders, STEP } from './extension-headers.js';
import type { HostAddresses } from './host-addresses.js';
import type { IcmpErrorOutput } from './icmp-error.js';
import { Ipv6Fragments } from './ipv6-fragments.js';
import { IpPacket } from './packet.js';
import type { Reassembly } from './reassembly.js';
import type { InternetStatistics } from './statistics.js';

export class Ipv6Input {
  readonly #statistics: InternetStatistics;
  readonly #addresses: HostAddresses;
  readonly #errors: IcmpErrorOutput;
  readonly #fragments: Ipv6Fragments;
  readonly #deliver: (packet: IpPacket) => void;
  readonly #packet = new IpPacket();
  readonly #walk = new ExtensionHeaders();

  constructor(
    context: InternetContext,
    addresses: HostAddresses,
    reassembly: Reassembly,
    errors: IcmpErrorOutput,
    deliver: (packet: IpPacket) => void,
  ) {
    this.#statistics = context.statistics;
    this.#addresses = addresses;
    this.#errors = errors;
    this.#fragments = new Ipv6Fragments(context, reassembly, errors);
    this.#deliver = deliver;
    this.#packet.isV6 = true;
  }

  /** Takes the packet behind the Ethernet header of `frame`. */
  receive(frame: IncomingFrame): void {
    const { bytes } = frame;
    const from = frame.from + Ethernet.HEADER_BYTES;
    this.#statistics.ip.received++;
    if (Ipv6.check(bytes, from, frame.to) !== Ipv6.OK) {
      this.#statistics.ip.malformed++;
      return;
    }
    const packet = this.#packet;
    packet.bytes = bytes;
    packet.headerFrom = from;
    packet.payloadFrom = from + Ipv6.HEADER_BYTES;
    packet.payloadTo = packet.payloadFrom + Ipv6.payloadLength(bytes, from);
    packet.linkBytes = bytes;
    packet.sourceMacFrom = frame.from + Ethernet.SOURCE;
    packet.linkBroadcast = Ethernet.isGroup(bytes, frame.from);
    packet.ttl = Ipv6.hopLimit(bytes, from);
    packet.trafficClass = Ipv6.trafficClass(bytes, from);
    packet.checksumGood = frame.checksumGood;
    packet.segmentBytes = frame.segmentBytes;
    packet.protocolFrom = from + Ipv6.NEXT_HEADER;
    packet.protocol = bytes[packet.protocolFrom]!;
    if (!this.#readDestination(from) || !this.#readSource(from)) return;
    if (packet.protocol === PROTOCOL.TCP) this.#deliver(packet);
    else this.#walkHeaders(packet);
  }

  /** Is it for us, or for a group that we are in? */
  #readDestination(from: number): boolean {
    const packet = this.#packet;
    const { bytes } = packet;
    packet.readDestinationV6(bytes, from);
    const { destination0, destination1, destination2, destination3 } = packet;
    packet.isMulticast = Ipv6.isMulticast(destination0);
    const isForUs = packet.isMulticast
      ? this.#addresses.isOurGroupV6(destination0, destination1, destination2, destination3)
      : this.#addresses.isOurV6(destination0, destination1, destination2, destination3);
    if (!isForUs) {
      this.#statistics.ip.notForUs++;
      return false;
    }
    // As for IPv4 (RFC 1122 section 3.3.6): a packet to one host does not come in a frame to all.
    if (packet.linkBroadcast && !packet.isMulticast) {
      this.#statistics.ip.unicastInBroadcast++;
      return false;
    }
    return true;
  }

  /**
   * Drops a source that no other host can have: a group (RFC 4291 section 2.7), loopback, our own address, or an IPv4
   * address in IPv6 form. A node on the link cannot have that (RFC 4291 section 2.5.5.2), and to a transport it would
   * look like IPv4. The unspecified address is for neighbour discovery only (RFC 4861).
   */
  #readSource(from: number): boolean {
    const packet = this.#packet;
    const { bytes } = packet;
    packet.readSourceV6(bytes, from);
    const { source0, source1, source2, source3 } = packet;
    const isLow = source0 === 0 && source1 === 0 && (source2 === 0 || source2 === 0xffff);
    const isBad = isLow && !this.#isUnspecifiedAndMayBe(source2, source3);
    const isOurs = this.#addresses.isOurV6(source0, source1, source2, source3) && !isAdvertisement(packet);
    if (!isBad && !Ipv6.isMulticast(source0) && !isOurs) return true;
    this.#statistics.ip.badSource++;
    return false;
  }

  #isUnspecifiedAndMayBe(source2: number, source3: number): boolean {
    return source2 === 0 && source3 === 0 && this.#packet.protocol !== PROTOCOL.TCP;
  }

  /** Passes over the extension headers to the upper layer's header. */
  #walkHeaders(first: IpPacket): void {
    const walk = this.#walk;
    let packet = first;
    let fragmentHeaders = 0;
    walk.start(packet);
    for (;;) {
      const step = walk.next(packet);
      if (step === STEP.FOUND) {
        this.#found(packet);
        return;
      }
      if (step === STEP.PROBLEM) {
        this.#statistics.ip.badOptions++;
        walk.skipToUpperLayer(packet);
        this.#errors.send(packet, Icmpv6.PARAMETER_PROBLEM, walk.problemCode, walk.problemAt - packet.headerFrom);
        return;
      }
      if (step === STEP.DROP) {
        this.#statistics.ip.badOptions++;
        return;
      }
      // A second fragment header, in a lone fragment or in reassembled data: no honest sender makes one.
      if (fragmentHeaders++ > 0) return;
      const whole = this.#fragments.receive(packet);
      if (whole === null) return;
      packet = whole;
    }
  }

  #found(packet: IpPacket): void {
    const noSource = (packet.source0 | packet.source1 | packet.source2 | packet.source3) === 0;
    if (noSource && packet.protocol === PROTOCOL.TCP) this.#statistics.ip.badSource++;
    else if (packet.protocol !== PROTOCOL.NO_NEXT_HEADER) this.#deliver(packet);
  }
}

/** A node that has our address too says so from that address (RFC 4862 section 5.4.4): NDP must hear it. */
function isAdvertisement({ bytes, protocol, payloadFrom, payloadTo }: IpPacket): boolean {
  return (
    protocol === PROTOCOL.ICMPV6 && payloadTo > payloadFrom && bytes[payloadFrom] === Icmpv6.NEIGHBOR_ADVERTISEMENT
  );
}
