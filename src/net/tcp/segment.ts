/**
 * An arriving segment: the fields of its header as numbers, its data in place. RFC 9293 section 3.3.1 calls them
 * SEG.SEQ, SEG.ACK, SEG.LEN, SEG.WND and SEG.UP. One object is used again for every segment; it is valid while that
 * segment is processed.
 */

import type { IpPacket } from '../ip/packet.js';
import { aceOf } from '../wire/accurate-ecn.js';
import { fold, sum } from '../wire/checksum.js';
import * as tcp from '../wire/tcp.js';
import { TcpOptions } from '../wire/tcp-options.js';
import { add, type Sequence, toSequence, ZERO } from './sequence.js';

/** What `read` found. */
export const SEGMENT_GOOD = 0;
export const SEGMENT_MALFORMED = 1;
export const SEGMENT_BAD_CHECKSUM = 2;
export type SegmentVerdict = 0 | 1 | 2;

export class Segment {
  /** The datagram it came in: addresses, ECN bits, frame. */
  packet!: IpPacket;
  bytes!: Uint8Array;
  sourcePort = 0;
  destinationPort = 0;
  /** SEG.SEQ */
  sequence: Sequence = ZERO;
  /** SEG.ACK */
  acknowledgment: Sequence = ZERO;
  flags = 0;
  /** SEG.WND as it stands in the header. */
  window = 0;
  /** The header came with a SYN: then the sender has not scaled the window (RFC 7323 section 2.2). */
  windowIsPlain = false;
  /** SEG.UP: an offset from SEG.SEQ. */
  urgentPointer = 0;
  /** The data: `bytes[dataFrom, dataTo)`. Trimming moves these. */
  dataFrom = 0;
  dataTo = 0;
  readonly options = new TcpOptions();
  /** The segment's TSval is to be echoed (RFC 7323 section 4.3); decided before the front is trimmed. */
  bringsTimestamp = false;

  /**
   * Reads the segment in `packet`. The lengths are checked here, once. Afterwards it is certain that the fixed header
   * is there and that the header with its options ends within the datagram (MUST-7).
   */
  read(packet: IpPacket): SegmentVerdict {
    const bytes = packet.bytes;
    const from = packet.payloadFrom;
    const to = packet.payloadTo;
    if (to - from < tcp.TCP_HEADER_BYTES) return SEGMENT_MALFORMED;
    const headerBytes = tcp.headerBytes(bytes, from);
    if (headerBytes < tcp.TCP_HEADER_BYTES || from + headerBytes > to) return SEGMENT_MALFORMED;
    // MUST-3. A sum that includes the checksum field itself is all ones.
    if (!packet.checksumGood && fold(packet.pseudoSum(to - from) + sum(bytes, from, to)) !== 0xffff) {
      return SEGMENT_BAD_CHECKSUM;
    }
    this.packet = packet;
    this.bytes = bytes;
    this.sourcePort = tcp.sourcePort(bytes, from);
    this.destinationPort = tcp.destinationPort(bytes, from);
    this.sequence = toSequence(tcp.sequenceNumber(bytes, from));
    this.acknowledgment = toSequence(tcp.acknowledgmentNumber(bytes, from));
    this.flags = tcp.flags(bytes, from);
    this.window = tcp.window(bytes, from);
    this.windowIsPlain = (this.flags & tcp.SYN) !== 0;
    this.urgentPointer = this.flags & tcp.URG ? tcp.urgentPointer(bytes, from) : 0;
    this.bringsTimestamp = false;
    this.dataFrom = from + headerBytes;
    this.dataTo = to;
    if (this.flags & tcp.SYN) this.options.resetSynOptions();
    this.options.read(bytes, from + tcp.TCP_HEADER_BYTES, this.dataFrom);
    return SEGMENT_GOOD;
  }

  has(flag: number): boolean {
    return (this.flags & flag) !== 0;
  }

  /** ACE of the header (RFC 9768): the flags AE, CWR and ECE as a number. */
  get ace(): number {
    return aceOf(this.bytes, this.packet.payloadFrom);
  }

  /** Bytes of data. */
  get dataLength(): number {
    return this.dataTo - this.dataFrom;
  }

  /** SEG.LEN: data, and one each for SYN and FIN. */
  get length(): number {
    const control = ((this.flags & tcp.SYN) !== 0 ? 1 : 0) + ((this.flags & tcp.FIN) !== 0 ? 1 : 0);
    return this.dataTo - this.dataFrom + control;
  }

  /** The sequence number after the segment. */
  get end(): Sequence {
    return add(this.sequence, this.length);
  }

  /** SEG.WND in bytes, from a sender that scales by `scale` once the SYNs are over. */
  windowBytes(scale: number): number {
    return this.windowIsPlain ? this.window : this.window << scale;
  }

  /** Cuts off the SYN, which has been dealt with: the rest of the segment follows it. */
  trimSyn(): void {
    this.flags &= ~tcp.SYN;
    this.sequence = add(this.sequence, 1);
    this.urgentPointer = Math.max(0, this.urgentPointer - 1);
  }

  /** Cuts `count` bytes off the front of the data: they were received before. */
  trimFront(count: number): void {
    this.dataFrom += count;
    this.sequence = add(this.sequence, count);
    this.urgentPointer = Math.max(0, this.urgentPointer - count);
  }

  /** Cuts the data to `count` bytes. The rest, and a FIN behind it, lies beyond the window. */
  trimBack(count: number): void {
    this.dataTo = this.dataFrom + count;
    this.flags &= ~(tcp.FIN | tcp.PSH);
  }
}
