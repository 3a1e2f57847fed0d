/**
 * Makes addresses from routers' prefixes and gives them up again: RFC 4862 section 5.5; RFC 4861 section 6.3.4 for the
 * on-link part of the same option.
 *
 *      0                   1                   2                   3
 *      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |   Type = 3    |  Length = 4   | Prefix Length |L|A| Reserved  |
 *     |                    Valid Lifetime, seconds                    |
 *     |                  Preferred Lifetime, seconds                  |
 *     |                           Reserved                            |
 *     |                        Prefix, 16 bytes                       |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 */
import { SECOND } from '../clock.js';
import { ADDRESS, type HostAddress } from '../ip/host-addresses.js';
import { IpAddress, IpNetwork } from '../wire/address.js';
import { readInt32 } from '../wire/bytes.js';
import { isLinkLocal, isMulticast } from '../wire/ipv6.js';
import { addressIn, SECRET_BYTES, stableAddressIn } from './addresses.js';
import type { NdpParts } from './parts.js';

const PREFIX_LENGTH = 2;
const FLAGS = 3;
const VALID = 4;
const PREFERRED = 8;
const PREFIX = 16;
const FLAG_ON_LINK = 0x80;
const FLAG_AUTONOMOUS = 0x40;

/** A lifetime of all ones never ends (RFC 4861 section 4.6.2). */
const FOR_EVER = 0xffff_ffff;
/** Section 5.5.3 e: a forged message cannot shorten an address's life to less than this. */
const TWO_HOURS = 7200 * SECOND;
/** Addresses made from prefixes: a bound against hostile routers. Linux has 16, too (`max_addresses`). */
const MAX_ADDRESSES = 16;
/** IDGEN_RETRIES of RFC 7217 section 6: so many other identifiers are tried when nodes have ours. */
const MAX_DUPLICATES = 3;
/** An interface identifier on Ethernet has 64 bits (RFC 2464 section 4), so only such prefixes fit. */
const SLAAC_PREFIX_LENGTH = 64;

/** How long an adopted address's router and prefix count without an advertisement: routers answer our question. */
const ADOPTED_TIME = 30 * SECOND;

/** An address that was made of a router's prefix. Times as in `HostAddress`. */
export type AutomaticLease = Pick<HostAddress, 'network' | 'router' | 'preferredUntil' | 'validUntil'>;

export class AddressConfiguration {
  readonly #parts: NdpParts;
  readonly #claim: (entry: HostAddress) => void;

  /** @param claim begins to use a new address, by way of duplicate address detection */
  constructor(parts: NdpParts, claim: (entry: HostAddress) => void) {
    this.#parts = parts;
    this.#claim = claim;
  }

  /** Takes the prefix option at `at`, whose length is right, from an advertisement of `router`. */
  receivePrefix(bytes: Uint8Array, at: number, router: IpAddress): void {
    const prefix = IpAddress.readV6(bytes, at + PREFIX);
    const length = bytes[at + PREFIX_LENGTH]!;
    const flags = bytes[at + FLAGS]!;
    if (length > 128 || isLinkLocal(prefix.word0) || isMulticast(prefix.word0)) return;
    const valid = this.#endOf(readInt32(bytes, at + VALID));
    const preferred = this.#endOf(readInt32(bytes, at + PREFERRED));
    if ((flags & FLAG_ON_LINK) !== 0) this.#parts.routing.setPrefix(new IpNetwork(prefix, length), valid);
    const isUsable = (flags & FLAG_AUTONOMOUS) !== 0 && length === SLAAC_PREFIX_LENGTH && preferred <= valid;
    if (isUsable) this.#configure(prefix, preferred, valid, router);
  }

  /**
   * Goes on with an address that was made of a prefix before this stack began: another stack of this host has told of
   * it. The next advertisement has its lifetimes anew; until then, for a while, its router and its prefix count too.
   */
  adopt({ network, router, preferredUntil, validUntil }: AutomaticLease): void {
    const { addresses, context, routing } = this.#parts;
    const { now } = context.clock;
    if (validUntil <= now || addresses.find(network.address) !== undefined) return;
    const soon = Math.min(validUntil, now + ADOPTED_TIME);
    if (router !== undefined) routing.setRouter(router, soon);
    routing.setPrefix(network, soon);
    this.#add(network, preferredUntil, validUntil, router);
  }

  /** Another node has this address of ours: the next identifier is tried (RFC 7217 section 6). */
  replace({ address, preferredUntil, validUntil, router }: HostAddress): void {
    this.#configure(new IpAddress(address.word0, address.word1, 0, 0), preferredUntil, validUntil, router);
  }

  /** When the next address ends, µs; Infinity if none does. */
  nextDeadline(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const entry of this.#parts.addresses.all) next = Math.min(next, entry.validUntil);
    return next;
  }

  /** Section 5.5.4: an address whose valid lifetime is over is gone. */
  runTimers(): void {
    const { addresses, context, routing } = this.#parts;
    for (const entry of addresses.all) {
      if (entry.validUntil > context.clock.now) continue;
      addresses.remove(entry);
      routing.changed();
    }
  }

  /** Section 5.5.3 d and e: a new address, or other lifetimes for an address that we have. */
  #configure(prefix: IpAddress, preferredUntil: number, validUntil: number, router: IpAddress | undefined): void {
    const { addresses, context } = this.#parts;
    const address = this.#addressIn(prefix);
    const known = addresses.find(address);
    if (known !== undefined) {
      if (!known.isAutomatic) return;
      known.router = router;
      this.#renew(known, preferredUntil, validUntil);
      return;
    }
    if (validUntil <= context.clock.now) return;
    this.#add(new IpNetwork(address, SLAAC_PREFIX_LENGTH), preferredUntil, validUntil, router);
  }

  #add(network: IpNetwork, preferredUntil: number, validUntil: number, router: IpAddress | undefined): void {
    const { addresses } = this.#parts;
    if (addresses.all.filter((each) => each.isAutomatic).length >= MAX_ADDRESSES) return;
    const entry = addresses.add(network);
    entry.isAutomatic = true;
    entry.router = router;
    entry.preferredUntil = preferredUntil;
    entry.validUntil = validUntil;
    this.#claim(entry);
  }

  /** Our address in this prefix: the first one that no other node has shown to be its own. */
  #addressIn(prefix: IpAddress): IpAddress {
    const { addresses, context } = this.#parts;
    const { mac } = context.device;
    const { stableSecret } = context.options;
    if (stableSecret.length < SECRET_BYTES) return addressIn(prefix, mac);
    for (let duplicates = 0; ; duplicates++) {
      const address = stableAddressIn(prefix, mac, stableSecret, duplicates);
      if (addresses.find(address)?.state !== ADDRESS.DUPLICATE || duplicates === MAX_DUPLICATES) return address;
    }
  }

  /** The two-hour rule of section 5.5.3 e. The preferred lifetime is always taken as told. */
  #renew(entry: HostAddress, preferredUntil: number, validUntil: number): void {
    if (entry.state === ADDRESS.DUPLICATE) return;
    const { now } = this.#parts.context.clock;
    entry.preferredUntil = preferredUntil;
    if (validUntil - now > TWO_HOURS || validUntil > entry.validUntil) entry.validUntil = validUntil;
    else if (entry.validUntil - now > TWO_HOURS) entry.validUntil = now + TWO_HOURS;
  }

  #endOf(lifetime: number): number {
    const seconds = lifetime >>> 0;
    return seconds === FOR_EVER ? Number.POSITIVE_INFINITY : this.#parts.context.clock.now + seconds * SECOND;
  }
}
