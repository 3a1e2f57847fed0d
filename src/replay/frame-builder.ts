/**
 * Makes of a recorded frame one that our stack can take: Ethernet to our station, whatever it was recorded on; what a
 * capture cut off is filled with zeros; a checksum that was left to a network card is computed. Always into the same
 * memory.
 */
import type { CaptureRecord } from '../capture/format/record.js';
import { IncomingFrame } from '../net/device/frame.js';
import { readInt32, readUint16, writeInt32, writeUint16 } from '../net/wire/bytes.js';
import { finish, fold, sum } from '../net/wire/checksum.js';
import * as ethernet from '../net/wire/ethernet.js';
import * as ipv4 from '../net/wire/ipv4.js';
import * as ipv6 from '../net/wire/ipv6.js';
import { PROTOCOL } from '../net/wire/protocol.js';
import { TCP_CHECKSUM_AT, TCP_HEADER_BYTES } from '../net/wire/tcp.js';
import type { FrameView } from './frame-view.js';
import { mend } from './rebase.js';
import { NEIGHBOR_MAC } from './replay-device.js';

/** The longest frame that is replayed: more than the largest super-segment. */
export const MAX_FRAME_BYTES = 524_288;
/** Room for ordinary frames; more is taken when a longer one comes. */
const FIRST_FRAME_BYTES = 4_096;
const ETHERNET_BYTES = ethernet.HEADER_BYTES;
const UDP_HEADER_BYTES = 8;
const UDP_CHECKSUM_AT = 6;

export class FrameBuilder {
  /** The frame that was built; its bytes begin at 0. */
  readonly frame = new IncomingFrame(new Uint8Array(FIRST_FRAME_BYTES));
  /** The place of the TCP header in it and of its options' end, if it is TCP. */
  tcpAt = 0;
  optionsTo = 0;
  readonly #mac: Uint8Array;
  readonly #fixChecksums: boolean;
  /** Frames whose missing end was filled. */
  padded = 0;

  /** @param fixChecksums compute the checksums of every frame anew, right or wrong (addresses were edited, say) */
  constructor(mac: Uint8Array, fixChecksums = false) {
    this.#mac = mac;
    this.#fixChecksums = fixChecksums;
    this.frame.from = 0;
  }

  /** Builds the frame that `view` has read; false if it is longer than any frame. */
  build(record: CaptureRecord, view: FrameView): boolean {
    const { networkFrom, to } = view.link;
    const shift = ETHERNET_BYTES - networkFrom;
    const declared = this.#isCut(record, view) ? view.declaredEnd : to;
    const length = Math.max(declared, to) + shift;
    if (length > MAX_FRAME_BYTES) return false;
    if (length > this.frame.bytes.length) this.frame.bytes = new Uint8Array(2 * length);
    const { bytes } = this.frame;
    copy(record.bytes, networkFrom, to, bytes, ETHERNET_BYTES);
    this.#writeLink(record.bytes, view);
    this.frame.to = declared + shift;
    this.tcpAt = view.tcpAt + shift;
    this.optionsTo = view.optionsTo + shift;
    const checksumAt = this.#checksumAt(view);
    const isWhole = checksumAt >= 0 && !view.isFragment;
    const wasPartial = isWhole && this.#isPartial(view, checksumAt);
    const headerIsLeft = view.isIp && !view.packet.isV6 && this.#headerChecksumIsLeft();
    if (view.isIp) this.#writeAddresses(view, checksumAt);
    if (declared > to) this.#fill(to + shift, declared + shift);
    if (headerIsLeft || (this.#fixChecksums && view.isIp && !view.packet.isV6)) this.#fixHeader(view);
    if (isWhole && (wasPartial || declared > to || this.#fixChecksums)) this.#computeChecksum(view, checksumAt);
    return true;
  }

  /** The capture kept less of the frame than there was, and the packet's own length says so as well. */
  #isCut(record: CaptureRecord, view: FrameView): boolean {
    return record.originalLength > record.to - record.from && view.declaredEnd > view.link.to;
  }

  #writeLink(recorded: Uint8Array, view: FrameView): void {
    const { destinationMacAt, sourceMacAt, etherType } = view.link;
    const { bytes } = this.frame;
    // A packet for one host is for us, though it may have come in a frame for a group (an anonymized capture, say).
    const toGroup = destinationMacAt >= 0 && ethernet.isGroup(recorded, destinationMacAt) && !isForOneHost(view);
    if (toGroup) ethernet.copyAddress(recorded, destinationMacAt, bytes, ethernet.DESTINATION);
    else ethernet.copyAddress(this.#mac, 0, bytes, ethernet.DESTINATION);
    const known = sourceMacAt >= 0 && !ethernet.isGroup(recorded, sourceMacAt) && !isZero(recorded, sourceMacAt);
    if (known) ethernet.copyAddress(recorded, sourceMacAt, bytes, ethernet.SOURCE);
    else ethernet.copyAddress(NEIGHBOR_MAC, 0, bytes, ethernet.SOURCE);
    writeUint16(bytes, ETHERNET_BYTES - 2, etherType);
  }

  /** Writes addresses that were translated, and mends both checksums. */
  #writeAddresses({ packet }: FrameView, transport: number): void {
    if (packet.isV6) {
      const { SOURCE: from, DESTINATION: to } = ipv6;
      this.#writeWord(ETHERNET_BYTES + from, packet.source0, -1, transport);
      this.#writeWord(ETHERNET_BYTES + from + 4, packet.source1, -1, transport);
      this.#writeWord(ETHERNET_BYTES + from + 8, packet.source2, -1, transport);
      this.#writeWord(ETHERNET_BYTES + from + 12, packet.source3, -1, transport);
      this.#writeWord(ETHERNET_BYTES + to, packet.destination0, -1, transport);
      this.#writeWord(ETHERNET_BYTES + to + 4, packet.destination1, -1, transport);
      this.#writeWord(ETHERNET_BYTES + to + 8, packet.destination2, -1, transport);
      this.#writeWord(ETHERNET_BYTES + to + 12, packet.destination3, -1, transport);
      return;
    }
    const header = ETHERNET_BYTES + ipv4.CHECKSUM;
    this.#writeWord(ETHERNET_BYTES + ipv4.SOURCE, packet.source3, header, transport);
    this.#writeWord(ETHERNET_BYTES + ipv4.DESTINATION, packet.destination3, header, transport);
  }

  /** Replaces a word of an address, which both the header's checksum and (by the pseudo-header) the segment's cover. */
  #writeWord(at: number, value: number, headerChecksumAt: number, transportChecksumAt: number): void {
    const { bytes } = this.frame;
    const before = readInt32(bytes, at);
    if (before === value) return;
    writeInt32(bytes, at, value);
    if (headerChecksumAt >= 0) mend(bytes, headerChecksumAt, before, value);
    if (transportChecksumAt >= 0) mend(bytes, transportChecksumAt, before, value);
  }

  #fill(from: number, to: number): void {
    this.frame.bytes.fill(0, from, to);
    this.padded++;
  }

  /** Length of the segment or datagram as the packet's header says. */
  #transportBytes({ declaredEnd, packet }: FrameView): number {
    return declaredEnd - packet.payloadFrom;
  }

  /**
   * The place of TCP's or UDP's checksum, which also covers the addresses; -1 if there is none: another protocol, a
   * later fragment, a header that was cut, UDP without a checksum.
   */
  #checksumAt(view: FrameView): number {
    if (view.isTcp) return this.tcpAt + TCP_CHECKSUM_AT;
    const { packet, link } = view;
    if (!view.isIp || view.isFragment || packet.protocol !== PROTOCOL.UDP) return -1;
    if (link.to - packet.payloadFrom < UDP_HEADER_BYTES) return -1;
    const at = this.#transportAt(view) + UDP_CHECKSUM_AT;
    return readUint16(this.frame.bytes, at) === 0 ? -1 : at;
  }

  /** The sender left the checksum to its network card: the field holds the pseudo-header's sum, not inverted. */
  #isPartial(view: FrameView, checksumAt: number): boolean {
    return readUint16(this.frame.bytes, checksumAt) === this.#pseudoSum(view);
  }

  /** The folded sum of the pseudo-header (RFC 9293 section 3.1, RFC 768), of the addresses as they are in the frame. */
  #pseudoSum(view: FrameView): number {
    const { isV6, protocol } = view.packet;
    const from = ETHERNET_BYTES + (isV6 ? ipv6.SOURCE : ipv4.SOURCE);
    const addresses = sum(this.frame.bytes, from, from + (isV6 ? 32 : 8));
    const length = this.#transportBytes(view);
    return fold(addresses + protocol + (length & 0xffff) + (length >>> 16));
  }

  #transportAt(view: FrameView): number {
    return view.packet.payloadFrom + ETHERNET_BYTES - view.link.networkFrom;
  }

  /** The checksum is 0: the sender left it to its network card, or (macOS over loopback) no part computed it. */
  #headerChecksumIsLeft(): boolean {
    return readUint16(this.frame.bytes, ETHERNET_BYTES + ipv4.CHECKSUM) === 0;
  }

  /** UDP's sum of 0 goes as 0xffff, since 0 means that there is none (RFC 768). */
  #computeChecksum(view: FrameView, checksumAt: number): void {
    const { bytes } = this.frame;
    const from = this.#transportAt(view);
    if (this.#transportBytes(view) < (view.isTcp ? TCP_HEADER_BYTES : UDP_HEADER_BYTES)) return;
    const to = Math.min(from + this.#transportBytes(view), this.frame.to);
    writeUint16(bytes, checksumAt, 0);
    const checksum = finish(this.#pseudoSum(view) + sum(bytes, from, to));
    writeUint16(bytes, checksumAt, checksum === 0 && !view.isTcp ? 0xffff : checksum);
  }

  #fixHeader(view: FrameView): void {
    const { bytes } = this.frame;
    const end = this.#transportAt(view);
    if (end > this.frame.to || end < ETHERNET_BYTES + ipv4.HEADER_BYTES) return;
    writeUint16(bytes, ETHERNET_BYTES + ipv4.CHECKSUM, 0);
    writeUint16(bytes, ETHERNET_BYTES + ipv4.CHECKSUM, finish(sum(bytes, ETHERNET_BYTES, end)));
  }
}

/** True for an IP packet to a unicast address: it is one of ours, or it would not have come here. */
function isForOneHost({ isIp, packet }: FrameView): boolean {
  if (!isIp) return false;
  return packet.isV6 ? packet.destination0 >>> 24 !== 0xff : packet.destination3 >>> 28 < 14;
}

/** Short stretches by hand: half the cost of a view and `set`. */
function copy(from: Uint8Array, start: number, end: number, to: Uint8Array, at: number): void {
  const length = end - start;
  if (length < 100) for (let i = 0; i < length; i++) to[at + i] = from[start + i]!;
  else to.set(from.subarray(start, end), at);
}

function isZero(bytes: Uint8Array, at: number): boolean {
  return (readInt32(bytes, at) | readUint16(bytes, at + 4)) === 0;
}
