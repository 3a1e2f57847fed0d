/** Outgoing TCP frames as a stack would hand them to a device, for the devices' own tests. */
import { OutgoingFrame, TRANSPORT_AT } from '../../src/net/device/frame.js';
import { readUint16, writeInt32, writeUint16 } from '../../src/net/wire/bytes.js';
import { finish, fold, sum } from '../../src/net/wire/checksum.js';
import { SummedBytes } from '../../src/net/wire/summed-bytes.js';

export interface TcpFrameOptions {
  ipv6?: boolean;
  payload?: number;
  /** Not 0: a super-segment, its checksum left to the device. */
  segmentBytes?: number;
  /** Leave the checksum to the device. */
  partial?: boolean;
  sequence?: number;
  /** The id in a VLAN tag; without it there is no tag. */
  vlan?: number;
  flags?: number;
  /** The two ECN bits of the IP header. */
  ecn?: number;
}

/** A TCP frame with counting bytes as payload; IP header complete, TCP checksum complete unless left to the device. */
export function tcpFrame(options: TcpFrameOptions = {}): OutgoingFrame {
  const frame = new OutgoingFrame();
  const payload = Uint8Array.from({ length: options.payload ?? 0 }, (_, i) => i * 7 + (i >> 8));
  // Two pieces, so that gathering is tested too.
  const half = payload.length >> 1;
  const bytes = SummedBytes.of(payload);
  if (half > 0) frame.addFragment(bytes, 0, half);
  if (payload.length > half) frame.addFragment(bytes, half, payload.length - half);
  writeTcp(frame, options);
  const pseudo = options.ipv6 ? writeIpv6(frame, options) : writeIpv4(frame, options);
  if (options.partial || options.segmentBytes) {
    frame.checksumFrom = TRANSPORT_AT;
    frame.checksumOffset = 16;
    frame.segmentBytes = options.segmentBytes ?? 0;
    writeUint16(frame.header, TRANSPORT_AT + 16, fold(pseudo));
  } else {
    const header = sum(frame.header, TRANSPORT_AT, frame.end);
    writeUint16(frame.header, TRANSPORT_AT + 16, finish(pseudo + header + sum(payload, 0, payload.length)));
  }
  writeEthernet(frame, options.ipv6 ? 0x86dd : 0x0800, options.vlan);
  return frame;
}

/** The frame as bytes. */
export function bytesOf(frame: OutgoingFrame): Uint8Array {
  const bytes = new Uint8Array(frame.length);
  frame.copyTo(bytes);
  return bytes;
}

/** True if IPv4's header checksum and TCP's checksum of a whole frame are right, by a plain second computation. */
export function checksumsAreRight(bytes: Uint8Array): boolean {
  const v4 = readUint16(bytes, 12) === 0x0800;
  if (v4 && fold(sum(bytes, 14, 34)) !== 0xffff) return false;
  const at = v4 ? 34 : 54;
  const addresses = v4 ? sum(bytes, 26, 34) : sum(bytes, 22, 54);
  return fold(addresses + 6 + (bytes.length - at) + sum(bytes, at, bytes.length)) === 0xffff;
}

function writeTcp(frame: OutgoingFrame, options: TcpFrameOptions): void {
  const { header } = frame;
  frame.end = TRANSPORT_AT + 32;
  header.fill(0, TRANSPORT_AT, frame.end);
  writeUint16(header, TRANSPORT_AT, 80);
  writeUint16(header, TRANSPORT_AT + 2, 40_000);
  writeInt32(header, TRANSPORT_AT + 4, options.sequence ?? 1000);
  header[TRANSPORT_AT + 12] = 8 << 4;
  header[TRANSPORT_AT + 13] = options.flags ?? 0x10;
  header.fill(1, TRANSPORT_AT + 20, frame.end);
}

/** Each returns the partial sum of the pseudo-header. */
function writeIpv4(frame: OutgoingFrame, { ecn = 0 }: TcpFrameOptions): number {
  const { header } = frame;
  const at = (frame.start = TRANSPORT_AT - 20);
  header.set([0x45, ecn, 0, 0, 0x12, 0x34, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2], at);
  const length = frame.length;
  writeUint16(header, at + 2, length > 65_535 ? 0 : length);
  writeUint16(header, at + 10, finish(sum(header, at, at + 20)));
  return sum(header, at + 12, at + 20) + 6 + length - 20;
}

function writeIpv6(frame: OutgoingFrame, { ecn = 0 }: TcpFrameOptions): number {
  const { header } = frame;
  const at = (frame.start = TRANSPORT_AT - 40);
  header.fill(0, at, TRANSPORT_AT);
  header[at] = 0x60;
  header[at + 1] = ecn << 4;
  header[at + 6] = 6;
  header[at + 7] = 64;
  header[at + 8] = header[at + 24] = 0xfd;
  header[at + 23] = 1;
  header[at + 39] = 2;
  writeUint16(header, at + 4, frame.length - 40);
  return sum(header, at + 8, at + 40) + 6 + frame.length - 40;
}

function writeEthernet(frame: OutgoingFrame, type: number, vlan: number | undefined): void {
  const header = [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1];
  if (vlan !== undefined) header.push(0x81, 0, vlan >> 8, vlan & 255);
  header.push(type >> 8, type & 255);
  frame.start -= header.length;
  frame.header.set(header, frame.start);
}
