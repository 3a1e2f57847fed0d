/**
 * A lease: an address of ours for a time, and what the server says about the network. RFC 2131 sections 3.3 and 4.4.5.
 */
import { SECOND } from '../net/clock.js';
import { type IpAddress, IpNetwork } from '../net/wire/address.js';
import * as Ipv4 from '../net/wire/ipv4.js';
import { OPTION } from './option-codes.js';
import type { Options } from './options.js';
import { type LeaseRoute, maskOf, routesOf } from './routes.js';

/** A lease as it came. Times are in seconds from when we asked; Infinity: for ever. */
export interface Lease {
  /** Our address with its network. */
  readonly network: IpNetwork;
  /** The server that gave it: requests to extend it go there. */
  readonly server: IpAddress;
  readonly routes: readonly LeaseRoute[];
  readonly dnsServers: readonly IpAddress[];
  /** The domain for names without dots; empty: none was told. */
  readonly domain: string;
  /** The MTU that the server names; 0: none. */
  readonly mtu: number;
  readonly leaseSeconds: number;
  /** T1 and T2: when the server, and when any server, is asked to extend the lease. */
  readonly renewSeconds: number;
  readonly rebindSeconds: number;
}

/** Lease times of all ones never end (RFC 2131 section 3.3). */
const FOR_EVER = 0xffff_ffff;
/** Shorter leases would be more work than use. Such an offer is ignored. */
export const LEAST_LEASE_SECONDS = 10;
/** RFC 2131 section 4.4.5. */
const T1_PART = 0.5;
const T2_PART = 0.875;
/**
 * What IPv4 needs (RFC 791), and what a hostile option 26 cannot go below: a path with less does not carry our heads.
 */
const LEAST_MTU = 576;

/**
 * The lease in an offer or acknowledgment about `address`. Undefined if it is none: an address that no host can have,
 * no server, no time or too little of it, or a mask with holes.
 */
export function leaseOf(options: Options, address: IpAddress): Lease | undefined {
  const server = options.address(OPTION.SERVER_IDENTIFIER);
  const seconds = options.uint32(OPTION.LEASE_TIME);
  const prefixLength = prefixLengthOf(options, address);
  if (server === undefined || seconds === undefined || prefixLength === undefined) return undefined;
  if (Ipv4.isBadSource(server.word3) || !isHostIn(address, prefixLength)) return undefined;
  const leaseSeconds = seconds === FOR_EVER ? Number.POSITIVE_INFINITY : seconds;
  if (leaseSeconds < LEAST_LEASE_SECONDS) return undefined;
  const mtu = options.uint16(OPTION.INTERFACE_MTU) ?? 0;
  return {
    network: new IpNetwork(address, prefixLength),
    server,
    routes: routesOf(options),
    dnsServers: options.addresses(OPTION.DNS_SERVERS),
    domain: options.text(OPTION.DOMAIN_NAME) ?? '',
    mtu: mtu >= LEAST_MTU ? mtu : 0,
    leaseSeconds,
    ...renewalsOf(options, leaseSeconds),
  };
}

/** T1 and T2 as the server says, if they are in their order; else the parts of the lease that the RFC names. */
function renewalsOf(options: Options, leaseSeconds: number): Pick<Lease, 'renewSeconds' | 'rebindSeconds'> {
  const renewSeconds = options.uint32(OPTION.RENEWAL_TIME);
  const rebindSeconds = options.uint32(OPTION.REBINDING_TIME);
  const t1 = renewSeconds ?? Math.min(T1_PART * leaseSeconds, rebindSeconds ?? Number.POSITIVE_INFINITY);
  const t2 = rebindSeconds ?? Math.max(T2_PART * leaseSeconds, renewSeconds ?? 0);
  if (t1 >= 1 && t1 < t2 && t2 < leaseSeconds) return { renewSeconds: t1, rebindSeconds: t2 };
  return { renewSeconds: T1_PART * leaseSeconds, rebindSeconds: T2_PART * leaseSeconds };
}

/** The length of the mask; by the class of the address if there is no mask; undefined if the mask has holes. */
function prefixLengthOf(options: Options, { word3 }: IpAddress): number | undefined {
  if (options.bytes(OPTION.SUBNET_MASK) === undefined) return word3 >>> 31 === 0 ? 8 : word3 >>> 30 === 2 ? 16 : 24;
  const mask = options.address(OPTION.SUBNET_MASK)?.word3;
  if (mask === undefined) return undefined;
  const length = Math.clz32(~mask);
  return length > 0 && mask === maskOf(length) ? length : undefined;
}

/** Neither a group nor loopback, nor the network itself or its broadcast address. */
function isHostIn({ word3 }: IpAddress, prefixLength: number): boolean {
  if (Ipv4.isBadSource(word3)) return false;
  const host = word3 & ~maskOf(prefixLength);
  return prefixLength >= 31 || (host !== 0 && host !== ~maskOf(prefixLength));
}

/** The same address, network, routes and MTU: nothing in the stack has to change. */
export function isSameForStack(a: Lease, b: Lease): boolean {
  return String(a.network) === String(b.network) && a.mtu === b.mtu && routesText(a) === routesText(b);
}

function routesText({ routes }: Lease): string {
  return routes.map(({ network, router }) => `${network} ${router}`).join(', ');
}

/** The default router of a lease; undefined: it has none. */
export function gatewayOf({ routes }: Lease): IpAddress | undefined {
  return routes.find(({ network, router }) => network.prefixLength === 0 && !router.isUnspecified)?.router;
}

/** Seconds after `since`, µs, in the clock's unit. */
export function secondsAfter(since: number, seconds: number): number {
  return since + Math.round(seconds * SECOND);
}
