/** The Ethernet address of an IP group or broadcast address. */
import type { IpAddress } from '../wire/address.js';
import * as Ethernet from '../wire/ethernet.js';
import { isMulticast as isMulticastV4 } from '../wire/ipv4.js';

/**
 * IPv6: 33:33 and the group's last four bytes (RFC 2464 section 7). IPv4: 01:00:5e and its last 23 bits (RFC 1112
 * section 6.4); all stations for a broadcast address.
 */
export function groupMac({ isV4, word3 }: IpAddress): Uint8Array {
  if (!isV4) return Uint8Array.of(0x33, 0x33, word3 >>> 24, word3 >>> 16, word3 >>> 8, word3);
  if (!isMulticastV4(word3)) return Ethernet.BROADCAST;
  return Uint8Array.of(0x01, 0x00, 0x5e, (word3 >>> 16) & 0x7f, word3 >>> 8, word3);
}
