/**
 * Ethernet II frames: RFC 894 (IPv4 in them), RFC 2464 (IPv6 in them), IEEE 802.3 (the numbers).
 *
 *      0      1      2      3      4      5      6      7      8      9     10     11     12     13
 *     +------+------+------+------+------+------+------+------+------+------+------+------+------+------+
 *     |            Destination address          |               Source address            |     Type    |
 *     +------+------+------+------+------+------+------+------+------+------+------+------+------+------+
 *
 * A frame may carry a tag (IEEE 802.1Q): four bytes in front of the type. They name a virtual LAN, or just a priority.
 *
 *     12     13     14     15     16     17
 *     +------+------+------+------+------+------+
 *     |    0x8100   | priority,id |    Type     |       id: 12 bits, 0 for none; priority: 3 bits
 *     +------+------+------+------+------+------+
 *
 * The internet layer reads and writes them. A frame from the device has no preamble and no frame check sequence, but
 * may have padding up to 60 bytes: the next protocol's length says where its data ends.
 */
import { readUint16, writeUint16 } from './bytes.js';

export const HEADER_BYTES = 14;
export const ADDRESS_BYTES = 6;
export const TAG_BYTES = 4;

/** Offsets of the fields. */
export const DESTINATION = 0;
export const SOURCE = 6;
const TYPE = 12;
const TAG_CONTROL = 14;
const VLAN_MASK = 0xfff;

/** EtherTypes that the stack speaks. */
export const TYPE_IPV4 = 0x0800;
export const TYPE_ARP = 0x0806;
export const TYPE_IPV6 = 0x86dd;

/** Stands where the type does in a frame with a tag. */
export const TYPE_VLAN = 0x8100;

/** The largest id of a virtual LAN; 0 means none and 4095 is reserved. */
export const MAX_VLAN = 4094;

/** The address of all stations. */
export const BROADCAST = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff);

/** True if `bytes[from, to)` can hold a header: the guarantee that all accessors below rely on. */
export function check(from: number, to: number): boolean {
  return to - from >= HEADER_BYTES;
}

/** The EtherType; values below 1536 are the length of an IEEE 802.3 frame, which we do not take. */
export function type(bytes: Uint8Array, at: number): number {
  return readUint16(bytes, at + TYPE);
}

/** The length of the header with its tag, if it has one, bytes. */
export function headerLength(bytes: Uint8Array, at: number): number {
  return type(bytes, at) === TYPE_VLAN ? HEADER_BYTES + TAG_BYTES : HEADER_BYTES;
}

/** The EtherType of the packet in the frame: behind the tag, if it has one. There are `headerLength` bytes. */
export function contentType(bytes: Uint8Array, at: number): number {
  return readUint16(bytes, at + headerLength(bytes, at) - 2);
}

/** The virtual LAN that a tagged frame belongs to; 0: none, the tag carries only a priority. */
export function vlanId(bytes: Uint8Array, at: number): number {
  return readUint16(bytes, at + TAG_CONTROL) & VLAN_MASK;
}

/** True if the six bytes at `at` are a group address: broadcast or multicast. */
export function isGroup(bytes: Uint8Array, at: number): boolean {
  return (bytes[at]! & 1) !== 0;
}

/** True if the six bytes at `at` are `address`. */
export function isAddress(bytes: Uint8Array, at: number, address: Uint8Array): boolean {
  // The last byte differs most often between two machines, so it goes first.
  return (
    bytes[at + 5] === address[5] &&
    bytes[at + 4] === address[4] &&
    bytes[at + 3] === address[3] &&
    bytes[at + 2] === address[2] &&
    bytes[at + 1] === address[1] &&
    bytes[at] === address[0]
  );
}

/** Copies an address of six bytes. Six stores; `Uint8Array.set` costs five times as much (Node 20). */
export function copyAddress(from: Uint8Array, fromAt: number, to: Uint8Array, toAt: number): void {
  to[toAt] = from[fromAt]!;
  to[toAt + 1] = from[fromAt + 1]!;
  to[toAt + 2] = from[fromAt + 2]!;
  to[toAt + 3] = from[fromAt + 3]!;
  to[toAt + 4] = from[fromAt + 4]!;
  to[toAt + 5] = from[fromAt + 5]!;
}

/** Writes a header of `HEADER_BYTES` at `at`. */
export function emit(
  bytes: Uint8Array,
  at: number,
  destination: Uint8Array,
  source: Uint8Array,
  etherType: number,
): void {
  copyAddress(destination, 0, bytes, at + DESTINATION);
  copyAddress(source, 0, bytes, at + SOURCE);
  writeUint16(bytes, at + TYPE, etherType);
}

/** Writes a header with a tag, `HEADER_BYTES + TAG_BYTES` at `at`; `vlan` is the id, the priority is 0. */
export function emitTagged(
  bytes: Uint8Array,
  at: number,
  destination: Uint8Array,
  source: Uint8Array,
  vlan: number,
  etherType: number,
): void {
  emit(bytes, at, destination, source, TYPE_VLAN);
  writeUint16(bytes, at + TAG_CONTROL, vlan);
  writeUint16(bytes, at + TAG_CONTROL + 2, etherType);
}
