/**
 * Joins the parts of neighbour discovery: RFC 4861, with address configuration by RFC 4862. It does for IPv6 what ARP
 * does for IPv4, and more. Read `neighbor-discovery.ts` first, then `duplicate-detection.ts` and `router-discovery.ts`.
 */
import type { NeighborMessages } from '../icmp/icmpv6-protocol.js';
import type { HostAddress } from '../ip/host-addresses.js';
import type { Neighbor } from '../ip/neighbor.js';
import type { IpPacket } from '../ip/packet.js';
import type { IpAddress } from '../wire/address.js';
import * as Icmpv6 from '../wire/icmpv6.js';
import { AddressConfiguration } from './address-configuration.js';
import { linkLocal } from './addresses.js';
import { DuplicateDetection } from './duplicate-detection.js';
import { NdpMessage } from './message.js';
import { MulticastListener } from './multicast-listener.js';
import { isSoundAdvertisement, isSoundSolicitation, NeighborDiscovery } from './neighbor-discovery.js';
import { isFromUs, NDP_HOP_LIMIT, type NdpParts } from './parts.js';
import { followRedirect } from './redirect.js';
import { isSoundRouterAdvertisement, RouterDiscovery } from './router-discovery.js';

export class NdpProtocol implements NeighborMessages {
  readonly #parts: NdpParts;
  readonly #duplicates: DuplicateDetection;
  readonly #neighbors: NeighborDiscovery;
  readonly #routers: RouterDiscovery;
  readonly #configuration: AddressConfiguration;
  readonly #listener: MulticastListener;

  constructor(parts: NdpParts) {
    this.#parts = parts;
    const message = new NdpMessage(parts);
    this.#duplicates = new DuplicateDetection(parts, message);
    this.#neighbors = new NeighborDiscovery(parts, message, this.#duplicates);
    this.#configuration = new AddressConfiguration(parts, (entry) => this.#claim(entry));
    this.#duplicates.onLost = (entry) => this.#configuration.replace(entry);
    this.#routers = new RouterDiscovery(parts, message, this.#configuration);
    this.#listener = new MulticastListener(parts);
  }

  /** Makes our link-local address, begins to use all IPv6 addresses, and asks for routers. */
  start(): void {
    const { addresses, context } = this.#parts;
    const own = linkLocal(context.device.mac, context.options.stableSecret);
    if (addresses.find(own.address) === undefined) addresses.add(own);
    for (const entry of addresses.all) if (!entry.address.isV4) this.#claim(entry);
    if (context.options.acceptRouterAdvertisements) this.#routers.start();
  }

  /** Asks for a neighbour's Ethernet address. */
  solicit(neighbor: Neighbor, toKnownMac: boolean): void {
    this.#neighbors.solicit(neighbor, toKnownMac);
  }

  /** A program has joined the first time, or left for the last time, a group: routers and switches are told. */
  groupChanged(group: IpAddress, isJoined: boolean): void {
    if (isJoined) this.#listener.joinedGroup(group);
    else this.#listener.leftGroup(group);
  }

  /** Takes a message whose ICMPv6 checksum is right. */
  receive(packet: IpPacket, type: number): void {
    const { ndp, icmp } = this.#parts.context.statistics;
    // The link may send our own messages back. Only our question about an address is of use then: it shows that.
    if (type !== Icmpv6.NEIGHBOR_SOLICITATION && isFromUs(packet, this.#parts)) return;
    if (type === Icmpv6.LISTENER_QUERY) {
      this.#listener.receiveQuery(packet);
      return;
    }
    if (type < Icmpv6.ROUTER_SOLICITATION) return;
    if (!isSound(packet, type)) {
      ndp.malformed++;
      return;
    }
    if (type === Icmpv6.NEIGHBOR_SOLICITATION) this.#neighbors.receiveSolicitation(packet);
    else if (type === Icmpv6.NEIGHBOR_ADVERTISEMENT) this.#neighbors.receiveAdvertisement(packet);
    else if (type === Icmpv6.ROUTER_ADVERTISEMENT) this.#receiveRouter(packet);
    else if (type === Icmpv6.REDIRECT) {
      if (followRedirect(packet, this.#parts)) icmp.redirectsFollowed++;
      else icmp.redirectsIgnored++;
    }
  }

  /** Addresses made of prefixes. */
  get configuration(): AddressConfiguration {
    return this.#configuration;
  }

  /** The routers and DNS servers that advertisements have named. */
  get routers(): RouterDiscovery {
    return this.#routers;
  }

  nextDeadline(): number {
    return Math.min(
      this.#duplicates.nextDeadline(),
      this.#routers.nextDeadline(),
      this.#configuration.nextDeadline(),
      this.#listener.nextDeadline(),
    );
  }

  runTimers(): void {
    this.#duplicates.runTimers();
    this.#routers.runTimers();
    this.#configuration.runTimers();
    this.#listener.runTimers();
  }

  #receiveRouter(packet: IpPacket): void {
    if (this.#parts.context.options.acceptRouterAdvertisements) this.#routers.receive(packet);
  }

  /** RFC 4862 section 5.4.2: the group is joined before the first question. */
  #claim(entry: HostAddress): void {
    this.#listener.joined(entry);
    this.#duplicates.claim(entry);
  }
}

/** The checks that RFC 4861 sections 6.1, 7.1 and 8.1 share, and then those of the message itself. */
function isSound(packet: IpPacket, type: number): boolean {
  const { bytes, payloadFrom, payloadTo, ttl } = packet;
  if (ttl !== NDP_HOP_LIMIT || Icmpv6.code(bytes, payloadFrom) !== 0) return false;
  const fixed = fixedBytes(type);
  if (payloadTo - payloadFrom < fixed) return false;
  if (!Icmpv6.optionsAreSound(bytes, payloadFrom + fixed, payloadTo)) return false;
  if (type === Icmpv6.NEIGHBOR_SOLICITATION) return isSoundSolicitation(packet);
  if (type === Icmpv6.NEIGHBOR_ADVERTISEMENT) return isSoundAdvertisement(packet);
  if (type === Icmpv6.ROUTER_ADVERTISEMENT) return isSoundRouterAdvertisement(packet);
  return true;
}

function fixedBytes(type: number): number {
  if (type === Icmpv6.ROUTER_ADVERTISEMENT) return Icmpv6.ROUTER_ADVERTISEMENT_BYTES;
  if (type === Icmpv6.REDIRECT) return Icmpv6.REDIRECT_BYTES;
  if (type === Icmpv6.ROUTER_SOLICITATION) return Icmpv6.ROUTER_SOLICITATION_BYTES;
  return Icmpv6.NEIGHBOR_MESSAGE_BYTES;
}
