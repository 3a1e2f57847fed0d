/**
 * The header that a TAP with IFF_VNET_HDR puts before every frame: `struct virtio_net_hdr` of the Virtual I/O Device
 * specification (VIRTIO 1.2, section 5.1.6), ten bytes, little-endian. It tells the other side which work is left:
 *
 *      0        1        2        4        6         8        10
 *     +--------+--------+--------+--------+---------+--------+
 *     | flags  | GSO    | header | GSO    | checksum| checksum
 *     |        | type   | length | size   | start   | offset |
 *     +--------+--------+--------+--------+---------+--------+
 *
 * Traps, each found by an EINVAL or a dropped frame:
 * - `header length` must not exceed the frame, even with no flag set (a 42-byte ARP with 54 is refused).
 * - `checksum start` counts from the Ethernet header: 34 for TCP in IPv4 without options, 38 with a VLAN tag.
 * - The checksum field itself then holds the *folded, not inverted* sum of the pseudo-header.
 * - A super-segment with CWR needs the ECN bit, or every segment cut from it carries CWR (RFC 3168 section 6.1.2).
 *
 * Caller: tap.ts.
 */
import * as Ethernet from '../wire/ethernet.js';
import type { IncomingFrame, OutgoingFrame } from './frame.js';

export const VIRTIO_HEADER_BYTES = 10;

export const FLAG_NEEDS_CHECKSUM = 1;
export const FLAG_DATA_VALID = 2;
export const GSO_NONE = 0;
export const GSO_TCP_V4 = 1;
export const GSO_TCP_V6 = 4;
export const GSO_ECN = 0x80;

const TCP_FLAGS_AT = 13;
const TCP_CWR = 0x80;

/** Writes the header into the ten bytes before `frame.start`, which belong to the device. */
export function writeVirtioHeader(frame: OutgoingFrame): void {
  const header = frame.header;
  const at = frame.start - VIRTIO_HEADER_BYTES;
  const headerLength = frame.end - frame.start;
  if (frame.checksumFrom === 0) {
    for (let i = 0; i < VIRTIO_HEADER_BYTES; i++) header[at + i] = 0;
    return;
  }
  header[at] = FLAG_NEEDS_CHECKSUM;
  const cut = frame.payloadLength > frame.segmentBytes ? frame.segmentBytes : 0;
  header[at + 1] = cut === 0 ? GSO_NONE : gsoType(frame);
  writeUint16LittleEndian(header, at + 2, headerLength);
  writeUint16LittleEndian(header, at + 4, cut);
  writeUint16LittleEndian(header, at + 6, frame.checksumFrom - frame.start);
  writeUint16LittleEndian(header, at + 8, frame.checksumOffset);
}

/**
 * Reads the header of a frame that came in as `bytes[from, to)` and points `frame` at the bytes behind it. Returns
 * false if there is no room for the header.
 */
export function readVirtioHeader(bytes: Uint8Array, from: number, to: number, frame: IncomingFrame): boolean {
  if (to - from < VIRTIO_HEADER_BYTES) return false;
  frame.bytes = bytes;
  frame.from = from + VIRTIO_HEADER_BYTES;
  frame.to = to;
  frame.checksumGood = (bytes[from]! & (FLAG_NEEDS_CHECKSUM | FLAG_DATA_VALID)) !== 0;
  frame.segmentBytes = bytes[from + 1] === GSO_NONE ? 0 : bytes[from + 4]! | (bytes[from + 5]! << 8);
  return true;
}

/**
 * Writes the header of a frame as the kernel would have written it: the opposite of `readVirtioHeader`. `bytes` has
 * room for it at `at`; the frame follows.
 */
export function writeReceivedHeader(bytes: Uint8Array, at: number, checksumGood: boolean, segmentBytes: number): void {
  bytes.fill(0, at, at + VIRTIO_HEADER_BYTES);
  if (checksumGood) bytes[at] = FLAG_DATA_VALID;
  if (segmentBytes === 0) return;
  bytes[at + 1] = GSO_TCP_V4; // readers ask only whether there is a type
  writeUint16LittleEndian(bytes, at + 4, segmentBytes);
}

function gsoType(frame: OutgoingFrame): number {
  const header = frame.header;
  const family = Ethernet.contentType(header, frame.start) === Ethernet.TYPE_IPV6 ? GSO_TCP_V6 : GSO_TCP_V4;
  const reduced = (header[frame.checksumFrom + TCP_FLAGS_AT]! & TCP_CWR) !== 0;
  return reduced ? family | GSO_ECN : family;
}

function writeUint16LittleEndian(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
}
