/**
 * Puts fragments together again, within bounds: RFC 791 section 3.2, RFC 1122 section 3.3.2, RFC 8200 section 4.5,
 * RFC 5722 (overlaps), RFC 3168 section 5.3 (ECN). It serves both families, whose input files take the headers apart.
 *
 *     buffer:  | room | header of fragment 0 | data ................................ |
 *                     ^ headerFrom           ^ HEADER_ROOM   each fragment goes to HEADER_ROOM + its offset
 *
 * Fragments may come in any order, and exact duplicates are ignored. A fragment that overlaps another in any other way
 * condemns the whole datagram: no honest sender makes one, and splicing two versions is how filters are evaded. The
 * condemned entry stays until its time is over, so that late fragments do not start a new one.
 */
import { copyAddress } from '../wire/ethernet.js';
import type { InternetContext } from './context.js';
import { IpPacket } from './packet.js';

/** IPv4: 60 to 120 s, fixed (RFC 1122 section 3.3.2). IPv6: 60 s (RFC 8200 section 4.5). */
const TIMEOUT = 60_000_000;
/** Datagrams in progress. A bound against 100,000 first fragments; the oldest goes. */
export const MAX_DATAGRAMS = 128;
/** Fragments of one datagram: 64 KiB over the smallest link that anybody uses (256 bytes). */
export const MAX_FRAGMENTS_EACH = 320;
/** Room for the longest header before the data: IPv4 with options has 60 bytes, IPv6 with extension headers more. */
const HEADER_ROOM = 256;
const MAX_LENGTH = 65535;
/** The IPv6 header and the fragment header are no part of the whole payload, which the bound is about. */
const UNCOUNTED_BYTES_V6 = 48;
const FIRST_CAPACITY = 4096;

const NOT_ECT = 0;
const CE = 3;

class Datagram {
  readonly packet = new IpPacket();
  buffer = new Uint8Array(0);
  /** The Ethernet address that the last fragment came from: a copy, since the frame's memory is used again. */
  readonly mac = new Uint8Array(6);
  readonly from: number[] = [];
  readonly to: number[] = [];
  received = 0;
  /** The length of the data, once the last fragment has come; -1 before. */
  length = -1;
  /** Fragment 0 has come, and with it the header. */
  hasFirst = false;
  condemned = false;
  /** One bit for each ECN codepoint seen. */
  ecnSeen = 0;
  /** The least of all fragments: a transport that demands a TTL (RFC 5082) demands it of each. */
  leastTtl = 255;
  readonly deadline: number;
  readonly key: string;

  constructor(key: string, deadline: number) {
    this.key = key;
    this.deadline = deadline;
  }
}

export class Reassembly {
  readonly #context: InternetContext;
  /** In order of their deadlines, since all wait equally long. */
  readonly #datagrams = new Map<string, Datagram>();
  readonly #timedOut: (firstFragment: IpPacket) => void;
  #bytes = 0;

  /** @param timedOut is given fragment 0 of a datagram whose other fragments did not come in time */
  constructor(context: InternetContext, timedOut: (firstFragment: IpPacket) => void) {
    this.#context = context;
    this.#timedOut = timedOut;
  }

  /**
   * Takes a fragment: `packet` with `payloadFrom` at its data. `more` fragments follow; `id` tells datagrams between
   * the same two hosts apart. Returns the whole datagram once complete (valid until the next call), else null.
   *
   * The caller has checked that the data's length is a multiple of eight if `more`.
   */
  add(packet: IpPacket, id: number, offset: number, more: boolean): IpPacket | null {
    this.#context.statistics.reassembly.fragmentsReceived++;
    const length = packet.payloadTo - packet.payloadFrom;
    const headerBytes = packet.payloadFrom - packet.headerFrom;
    const counted = packet.isV6 ? headerBytes - UNCOUNTED_BYTES_V6 : headerBytes;
    if (length === 0 || headerBytes > HEADER_ROOM || offset + length + counted > MAX_LENGTH) {
      this.#context.statistics.reassembly.invalid++;
      return null;
    }
    const datagram = this.#entry(packet, id);
    if (datagram.condemned || isDuplicate(datagram, offset, offset + length, more)) return null;
    if (!fits(datagram, offset, offset + length, more)) {
      this.#condemn(datagram);
      return null;
    }
    this.#store(datagram, packet, offset, more);
    return datagram.received === datagram.length ? this.#complete(datagram) : null;
  }

  /** When the oldest datagram's time is over, µs; Infinity if there is none. */
  nextDeadline(): number {
    // Asked after each batch of frames: no iterator while there is nothing to look at.
    if (this.#datagrams.size === 0) return Number.POSITIVE_INFINITY;
    for (const datagram of this.#datagrams.values()) return datagram.deadline;
    return Number.POSITIVE_INFINITY;
  }

  /** Gives up the datagrams whose time is over. */
  runTimers(): void {
    if (this.#datagrams.size === 0) return;
    for (const datagram of this.#datagrams.values()) {
      if (datagram.deadline > this.#context.clock.now) return;
      this.#drop(datagram);
      if (datagram.condemned) continue;
      this.#context.statistics.reassembly.timedOut++;
      if (datagram.hasFirst) this.#timedOut(firstPart(datagram));
    }
  }

  /** Datagrams in progress, and the memory that they hold. */
  get pending(): number {
    return this.#datagrams.size;
  }

  get pendingBytes(): number {
    return this.#bytes;
  }

  #entry(packet: IpPacket, id: number): Datagram {
    const key = keyOf(packet, id);
    const known = this.#datagrams.get(key);
    if (known !== undefined) return known;
    if (this.#datagrams.size >= MAX_DATAGRAMS) this.#evictOldest();
    const datagram = new Datagram(key, this.#context.clock.now + TIMEOUT);
    this.#datagrams.set(key, datagram);
    return datagram;
  }

  #store(datagram: Datagram, packet: IpPacket, offset: number, more: boolean): void {
    const length = packet.payloadTo - packet.payloadFrom;
    this.#reserve(datagram, HEADER_ROOM + offset + length);
    datagram.buffer.set(packet.bytes.subarray(packet.payloadFrom, packet.payloadTo), HEADER_ROOM + offset);
    datagram.from.push(offset);
    datagram.to.push(offset + length);
    datagram.received += length;
    datagram.ecnSeen |= 1 << (packet.trafficClass & 3);
    if (!more) datagram.length = offset + length;
    if (offset === 0) keepHeader(datagram, packet);
    datagram.leastTtl = Math.min(datagram.leastTtl, packet.ttl);
    copyAddress(packet.linkBytes, packet.sourceMacFrom, datagram.mac, 0);
    datagram.packet.linkBytes = datagram.mac;
    datagram.packet.sourceMacFrom = 0;
  }

  /** Grows the buffer to `needed` bytes, and makes other datagrams pay if that is too much. */
  #reserve(datagram: Datagram, needed: number): void {
    if (needed <= datagram.buffer.length) return;
    const capacity = Math.max(FIRST_CAPACITY, needed, Math.min(2 * datagram.buffer.length, MAX_LENGTH + HEADER_ROOM));
    const grown = new Uint8Array(capacity);
    grown.set(datagram.buffer);
    this.#bytes += capacity - datagram.buffer.length;
    datagram.buffer = grown;
    for (const other of this.#datagrams.values()) {
      if (this.#bytes <= this.#context.options.reassemblyBytes) break;
      if (other === datagram) continue;
      this.#context.statistics.reassembly.evicted++;
      this.#drop(other);
    }
  }

  #complete(datagram: Datagram): IpPacket | null {
    this.#drop(datagram);
    const ecn = ecnOf(datagram);
    if (ecn < 0) {
      this.#context.statistics.reassembly.invalid++;
      return null;
    }
    this.#context.statistics.reassembly.completed++;
    const { packet } = datagram;
    packet.bytes = datagram.buffer;
    packet.payloadFrom = HEADER_ROOM;
    packet.payloadTo = HEADER_ROOM + datagram.length;
    packet.trafficClass = (packet.trafficClass & ~3) | ecn;
    packet.ttl = datagram.leastTtl;
    return packet;
  }

  /** Drops the fragments of a datagram that have come, and those that will come (RFC 5722 section 4). */
  #condemn(datagram: Datagram): void {
    this.#context.statistics.reassembly.invalid++;
    datagram.condemned = true;
    this.#bytes -= datagram.buffer.length;
    datagram.buffer = new Uint8Array(0);
  }

  #drop(datagram: Datagram): void {
    this.#datagrams.delete(datagram.key);
    this.#bytes -= datagram.buffer.length;
  }

  #evictOldest(): void {
    for (const datagram of this.#datagrams.values()) {
      this.#context.statistics.reassembly.evicted++;
      this.#drop(datagram);
      return;
    }
  }
}

/** RFC 791: source, destination, protocol, identification. RFC 8200: without the protocol, which is 0 here then. */
function keyOf(packet: IpPacket, id: number): string {
  const source = `${packet.source0},${packet.source1},${packet.source2},${packet.source3}`;
  const destination = `${packet.destination0},${packet.destination1},${packet.destination2},${packet.destination3}`;
  return `${source}>${destination}:${packet.isV6 ? 0 : packet.protocol}:${id}`;
}

function isDuplicate(datagram: Datagram, from: number, to: number, more: boolean): boolean {
  const index = datagram.from.indexOf(from);
  return index >= 0 && datagram.to[index] === to && more === (to !== datagram.length);
}

/** True if [from, to) overlaps no other fragment and agrees with the known end. */
function fits(datagram: Datagram, from: number, to: number, more: boolean): boolean {
  if (datagram.from.length >= MAX_FRAGMENTS_EACH) return false;
  if (datagram.length >= 0 && (!more || to > datagram.length)) return false;
  for (let i = 0; i < datagram.from.length; i++) {
    if (from < datagram.to[i]! && datagram.from[i]! < to) return false;
    if (!more && datagram.to[i]! > to) return false;
  }
  return true;
}

/** Keeps the header and fields of fragment 0 for the whole datagram. */
function keepHeader(datagram: Datagram, packet: IpPacket): void {
  const headerBytes = packet.payloadFrom - packet.headerFrom;
  const headerFrom = HEADER_ROOM - headerBytes;
  datagram.buffer.set(packet.bytes.subarray(packet.headerFrom, packet.payloadFrom), headerFrom);
  datagram.hasFirst = true;
  const kept = datagram.packet;
  Object.assign(kept, packet);
  kept.headerFrom = headerFrom;
  kept.checksumGood = false;
  kept.segmentBytes = 0;
}

/** The packet as far as fragment 0 goes, for an ICMP error to quote. */
function firstPart(datagram: Datagram): IpPacket {
  const { packet } = datagram;
  packet.bytes = datagram.buffer;
  packet.payloadFrom = HEADER_ROOM;
  packet.payloadTo = HEADER_ROOM + datagram.to[datagram.from.indexOf(0)]!;
  return packet;
}

/** The datagram's ECN codepoint, or -1: CE beside not-ECT means that it must be dropped (RFC 3168 section 5.3). */
function ecnOf(datagram: Datagram): number {
  const seen = datagram.ecnSeen;
  if ((seen & (1 << CE)) === 0) return datagram.packet.trafficClass & 3;
  return (seen & (1 << NOT_ECT)) !== 0 ? -1 : CE;
}
