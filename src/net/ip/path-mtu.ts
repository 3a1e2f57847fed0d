/**
 * Numbers of path MTU discovery: RFC 1191 (IPv4), RFC 8201 (IPv6), RFC 4821 (by probing).
 */
import { SECOND } from '../clock.js';

/** No IPv4 link may be smaller (RFC 791 section 3.2), so no report below it can be true. */
export const IPV4_MINIMUM_MTU = 68;
/**
 * The smallest path MTU that an ICMP message can bring us to; below it we let routers fragment instead. RFC 1191
 * section 3 only forbids less than 68, but at 68 a forged message would cost 28 bytes of payload a packet. Linux uses
 * the same number (`net.ipv4.route.min_pmtu`): 512 bytes of payload with room for headers.
 */
export const IPV4_LEAST_PATH_MTU = 552;
/** Every IPv6 link takes this much (RFC 8200 section 5). */
export const IPV6_MINIMUM_MTU = 1280;
/** A reduced path MTU is forgotten after this time: 10 minutes (RFC 1191 section 6.3, RFC 8201 section 5.3). */
export const PATH_MTU_LIFETIME = 600 * SECOND;

/** RFC 1191 section 7.1: sizes that links really have, for routers that do not tell theirs. */
const PLATEAUS = [65535, 32000, 17914, 8166, 4352, 2002, 1492, 1280, 1006, 508, 296, 68] as const;

/** The largest plateau below `size` bytes; 68 when there is none. */
export function nextLowerPlateau(size: number): number {
  for (const plateau of PLATEAUS) if (plateau < size) return plateau;
  return IPV4_MINIMUM_MTU;
}
