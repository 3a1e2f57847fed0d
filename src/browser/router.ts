/**
 * The router of a world: a switch with addresses of its own. It knows the sizes of its links (narrow-way.ts). Over IPv6
 * it also advertises its prefix to hosts that ask, and says which Ethernet address it has: RFC 4861 sections 6.2.6 and
 * 7.2.4. All hosts of a world are on one link, so it carries no packet to another network.
 */
import { groupMac } from '../net/ip/group-mac.js';
import { ALL_NODES, linkLocal } from '../net/ndp/addresses.js';
import { IpAddress, IpNetwork } from '../net/wire/address.js';
import { writeInt32 } from '../net/wire/bytes.js';
import * as Ethernet from '../net/wire/ethernet.js';
import * as Icmpv6 from '../net/wire/icmpv6.js';
import * as Ipv6 from '../net/wire/ipv6.js';
import { PROTOCOL } from '../net/wire/protocol.js';
import { icmpv6Frame } from './icmpv6-frame.js';
import { refusal, tooBig } from './narrow-way.js';
import type { RouterOptions } from './options.js';

/** The defaults of RFC 4861 section 6.2.1: half an hour as a router, 30 days for a prefix, 7 of them preferred. */
const HOP_LIMIT = 64;
const LIFETIME_SECONDS = 1800;
const VALID_SECONDS = 2_592_000;
const PREFERRED_SECONDS = 604_800;
const ON_LINK_AND_AUTONOMOUS = 0xc0;
/** Where the fixed part of the body ends, behind the eight bytes that every message has. */
const ADVERTISEMENT_BODY = Icmpv6.ROUTER_ADVERTISEMENT_BYTES - Icmpv6.HEADER_BYTES;

/** A prefix that hosts can make addresses of has 64 bits (RFC 4862 section 5.5.3, RFC 2464). */
const PREFIX_BITS = 64;

export class Router {
  readonly #mac: Uint8Array;
  readonly #v4: IpAddress | undefined;
  readonly #v6: IpAddress | undefined;
  readonly #linkLocal: IpAddress;
  readonly #prefix: IpNetwork | undefined;

  /** @throws {RangeError} for a bad address, two of one family, or a prefix that is not a /64 of IPv6 */
  constructor(options: string | RouterOptions, mac: Uint8Array) {
    const { addresses = [], prefix } = typeof options === 'string' ? { addresses: [options] } : options;
    const parsed = addresses.map((text) => IpAddress.parse(text));
    [this.#v4, this.#v6] = [true, false].map((isV4) => onlyOne(parsed.filter((address) => address.isV4 === isV4)));
    this.#mac = mac;
    this.#linkLocal = linkLocal(mac, new Uint8Array(0)).address;
    this.#prefix = prefix === undefined ? undefined : IpNetwork.parse(prefix);
    if (this.#prefix !== undefined && (this.#prefix.address.isV4 || this.#prefix.prefixLength !== PREFIX_BITS)) {
      throw new RangeError(`a router advertises a /64 of IPv6, not ${prefix}`);
    }
  }

  /** What it says to the sender of a packet that `mtu` is too small for; undefined if it has no address to say it. */
  refuse(frame: Uint8Array, mtu: number): Uint8Array | undefined {
    if (Ethernet.type(frame, 0) === Ethernet.TYPE_IPV6) return this.#v6 && tooBig(frame, mtu, this.#v6, this.#mac);
    return this.#v4 && refusal(frame, mtu, this.#v4.word3, this.#mac);
  }

  /**
   * Its answer to a question that is for routers, or about an address of its own. Undefined for every other frame: the
   * switch passes it on.
   */
  answer(frame: Uint8Array): Uint8Array | undefined {
    const at = Ethernet.HEADER_BYTES;
    if (Ethernet.type(frame, 0) !== Ethernet.TYPE_IPV6 || Ipv6.check(frame, at, frame.length) !== Ipv6.OK) return;
    if (Ipv6.nextHeader(frame, at) !== PROTOCOL.ICMPV6 || Ipv6.hopLimit(frame, at) !== 255) return;
    const message = at + Ipv6.HEADER_BYTES;
    const length = Ipv6.payloadLength(frame, at);
    if (length < Icmpv6.ROUTER_SOLICITATION_BYTES) return;
    const type = Icmpv6.type(frame, message);
    if (type === Icmpv6.ROUTER_SOLICITATION && this.#prefix !== undefined) return this.#advertisement(this.#prefix);
    if (type !== Icmpv6.NEIGHBOR_SOLICITATION || length < Icmpv6.NEIGHBOR_MESSAGE_BYTES) return;
    const target = IpAddress.readV6(frame, message + Icmpv6.TARGET);
    const source = IpAddress.readV6(frame, at + Ipv6.SOURCE);
    const isOurs = target.equals(this.#linkLocal) || this.#v6?.equals(target) === true;
    return isOurs ? this.#neighborAdvertisement(target, source, frame.subarray(6, 12)) : undefined;
  }

  /** To all nodes, so that it does not matter whether the host that asks has an address yet. */
  #advertisement(prefix: IpNetwork): Uint8Array {
    const body = new Uint8Array(ADVERTISEMENT_BODY + Icmpv6.MAC_OPTION_BYTES + Icmpv6.PREFIX_OPTION_BYTES);
    Icmpv6.emitMacOption(body, ADVERTISEMENT_BODY, Icmpv6.OPTION_SOURCE_MAC, this.#mac);
    const option = ADVERTISEMENT_BODY + Icmpv6.MAC_OPTION_BYTES;
    body.set([Icmpv6.OPTION_PREFIX, 4, PREFIX_BITS, ON_LINK_AND_AUTONOMOUS], option);
    writeInt32(body, option + 4, VALID_SECONDS);
    writeInt32(body, option + 8, PREFERRED_SECONDS);
    new IpAddress(prefix.address.word0, prefix.address.word1, 0, 0).writeV6(body, option + 16);
    return icmpv6Frame({
      macs: [groupMac(ALL_NODES), this.#mac],
      source: this.#linkLocal,
      destination: ALL_NODES,
      hopLimit: 255,
      type: Icmpv6.ROUTER_ADVERTISEMENT,
      rest: (HOP_LIMIT << 24) | LIFETIME_SECONDS,
      body,
    });
  }

  /** To the host that asks; to all nodes if it has no address yet. */
  #neighborAdvertisement(target: IpAddress, asker: IpAddress, askerMac: Uint8Array): Uint8Array {
    const body = new Uint8Array(16 + Icmpv6.MAC_OPTION_BYTES);
    target.writeV6(body, 0);
    Icmpv6.emitMacOption(body, 16, Icmpv6.OPTION_TARGET_MAC, this.#mac);
    const solicited = asker.isUnspecified ? 0 : Icmpv6.FLAG_SOLICITED;
    return icmpv6Frame({
      macs: [asker.isUnspecified ? groupMac(ALL_NODES) : askerMac, this.#mac],
      source: target,
      destination: asker.isUnspecified ? ALL_NODES : asker,
      hopLimit: 255,
      type: Icmpv6.NEIGHBOR_ADVERTISEMENT,
      rest: Icmpv6.FLAG_ROUTER | Icmpv6.FLAG_OVERRIDE | solicited,
      body,
    });
  }
}

function onlyOne(addresses: readonly IpAddress[]): IpAddress | undefined {
  if (addresses.length > 1) throw new RangeError('a router has one address of each family at most');
  return addresses[0];
}
