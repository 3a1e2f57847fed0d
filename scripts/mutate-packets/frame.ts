/**
 * Where the parts of a frame of the stack are, and its checksums made right again after a part has been changed.
 */
import { readUint16, writeUint16 } from '../../src/net/wire/bytes.js';
import { finish, sum } from '../../src/net/wire/checksum.js';
import * as ethernet from '../../src/net/wire/ethernet.js';
import * as ipv4 from '../../src/net/wire/ipv4.js';
import * as ipv6 from '../../src/net/wire/ipv6.js';
import * as tcp from '../../src/net/wire/tcp.js';
import { ICMP, TCP } from '../../src/packetdrill/wire/live-packet.js';

const TCP_CHECKSUM = 16;
const ICMP_CHECKSUM = 2;
const IP_CHECKSUM = 10;
const IP_LENGTH_V4 = 2;
const IP_LENGTH_V6 = 4;

/** Offsets into a frame; `[from, to)` throughout. */
export interface Layout {
  readonly isV4: boolean;
  readonly isTcp: boolean;
  readonly ip: number;
  readonly transport: number;
  /** TCP options; empty in other protocols. */
  readonly options: number;
  /** Data of a segment, content of an ICMP message. */
  readonly payload: number;
  readonly end: number;
  /** Of the transport's checksum field. */
  readonly checksum: number;
}

/** Where the parts of a frame begin. */
export function layoutOf(frame: Uint8Array): Layout {
  const ip = ethernet.HEADER_BYTES;
  const isV4 = ethernet.type(frame, 0) === ethernet.TYPE_IPV4;
  const transport = ip + (isV4 ? ipv4.headerLength(frame, ip) : ipv6.HEADER_BYTES);
  const isTcp = protocolOf(frame, ip, isV4) === TCP;
  const options = transport + (isTcp ? tcp.TCP_HEADER_BYTES : 8);
  const payload = isTcp ? transport + tcp.headerBytes(frame, transport) : options;
  const checksum = transport + (isTcp ? TCP_CHECKSUM : ICMP_CHECKSUM);
  return { isV4, isTcp, ip, transport, options, payload, end: frame.length, checksum };
}

function protocolOf(frame: Uint8Array, ip: number, isV4: boolean): number {
  return isV4 ? ipv4.protocol(frame, ip) : ipv6.nextHeader(frame, ip);
}

/** Writes both checksums anew, so that only the change itself can be noticed. */
export function fixChecksums(frame: Uint8Array, { isV4, ip, transport, checksum }: Layout): void {
  const protocol = protocolOf(frame, ip, isV4);
  const [from, to] = isV4 ? [ipv4.SOURCE, ipv4.SOURCE + 8] : [ipv6.SOURCE, ipv6.SOURCE + 32];
  const length = frame.length - transport;
  const pseudo = protocol === ICMP ? 0 : sum(frame, ip + from, ip + to) + protocol + length;
  writeUint16(frame, checksum, 0);
  writeUint16(frame, checksum, finish(sum(frame, transport, frame.length) + pseudo));
  if (!isV4) return;
  writeUint16(frame, ip + IP_CHECKSUM, 0);
  writeUint16(frame, ip + IP_CHECKSUM, finish(sum(frame, ip, transport)));
}

/** The frame with `bytes` more at its end (fewer, if negative), and the IP header's length to match. */
export function resized(frame: Uint8Array, { isV4, ip }: Layout, bytes: number): Uint8Array {
  const changed = new Uint8Array(frame.length + bytes);
  changed.set(frame.subarray(0, changed.length));
  const at = ip + (isV4 ? IP_LENGTH_V4 : IP_LENGTH_V6);
  writeUint16(changed, at, readUint16(frame, at) + bytes);
  return changed;
}
