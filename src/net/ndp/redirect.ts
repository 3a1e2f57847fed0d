/**
 * A router knows a better first hop: RFC 4861 section 8. Section 8.1 says how to check it, section 8.3 how to obey.
 */
import type { IpPacket } from '../ip/packet.js';
import { IpAddress } from '../wire/address.js';
import * as Icmpv6 from '../wire/icmpv6.js';
import { isLinkLocal, isMulticast } from '../wire/ipv6.js';
import { findMac } from './neighbor-discovery.js';
import type { NdpParts } from './parts.js';

/** Follows a redirect whose options and length are sound. Returns false if it must be ignored. */
export function followRedirect(packet: IpPacket, parts: NdpParts): boolean {
  const { addresses, neighbors, routes } = parts;
  const { bytes, payloadFrom } = packet;
  const target = IpAddress.readV6(bytes, payloadFrom + Icmpv6.TARGET);
  const destination = IpAddress.readV6(bytes, payloadFrom + Icmpv6.REDIRECT_DESTINATION);
  const isOnLink = target.equals(destination);
  if (!isLinkLocal(packet.source0) || isMulticast(destination.word0)) return false;
  if (!isOnLink && !isLinkLocal(target.word0)) return false;
  // It answers a packet of ours to `destination`, so it is addressed to that packet's source.
  const local = new IpAddress(packet.destination0, packet.destination1, packet.destination2, packet.destination3);
  const route = routes.find(local, destination);
  if (route === undefined || addresses.isOurs(target) || !route.isVia(packet)) return false;
  const option = findMac(packet, Icmpv6.REDIRECT_BYTES, Icmpv6.OPTION_TARGET_MAC);
  const neighbor = neighbors.obtain(target);
  neighbor.isRouter = !isOnLink || neighbor.isRouter;
  if (option >= 0) neighbors.update(neighbor, bytes, option + 2);
  route.redirect = target;
  return routes.renew(route);
}
