/**
 * Addresses that are made from others: interface identifiers (RFC 4291 appendix A), solicited-node groups (RFC 4291
 * section 2.7.1), and the Ethernet addresses of groups (RFC 2464 section 7).
 */
import { IpAddress, IpNetwork } from '../wire/address.js';

export const UNSPECIFIED = new IpAddress(0, 0, 0, 0);
export const ALL_NODES = IpAddress.parse('ff02::1');
export const ALL_ROUTERS = IpAddress.parse('ff02::2');
/** Reports of multicast listeners go there (RFC 3810 section 5.2.14). */
export const ALL_MLDV2_ROUTERS = IpAddress.parse('ff02::16');

const LINK_LOCAL = 0xfe800000 | 0;

/** ff02::1:ffXX:XXXX. A node joins it for each of its addresses, so that few nodes hear a question about one. */
export function solicitedNode(address: IpAddress): IpAddress {
  return new IpAddress(0xff020000 | 0, 0, 1, 0xff000000 | (address.word3 & 0xffffff));
}

/** Our address within a /64: its prefix and the modified EUI-64 of our Ethernet address. */
export function addressIn(prefix: IpAddress, mac: Uint8Array): IpAddress {
  const word2 = ((mac[0]! ^ 2) << 24) | (mac[1]! << 16) | (mac[2]! << 8) | 0xff;
  const word3 = (0xfe << 24) | (mac[3]! << 16) | (mac[4]! << 8) | mac[5]!;
  return new IpAddress(prefix.word0, prefix.word1, word2, word3);
}

/** Our link-local address, fe80::/64. */
export function linkLocal(mac: Uint8Array): IpNetwork {
  return new IpNetwork(addressIn(new IpAddress(LINK_LOCAL, 0, 0, 0), mac), 64);
}
