/** The parts of the internet layer that neighbour discovery works on. */
import type { InternetContext } from '../ip/context.js';
import type { HostAddresses } from '../ip/host-addresses.js';
import type { NeighborCache } from '../ip/neighbor-cache.js';
import type { Output } from '../ip/output.js';
import type { IpPacket } from '../ip/packet.js';
import type { Routes } from '../ip/routes.js';
import type { Routing } from '../ip/routing.js';
import * as Ethernet from '../wire/ethernet.js';

export interface NdpParts {
  readonly context: InternetContext;
  readonly addresses: HostAddresses;
  readonly neighbors: NeighborCache;
  readonly routing: Routing;
  readonly routes: Routes;
  readonly output: Output;
}

/** The hop limit of every message: it shows that no router has passed the message on (RFC 4861 section 3.1). */
export const NDP_HOP_LIMIT = 255;

/** True for a message of ours that the link has sent back: no sign of another node (RFC 4862 appendix A). */
export function isFromUs(packet: IpPacket, { context }: NdpParts): boolean {
  return Ethernet.isAddress(packet.linkBytes, packet.sourceMacFrom, context.device.mac);
}
