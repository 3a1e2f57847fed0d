/**
 * Addresses that are made from others: interface identifiers (RFC 4291 appendix A), solicited-node groups (RFC 4291
 * section 2.7.1), and the Ethernet addresses of groups (RFC 2464 section 7).
 */
import { IpAddress, IpNetwork } from '../wire/address.js';
import { SipHash } from '../wire/sip-hash.js';

export const UNSPECIFIED = new IpAddress(0, 0, 0, 0);
export const ALL_NODES = IpAddress.parse('ff02::1');
export const ALL_ROUTERS = IpAddress.parse('ff02::2');
/** Reports of multicast listeners go there (RFC 3810 section 5.2.14). */
export const ALL_MLDV2_ROUTERS = IpAddress.parse('ff02::16');

const LINK_LOCAL = 0xfe800000 | 0;

/** The length of the secret behind stable identifiers. */
export const SECRET_BYTES = 16;
/** Prefix, Ethernet address in eight bytes, number of duplicates. */
const HASHED_BYTES = 20;
/** Added to the number of duplicates when the hash is a reserved identifier: no number of duplicates gets so far. */
const RESERVED_STEP = 256;

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

/**
 * Our address within a /64 that tells nothing of our Ethernet address: RFC 7217 section 5. The hash F is SipHash-2-4 of
 * the prefix, of what names the interface, and of the number of duplicates that were met before.
 * @param secret 16 bytes
 */
export function stableAddressIn(prefix: IpAddress, mac: Uint8Array, secret: Uint8Array, duplicates: number): IpAddress {
  const key = new DataView(secret.buffer, secret.byteOffset, SECRET_BYTES);
  const words = [0, 4, 8, 12].map((at) => key.getInt32(at, true));
  const hash = new SipHash(Int32Array.from(words), HASHED_BYTES);
  const word = (at: number) => [0, 1, 2, 3].reduce((sum, i) => (sum << 8) | (mac[at + i] ?? 0), 0);
  for (let again = 0; ; again += RESERVED_STEP) {
    hash.input.set([prefix.word0, prefix.word1, word(0), word(4), duplicates + again]);
    hash.hash();
    if (!isReserved(hash.high, hash.low)) return new IpAddress(prefix.word0, prefix.word1, hash.high, hash.low);
  }
}

/** Identifiers that belong to nobody (RFC 5453): all zeros, and the last 128 of fdff:ffff:ffff:ff80. */
function isReserved(high: number, low: number): boolean {
  return (high === 0 && low === 0) || (high === (0xfdffffff | 0) && low >>> 7 === 0x1ffffff);
}

/** Our link-local address, fe80::/64. @param secret empty: there is none */
export function linkLocal(mac: Uint8Array, secret: Uint8Array): IpNetwork {
  const prefix = new IpAddress(LINK_LOCAL, 0, 0, 0);
  const address = secret.length < SECRET_BYTES ? addressIn(prefix, mac) : stableAddressIn(prefix, mac, secret, 0);
  return new IpNetwork(address, 64);
}
