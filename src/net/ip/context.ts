/** The context that every part of the internet layer gets: the outside world, the counters and the settings. */
import type { Clock } from '../clock.js';
import type { Device } from '../device/device.js';
import type { Random } from '../random.js';
import type { IpAddress } from '../wire/address.js';
import type { InternetStatistics } from './statistics.js';
import { checkVlan, NO_VLAN } from './vlan.js';

/**
 * How we check that no other host has an address of ours (RFC 5227 for IPv4, RFC 4862 section 5.4 for IPv6).
 *
 * @example
 * ```ts
 * import type { InternetOptions } from 'fastpath';
 *
 * export const internet: InternetOptions = { duplicateDetection: 'optimistic' };
 * ```
 */
export type DuplicateDetection =
  /** As the RFCs say: not used until the check is over, 4 to 7 s (IPv4) or 1 to 2 s (IPv6) after the start. */
  | 'strict'
  /** Used at once while it is being checked (RFC 4429, and the same for IPv4). */
  | 'optimistic'
  /** Not checked; announced only. */
  | 'off';

/**
 * Another host uses one of our addresses.
 *
 * @example
 * ```ts
 * import type { AddressConflict } from 'fastpath';
 *
 * const onConflict = ({ address, phase }: AddressConflict) => console.warn(`${address} is taken (${phase})`);
 * export const internet = { onConflict }; // for createStack
 * ```
 */
export interface AddressConflict {
  readonly address: IpAddress;
  /** The other host's Ethernet address, six bytes. */
  readonly mac: Uint8Array;
  /**
   * `'probing'`: at the start, the other host answered two of our probes. It has the address, so we have given it up
   * and use it no more; a server that was told to have it should stop. `'defended'`: the address has been ours for
   * longer. We keep it and have announced it again. Reported with each announcement, so at most once in ten seconds for
   * each address; `statistics` counts every claim.
   */
  readonly phase: 'probing' | 'defended';
  /**
   * It was made from a router's prefix. Then a lost one is no reason to stop: another is made, if there is a secret.
   */
  readonly isAutomatic: boolean;
}

/**
 * The settings of the internet layer; everything has a default.
 *
 * @example
 * ```ts
 * import type { InternetOptions } from 'fastpath';
 *
 * // No IPv6, and frames of the virtual LAN 42.
 * export const internet: InternetOptions = { ipv6: false, vlan: 42 };
 * ```
 */
export interface InternetOptions {
  /** TTL and hop limit of the packets that we send; default 64 (IANA "IP option numbers", RFC 1700). */
  readonly hopLimit?: number | undefined;
  /** Default 'optimistic'. */
  readonly duplicateDetection?: DuplicateDetection | undefined;
  /** ICMP errors sent each second at most; default 100 (RFC 1812 section 4.3.2.8, RFC 4443 section 2.4 f). */
  readonly icmpErrorsPerSecond?: number | undefined;
  /** Memory of fragments waiting for the rest of their datagram, bytes; default 4 MiB. */
  readonly reassemblyBytes?: number | undefined;
  /** Neighbours remembered; default 1024. */
  readonly neighbors?: number | undefined;
  /** Routes (and their path MTUs) remembered; default 4096. */
  readonly routes?: number | undefined;
  /**
   * When we answer a packet and do not know the neighbour's Ethernet address, take it from that packet. Then a SYN is
   * answered without an ARP round trip. The entry is verified afterwards like any old one. Default true.
   */
  readonly learnFromTraffic?: boolean | undefined;
  /** Speak IPv6, with a link-local address besides those given. Default: if an IPv6 address or gateway is given. */
  readonly ipv6?: boolean | undefined;
  /** IPv6: follow router advertisements (routers, prefixes, SLAAC). Default true. */
  readonly acceptRouterAdvertisements?: boolean | undefined;
  /**
   * IPv6: makes our interface identifiers of this secret, 16 bytes, so that they are stable and tell nothing of our
   * Ethernet address (RFC 7217). Default: none; identifiers are made of the Ethernet address (RFC 4291 appendix A).
   */
  readonly stableSecret?: Uint8Array | undefined;
  /** The virtual LAN that we are in (IEEE 802.1Q): an id from 1 to 4094. Default 0: none. */
  readonly vlan?: number | undefined;
  /** Another host uses one of our addresses. */
  readonly onConflict?: ((conflict: AddressConflict) => void) | undefined;
}

export interface InternetContext {
  readonly device: Device;
  readonly clock: Clock;
  readonly random: Random;
  readonly statistics: InternetStatistics;
  readonly options: Required<{ [K in keyof InternetOptions]: NonNullable<InternetOptions[K]> }>;
}

const DEFAULTS = {
  hopLimit: 64,
  duplicateDetection: 'optimistic',
  icmpErrorsPerSecond: 100,
  reassemblyBytes: 4 * 1024 * 1024,
  neighbors: 1024,
  routes: 4096,
  learnFromTraffic: true,
  ipv6: false,
  acceptRouterAdvertisements: true,
  stableSecret: new Uint8Array(0),
  vlan: NO_VLAN,
  onConflict: () => {},
} as const;

/** The options, with defaults in place of those that are missing. @throws {RangeError} for an impossible VLAN id. */
export function withDefaults(options: InternetOptions = {}): InternetContext['options'] {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  checkVlan(options.vlan ?? NO_VLAN);
  return { ...DEFAULTS, ...given };
}
