/**
 * IPv6 headers and extension headers: RFC 8200 sections 3 and 4.
 *
 *      0                   1                   2                   3
 *      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |Version| Traffic Class |           Flow Label                  |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |         Payload Length        |  Next Header  |   Hop Limit   |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |                    Source Address, 16 bytes                   |
 *     |                  Destination Address, 16 bytes                |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *
 * The fragment header (section 4.5), the only extension header that we send:
 *
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |  Next Header  |   Reserved    |      Fragment Offset    |Res|M|
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |                         Identification                        |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *
 * `ip/ipv6-input.ts` and `ip/extension-headers.ts` read them, `ip/output.ts` writes them.
 */
import { readInt32, readUint16, writeInt32, writeUint16 } from './bytes.js';

export const HEADER_BYTES = 40;
export const FRAGMENT_HEADER_BYTES = 8;

const VERSION_CLASS_FLOW = 0;
export const PAYLOAD_LENGTH = 4;
export const NEXT_HEADER = 6;
const HOP_LIMIT = 7;
export const SOURCE = 8;
export const DESTINATION = 24;

/** Results of `check`. */
export const OK = 0;
export const SHORT = 1;
export const BAD_VERSION = 2;
export const BAD_PAYLOAD_LENGTH = 3;

/**
 * Checks the header in `bytes[from, to)`. `OK` guarantees a whole header and a payload that ends within the frame. A
 * payload length of 0 passes: the packet is empty, or its length stands in a jumbo option (RFC 2675).
 */
export function check(bytes: Uint8Array, from: number, to: number): number {
  if (to - from < HEADER_BYTES) return SHORT;
  if (bytes[from]! >>> 4 !== 6) return BAD_VERSION;
  if (HEADER_BYTES + payloadLength(bytes, from) > to - from) return BAD_PAYLOAD_LENGTH;
  return OK;
}

/** The traffic class: DSCP and ECN (RFC 2474, RFC 3168). */
export function trafficClass(bytes: Uint8Array, at: number): number {
  return (readUint16(bytes, at + VERSION_CLASS_FLOW) >>> 4) & 0xff;
}

/** The length of all behind the header, bytes. */
export function payloadLength(bytes: Uint8Array, at: number): number {
  return readUint16(bytes, at + PAYLOAD_LENGTH);
}

/** The type of the header behind this one (`protocol.ts`). */
export function nextHeader(bytes: Uint8Array, at: number): number {
  return bytes[at + NEXT_HEADER]!;
}

/** The hop limit: how many more routers may pass it on. */
export function hopLimit(bytes: Uint8Array, at: number): number {
  return bytes[at + HOP_LIMIT]!;
}

/** Writes a header, except for the addresses. */
export function emit(
  bytes: Uint8Array,
  at: number,
  tClass: number,
  flowLabel: number,
  length: number,
  next: number,
  hops: number,
): void {
  writeInt32(bytes, at + VERSION_CLASS_FLOW, (6 << 28) | (tClass << 20) | (flowLabel & 0xfffff));
  writeUint16(bytes, at + PAYLOAD_LENGTH, length);
  bytes[at + NEXT_HEADER] = next;
  bytes[at + HOP_LIMIT] = hops;
}

/** Where this fragment's data belongs in the whole, bytes; `at` is the fragment header. */
export function fragmentOffset(bytes: Uint8Array, at: number): number {
  return readUint16(bytes, at + 2) & 0xfff8;
}

/** The flag M of the fragment header at `at`: another fragment follows. */
export function moreFragments(bytes: Uint8Array, at: number): boolean {
  return (bytes[at + 3]! & 1) !== 0;
}

/** The identification of the fragment header at `at`, as int32. */
export function fragmentId(bytes: Uint8Array, at: number): number {
  return readInt32(bytes, at + 4);
}

/** Writes a fragment header; `offset` in bytes, a multiple of eight. */
export function emitFragment(
  bytes: Uint8Array,
  at: number,
  next: number,
  offset: number,
  more: boolean,
  id: number,
): void {
  bytes[at] = next;
  bytes[at + 1] = 0;
  writeUint16(bytes, at + 2, offset | (more ? 1 : 0));
  writeInt32(bytes, at + 4, id);
}

/** The type of the header behind the fragment header at `at`. */
export function nextHeaderOfFragment(bytes: Uint8Array, at: number): number {
  return bytes[at]!;
}

/** True for ff00::/8, given an address's first word (RFC 4291 section 2.7). */
export function isMulticast(word0: number): boolean {
  return word0 >>> 24 === 0xff;
}

/** True for fe80::/10, given an address's first word (RFC 4291 section 2.5.6). */
export function isLinkLocal(word0: number): boolean {
  return word0 >>> 22 === 0xfe80 >>> 6;
}
