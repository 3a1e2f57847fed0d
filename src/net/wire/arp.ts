/**
 * ARP for IPv4 over Ethernet: RFC 826; RFC 5227 for probes and announcements.
 *
 *      0                   1                   2                   3
 *      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |        Hardware type          |         Protocol type         |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |   HW length   |  Proto length |          Operation            |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |                    Sender hardware address                    |
 *     +                               +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |                               |   Sender protocol address ... |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |  ... sender protocol address  |    Target hardware address    |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+                               +
 *     |                                                               |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |                    Target protocol address                    |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *
 * `arp/` reads and writes it. The size is fixed because we accept only this one combination of lengths.
 */
import { readInt32, readUint16, writeInt32, writeUint16 } from './bytes.js';
import { copyAddress } from './ethernet.js';

export const PACKET_BYTES = 28;

const HARDWARE_TYPE = 0;
const PROTOCOL_TYPE = 2;
const HARDWARE_LENGTH = 4;
const PROTOCOL_LENGTH = 5;
const OPERATION = 6;
export const SENDER_MAC = 8;
const SENDER_IP = 14;
export const TARGET_MAC = 18;
const TARGET_IP = 24;

const HARDWARE_ETHERNET = 1;
const PROTOCOL_IPV4 = 0x0800;

export const REQUEST = 1;
export const REPLY = 2;

/**
 * True if `bytes[from, to)` begins with a whole ARP packet for IPv4 over Ethernet, request or reply; then all
 * accessors below are safe. RFC 826 "Packet Reception" asks for the same checks, in the same order.
 */
export function check(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from < PACKET_BYTES) return false;
  return (
    readUint16(bytes, from + HARDWARE_TYPE) === HARDWARE_ETHERNET &&
    bytes[from + HARDWARE_LENGTH] === 6 &&
    readUint16(bytes, from + PROTOCOL_TYPE) === PROTOCOL_IPV4 &&
    bytes[from + PROTOCOL_LENGTH] === 4 &&
    (operation(bytes, from) === REQUEST || operation(bytes, from) === REPLY)
  );
}

/** The operation: `REQUEST` or `REPLY`. */
export function operation(bytes: Uint8Array, at: number): number {
  return readUint16(bytes, at + OPERATION);
}

/** The sender's IPv4 address as int32; 0 in a probe. */
export function senderIp(bytes: Uint8Array, at: number): number {
  return readInt32(bytes, at + SENDER_IP);
}

/** The target's IPv4 address as int32. */
export function targetIp(bytes: Uint8Array, at: number): number {
  return readInt32(bytes, at + TARGET_IP);
}

/** Writes a packet at `at`; addresses are six bytes, and int32. */
export function emit(
  bytes: Uint8Array,
  at: number,
  op: number,
  senderMac: Uint8Array,
  sender: number,
  targetMac: Uint8Array,
  target: number,
): void {
  writeUint16(bytes, at + HARDWARE_TYPE, HARDWARE_ETHERNET);
  writeUint16(bytes, at + PROTOCOL_TYPE, PROTOCOL_IPV4);
  bytes[at + HARDWARE_LENGTH] = 6;
  bytes[at + PROTOCOL_LENGTH] = 4;
  writeUint16(bytes, at + OPERATION, op);
  copyAddress(senderMac, 0, bytes, at + SENDER_MAC);
  writeInt32(bytes, at + SENDER_IP, sender);
  copyAddress(targetMac, 0, bytes, at + TARGET_MAC);
  writeInt32(bytes, at + TARGET_IP, target);
}
