/**
 * Frames that lie about who has sent them, for figures and experiments about attacks. A host puts them on its cable
 * with `Host.sendRaw`, as they are: its stack knows nothing of them. IPv4 only.
 */
import { wordSum } from '../net/ip/packet.js';
import { writeUint16 } from '../net/wire/bytes.js';
import { finish, sum } from '../net/wire/checksum.js';
import { PROTOCOL } from '../net/wire/protocol.js';
import * as Tcp from '../net/wire/tcp.js';
import { IP_AT, ipv4Frame, type Macs, PAYLOAD_AT, QUOTED_BYTES, unreachableFrame } from './ipv4-frame.js';

const WINDOW = 65_535;

/** A segment with a sender of our choice. Addresses and sequence numbers are 32-bit numbers, of either sign. */
export interface ForgedSegment {
  readonly from: number;
  readonly fromPort: number;
  readonly to: number;
  readonly toPort: number;
  readonly flags: number;
  readonly sequence: number;
  /** Default 0. */
  readonly acknowledgment?: number;
  readonly data?: Uint8Array;
}

/** The frame of a segment. All its sums are right. */
export function forgedSegment(macs: Macs, segment: ForgedSegment): Uint8Array {
  const { from, to, fromPort, toPort, flags, sequence, acknowledgment = 0, data = new Uint8Array(0) } = segment;
  const length = Tcp.TCP_HEADER_BYTES + data.length;
  const frame = ipv4Frame(macs, from, to, PROTOCOL.TCP, length);
  const at = PAYLOAD_AT;
  Tcp.writeHeader(frame, at, fromPort, toPort, sequence, acknowledgment, Tcp.TCP_HEADER_BYTES, flags, WINDOW);
  frame.set(data, at + Tcp.TCP_HEADER_BYTES);
  const pseudo = wordSum(from) + wordSum(to) + PROTOCOL.TCP + length;
  writeUint16(frame, at + Tcp.TCP_CHECKSUM_AT, finish(sum(frame, at, frame.length) + pseudo));
  return frame;
}

/** An ICMP error by somebody, about a segment. */
export interface ForgedError {
  /** Who seems to complain. */
  readonly from: number;
  readonly code: number;
  /** For "fragmentation needed": the size that would pass, bytes. */
  readonly mtu?: number;
  /** The segment that it quotes. The error goes to the seeming sender of that segment. */
  readonly about: ForgedSegment;
}

/** The frame of a "destination unreachable". It quotes eight bytes of the segment, the least that RFC 792 asks for. */
export function forgedUnreachable(macs: Macs, { from, code, mtu = 0, about }: ForgedError): Uint8Array {
  const quoted = forgedSegment(macs, about).subarray(IP_AT, PAYLOAD_AT + QUOTED_BYTES);
  return unreachableFrame(macs, from, about.from, code, mtu, quoted);
}
