/**
 * Finds routers and learns from them: RFC 4861 section 6.3. It sends solicitations at the start, and takes default
 * router, hop limit, timers and MTU from an advertisement. The prefixes are for `address-configuration.ts`.
 */
import { MILLISECOND, SECOND } from '../clock.js';
import { groupMac } from '../ip/group-mac.js';
import { ADDRESS } from '../ip/host-addresses.js';
import type { IpPacket } from '../ip/packet.js';
import { IPV6_MINIMUM_MTU } from '../ip/path-mtu.js';
import { IpAddress } from '../wire/address.js';
import { readInt32 } from '../wire/bytes.js';
import * as Icmpv6 from '../wire/icmpv6.js';
import { isLinkLocal } from '../wire/ipv6.js';
import type { AddressConfiguration } from './address-configuration.js';
import { ALL_ROUTERS, UNSPECIFIED } from './addresses.js';
import type { NdpMessage } from './message.js';
import { findMac } from './neighbor-discovery.js';
import type { NdpParts } from './parts.js';

/** The constants of RFC 4861 section 10. */
const MAX_SOLICITATIONS = 3;
const SOLICITATION_INTERVAL = 4 * SECOND;
const MAX_SOLICITATION_DELAY = 1 * SECOND;

/** An hour: a router cannot make us keep a dead neighbour for longer (MAX_REACHABLE_TIME, RFC 4861 section 10). */
const MAX_REACHABLE_TIME = 3600 * SECOND;
/** Bounds what hostile advertisements can make us keep. RFC 8106 section 5.3.1 wants three at least. */
const MAX_DNS_SERVERS = 8;
const RDNSS_LIFETIME = 4;
const RDNSS_ADDRESSES = 8;
/** A router cannot make the resolution of an address take for ever. */
const MAX_RETRANS_TIME = 10 * SECOND;

export class RouterDiscovery {
  readonly #parts: NdpParts;
  readonly #message: NdpMessage;
  readonly #configuration: AddressConfiguration;
  /** Until when each DNS server may be asked, µs. */
  readonly #dnsServers = new Map<string, number>();
  #solicitationsLeft = 0;
  #deadline = Number.POSITIVE_INFINITY;

  constructor(parts: NdpParts, message: NdpMessage, configuration: AddressConfiguration) {
    this.#parts = parts;
    this.#message = message;
    this.#configuration = configuration;
  }

  /** Section 6.3.7: asks up to three times, after a random delay. */
  start(): void {
    const { clock, random } = this.#parts.context;
    this.#solicitationsLeft = MAX_SOLICITATIONS;
    this.#deadline = clock.now + Math.round(((random.nextInt32() >>> 0) / 0x1_0000_0000) * MAX_SOLICITATION_DELAY);
  }

  /** The DNS servers that routers have named (RFC 8106), as text. */
  get dnsServers(): string[] {
    const { now } = this.#parts.context.clock;
    return [...this.#dnsServers].filter(([, until]) => until > now).map(([server]) => server);
  }

  nextDeadline(): number {
    return this.#deadline;
  }

  runTimers(): void {
    const { clock } = this.#parts.context;
    if (clock.now < this.#deadline) return;
    this.#solicitationsLeft--;
    this.#deadline = this.#solicitationsLeft > 0 ? clock.now + SOLICITATION_INTERVAL : Number.POSITIVE_INFINITY;
    this.#solicit();
  }

  /** Section 6.3.4. The message has passed `isSoundAdvertisement`. */
  receive(packet: IpPacket): void {
    const { context, routing, output } = this.#parts;
    context.statistics.ndp.routerAdvertisementsReceived++;
    const { bytes, payloadFrom } = packet;
    const router = new IpAddress(packet.source0, packet.source1, packet.source2, packet.source3);
    const lifetime = Icmpv6.routerLifetime(bytes, payloadFrom);
    routing.setRouter(router, context.clock.now + lifetime * SECOND);
    if (lifetime > 0) this.#deadline = Number.POSITIVE_INFINITY;
    const hopLimit = Icmpv6.advertisedHopLimit(bytes, payloadFrom);
    if (hopLimit !== 0) output.adviseHopLimit6(hopLimit);
    this.#takeTimers(packet);
    this.#takeMac(packet, router, lifetime > 0);
    this.#takeOptions(packet, router);
  }

  #takeTimers({ bytes, payloadFrom }: IpPacket): void {
    const { neighbors } = this.#parts;
    const reachable = Icmpv6.reachableTimeMs(bytes, payloadFrom) * MILLISECOND;
    if (reachable !== 0 && reachable <= MAX_REACHABLE_TIME) neighbors.setReachableTime(reachable);
    const retrans = Icmpv6.retransTimerMs(bytes, payloadFrom) * MILLISECOND;
    if (retrans !== 0 && retrans <= MAX_RETRANS_TIME) neighbors.setRequestInterval(retrans);
  }

  /** Takes the router's own Ethernet address: an entry that is still to be verified (STALE). */
  #takeMac(packet: IpPacket, router: IpAddress, isRouter: boolean): void {
    const option = findMac(packet, Icmpv6.ROUTER_ADVERTISEMENT_BYTES, Icmpv6.OPTION_SOURCE_MAC);
    const { neighbors } = this.#parts;
    const neighbor = option >= 0 ? neighbors.obtain(router) : neighbors.find(router);
    if (neighbor === undefined) return;
    neighbor.isRouter = isRouter || neighbor.isRouter;
    if (option >= 0) neighbors.update(neighbor, packet.bytes, option + 2);
  }

  #takeOptions(packet: IpPacket, router: IpAddress): void {
    const { bytes, payloadTo } = packet;
    const from = packet.payloadFrom + Icmpv6.ROUTER_ADVERTISEMENT_BYTES;
    for (let at = from; at < payloadTo; at += bytes[at + 1]! << 3) {
      const length = bytes[at + 1]! << 3;
      if (bytes[at] === Icmpv6.OPTION_MTU && length === 8) this.#takeMtu(readInt32(bytes, at + 4));
      if (bytes[at] === Icmpv6.OPTION_RDNSS && length >= RDNSS_ADDRESSES + 16) this.#takeDnsServers(bytes, at, length);
      if (bytes[at] === Icmpv6.OPTION_PREFIX && length === Icmpv6.PREFIX_OPTION_BYTES) {
        this.#configuration.receivePrefix(bytes, at, router);
      }
    }
  }

  /** RFC 8106 section 5.1: a lifetime, and addresses. Nobody here asks them; people are shown them. */
  #takeDnsServers(bytes: Uint8Array, at: number, length: number): void {
    const { now } = this.#parts.context.clock;
    for (const [server, end] of this.#dnsServers) if (end <= now) this.#dnsServers.delete(server);
    const until = now + (readInt32(bytes, at + RDNSS_LIFETIME) >>> 0) * SECOND;
    for (let from = at + RDNSS_ADDRESSES; from + 16 <= at + length; from += 16) {
      const server = String(IpAddress.readV6(bytes, from));
      this.#dnsServers.delete(server);
      if (until > now && this.#dnsServers.size < MAX_DNS_SERVERS) this.#dnsServers.set(server, until);
    }
  }

  /** Section 6.3.4: at least 1280, at most the device's MTU. */
  #takeMtu(mtu: number): void {
    if (mtu >= IPV6_MINIMUM_MTU && mtu <= this.#parts.context.device.mtu) this.#parts.routes.setLinkMtu6(mtu);
  }

  /**
   * From our link-local address, with our Ethernet address; from the unspecified one until it is ours (section 4.1).
   */
  #solicit(): void {
    const { addresses, context } = this.#parts;
    const own = addresses.all.find(
      (entry) => entry.state === ADDRESS.ASSIGNED && !entry.isOptimistic && isLinkLocal(entry.address.word0),
    );
    context.statistics.ndp.routerSolicitationsSent++;
    this.#message.begin(Icmpv6.ROUTER_SOLICITATION, 0);
    if (own !== undefined) this.#message.ownMac(Icmpv6.OPTION_SOURCE_MAC);
    this.#message.sendTo(own?.address ?? UNSPECIFIED, ALL_ROUTERS, groupMac(ALL_ROUTERS));
  }
}

/** RFC 4861 section 6.1.2: only a router on the link itself may speak, from its link-local address. */
export function isSoundRouterAdvertisement(packet: IpPacket): boolean {
  return isLinkLocal(packet.source0);
}
