/**
 * Who has this address? Neighbour solicitations and advertisements: RFC 4861 section 7. The states of neighbours and
 * their timers are in `ip/neighbor-cache.ts`; this file applies the messages to them.
 */
import { groupMac } from '../ip/group-mac.js';
import { ADDRESS, type HostAddress } from '../ip/host-addresses.js';
import { NEIGHBOR, type Neighbor } from '../ip/neighbor.js';
import type { IpPacket } from '../ip/packet.js';
import { IpAddress } from '../wire/address.js';
import { sameBytes } from '../wire/bytes.js';
import * as Ethernet from '../wire/ethernet.js';
import * as Icmpv6 from '../wire/icmpv6.js';
import * as Ipv6 from '../wire/ipv6.js';
import { ALL_NODES, solicitedNode } from './addresses.js';
import type { DuplicateDetection } from './duplicate-detection.js';
import type { NdpMessage } from './message.js';
import { isFromUs, type NdpParts } from './parts.js';

/** The option's type and length come before the address in it. */
const MAC_IN_OPTION = 2;

export class NeighborDiscovery {
  readonly #parts: NdpParts;
  readonly #message: NdpMessage;
  readonly #duplicates: DuplicateDetection;

  constructor(parts: NdpParts, message: NdpMessage, duplicates: DuplicateDetection) {
    this.#parts = parts;
    this.#message = message;
    this.#duplicates = duplicates;
  }

  /** Asks for a neighbour's Ethernet address: its group, or (to verify it) the neighbour alone (section 7.2.2). */
  solicit(neighbor: Neighbor, toKnownMac: boolean): void {
    const { addresses, context } = this.#parts;
    const source = addresses.sourceFor(neighbor.address);
    if (source === undefined) return;
    context.statistics.ndp.solicitationsSent++;
    this.#message.begin(Icmpv6.NEIGHBOR_SOLICITATION, 0).address(neighbor.address);
    // RFC 4429 section 3.2: an address that is still being checked must not claim its Ethernet address.
    if (addresses.find(source)?.isOptimistic !== true) this.#message.ownMac(Icmpv6.OPTION_SOURCE_MAC);
    const group = solicitedNode(neighbor.address);
    if (toKnownMac) this.#message.sendTo(source, neighbor.address, neighbor.mac);
    else this.#message.sendTo(source, group, groupMac(group));
  }

  /**
   * A solicitation: section 7.2.3. One from the unspecified address comes from a node that checks whether it may have
   * our address. It hears that we use it, if we do, and gives way. RFC 4862 section 5.4.3 would have both give way when
   * they check at the same time; then a single forged question would do.
   */
  receiveSolicitation(packet: IpPacket): void {
    this.#parts.context.statistics.ndp.solicitationsReceived++;
    const target = IpAddress.readV6(packet.bytes, packet.payloadFrom + Icmpv6.TARGET);
    const entry = this.#parts.addresses.find(target);
    if (entry === undefined || entry.state === ADDRESS.DUPLICATE) return;
    const source = new IpAddress(packet.source0, packet.source1, packet.source2, packet.source3);
    if (source.isUnspecified && this.#duplicates.isOwnQuestion(packet, entry)) return;
    if (isFromUs(packet, this.#parts) || entry.state !== ADDRESS.ASSIGNED) return;
    if (source.isUnspecified) {
      this.#advertiseToAll(entry);
    } else {
      this.#answer(packet, entry, source);
    }
  }

  /** An advertisement: section 7.2.5, and RFC 4862 section 5.4.4 if it is about an address of ours. */
  receiveAdvertisement(packet: IpPacket): void {
    const { context, addresses, neighbors } = this.#parts;
    context.statistics.ndp.advertisementsReceived++;
    const target = IpAddress.readV6(packet.bytes, packet.payloadFrom + Icmpv6.TARGET);
    const own = addresses.find(target);
    if (own !== undefined) {
      this.#duplicates.claimed(own, packet);
      return;
    }
    const neighbor = neighbors.find(target);
    // We did not ask and no frame waits: no entry is made.
    if (neighbor === undefined || neighbor.state === NEIGHBOR.NONE) return;
    const option = findMac(packet, Icmpv6.NEIGHBOR_MESSAGE_BYTES, Icmpv6.OPTION_TARGET_MAC);
    const flags = Icmpv6.rest(packet.bytes, packet.payloadFrom);
    if (neighbor.hasMac) this.#advertisedAgain(neighbor, packet, option, flags);
    else this.#resolved(neighbor, packet, option, flags);
  }

  /** An answer for an entry that waits for one. Without an Ethernet address it is useless. */
  #resolved(neighbor: Neighbor, packet: IpPacket, option: number, flags: number): void {
    if (option < 0) return;
    neighbor.isRouter = (flags & Icmpv6.FLAG_ROUTER) !== 0;
    const macAt = option + MAC_IN_OPTION;
    if ((flags & Icmpv6.FLAG_SOLICITED) !== 0) this.#parts.neighbors.answered(neighbor, packet.bytes, macAt);
    else this.#parts.neighbors.update(neighbor, packet.bytes, macAt);
  }

  /** The rules I and II of section 7.2.5, for an entry that has an Ethernet address. */
  #advertisedAgain(neighbor: Neighbor, packet: IpPacket, option: number, flags: number): void {
    const { neighbors } = this.#parts;
    const { bytes } = packet;
    const macAt = option + MAC_IN_OPTION;
    const isSame = option < 0 || sameBytes(neighbor.mac, 0, bytes, macAt, Ethernet.ADDRESS_BYTES);
    if ((flags & Icmpv6.FLAG_OVERRIDE) === 0 && !isSame) {
      neighbors.doubt(neighbor);
      return;
    }
    if ((flags & Icmpv6.FLAG_SOLICITED) !== 0) {
      if (isSame) neighbors.answered(neighbor, neighbor.mac, 0);
      else neighbors.answered(neighbor, bytes, macAt);
    } else if (!isSame) {
      neighbors.update(neighbor, bytes, macAt);
    }
    const isRouter = (flags & Icmpv6.FLAG_ROUTER) !== 0;
    if (neighbor.isRouter && !isRouter) this.#parts.routing.removeRouter(neighbor.address);
    neighbor.isRouter = isRouter;
  }

  /** Section 7.2.4: solicited and override set, our Ethernet address always in it. */
  #answer(packet: IpPacket, entry: HostAddress, source: IpAddress): void {
    const { neighbors } = this.#parts;
    const option = findMac(packet, Icmpv6.NEIGHBOR_MESSAGE_BYTES, Icmpv6.OPTION_SOURCE_MAC);
    const neighbor = neighbors.obtain(source);
    if (option >= 0) neighbors.update(neighbor, packet.bytes, option + MAC_IN_OPTION);
    this.#begin(entry, Icmpv6.FLAG_SOLICITED);
    // To the Ethernet address in the message, as ARP does: a neighbour that has just spoken need not be verified.
    if (option >= 0) this.#message.sendTo(entry.address, source, neighbor.mac);
    else this.#message.sendVia(entry.address, source, neighbor);
  }

  /** The asker has no address yet: the answer goes to all nodes, and is not "solicited". */
  #advertiseToAll(entry: HostAddress): void {
    this.#begin(entry, 0);
    this.#message.sendTo(entry.address, ALL_NODES, groupMac(ALL_NODES));
  }

  #begin(entry: HostAddress, solicited: number): void {
    this.#parts.context.statistics.ndp.advertisementsSent++;
    // RFC 4429 section 3.3: an address that is still being checked does not override.
    const override = entry.isOptimistic ? 0 : Icmpv6.FLAG_OVERRIDE;
    this.#message
      .begin(Icmpv6.NEIGHBOR_ADVERTISEMENT, solicited | override)
      .address(entry.address)
      .ownMac(Icmpv6.OPTION_TARGET_MAC);
  }
}

/** Checks of RFC 4861 sections 7.1.1 and 7.1.2, beyond those that all messages share (see `ndp.ts`). */
export function isSoundSolicitation(packet: IpPacket): boolean {
  const { bytes, payloadFrom } = packet;
  if (Ipv6.isMulticast(bytes[payloadFrom + Icmpv6.TARGET]! << 24)) return false;
  const fromNobody = (packet.source0 | packet.source1 | packet.source2 | packet.source3) === 0;
  if (!fromNobody) return true;
  const toSolicitedNode = packet.isMulticast && packet.destination2 === 1;
  return toSolicitedNode && findMac(packet, Icmpv6.NEIGHBOR_MESSAGE_BYTES, Icmpv6.OPTION_SOURCE_MAC) < 0;
}

/** The same for an advertisement. */
export function isSoundAdvertisement(packet: IpPacket): boolean {
  const { bytes, payloadFrom } = packet;
  if (Ipv6.isMulticast(bytes[payloadFrom + Icmpv6.TARGET]! << 24)) return false;
  return !packet.isMulticast || (Icmpv6.rest(bytes, payloadFrom) & Icmpv6.FLAG_SOLICITED) === 0;
}

/** Where the first option with the Ethernet address of a single station starts; -1 if there is none. */
export function findMac(packet: IpPacket, fixedBytes: number, option: number): number {
  const { bytes, payloadFrom, payloadTo } = packet;
  const at = Icmpv6.findOption(bytes, payloadFrom + fixedBytes, payloadTo, option);
  return at >= 0 && !Ethernet.isGroup(bytes, at + MAC_IN_OPTION) ? at : -1;
}
