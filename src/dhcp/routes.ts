/**
 * The routes in a lease: option 121 (RFC 3442), or option 3 where that is missing.
 *
 *     | prefix length | as many bytes of the prefix as it needs | router, 4 bytes |   … and again
 */
import { IpAddress, IpNetwork } from '../net/wire/address.js';
import { OPTION } from './option-codes.js';
import type { Options } from './options.js';

/**
 * A network and its router. The router 0.0.0.0: the network is on the link (RFC 3442 section "Local Subnet Routes").
 */
export interface LeaseRoute {
  readonly network: IpNetwork;
  readonly router: IpAddress;
}

/** A server has a handful. A hostile one must not make us keep thousands. */
export const MAX_LEASE_ROUTES = 32;
const EVERYTHING = new IpNetwork(IpAddress.v4(0), 0);

/** All routes of a message. With option 121, option 3 counts for nothing: RFC 3442 says "MUST ignore". */
export function routesOf(options: Options): LeaseRoute[] {
  const classless = options.bytes(OPTION.CLASSLESS_ROUTES);
  const read = classless === undefined ? undefined : readClasslessRoutes(classless);
  if (read !== undefined) return read;
  const [router] = options.addresses(OPTION.ROUTER);
  return router === undefined ? [] : [{ network: EVERYTHING, router }];
}

/** The routes of a value of option 121; undefined if it is malformed, and then it is as if it were not there. */
export function readClasslessRoutes(value: Uint8Array): LeaseRoute[] | undefined {
  const routes: LeaseRoute[] = [];
  for (let at = 0; at < value.length; ) {
    const length = value[at++] ?? 0;
    const significant = (length + 7) >> 3;
    if (length > 32 || at + significant + 4 > value.length) return undefined;
    const prefix = new Uint8Array(4);
    prefix.set(value.subarray(at, at + significant));
    at += significant;
    const network = new IpNetwork(IpAddress.v4(IpAddress.readV4(prefix, 0).word3 & maskOf(length)), length);
    const router = IpAddress.readV4(value, at);
    at += 4;
    if (routes.length < MAX_LEASE_ROUTES) routes.push({ network, router });
  }
  return routes;
}

/** The mask of a prefix of IPv4 as int32. */
export function maskOf(prefixLength: number): number {
  return prefixLength === 0 ? 0 : -1 << (32 - prefixLength);
}
