/**
 * Reads pcapng (draft-ietf-opsawg-pcapng): sections of either byte order, any number of interfaces with their own link
 * type and clock, frames in Enhanced, Simple and the old Packet Blocks. Blocks of other kinds are passed over, and so
 * is a damaged block whose lengths are good.
 */
import { readUint16, readUint32 } from './byte-order.js';
import type { ChunkBuffer } from './chunk-buffer.js';
import { type FormatReader, holds, MAX_RECORD_BYTES, type ProblemList } from './format-reader.js';
import {
  BLOCK_OVERHEAD,
  BYTE_ORDER_MAGIC,
  DIRECTION_UNKNOWN,
  ENHANCED_PACKET_BLOCK,
  type FrameDirection,
  INTERFACE_DESCRIPTION_BLOCK,
  PACKET_BLOCK,
  PACKET_FLAGS,
  SECTION_HEADER_BLOCK,
  SIMPLE_PACKET_BLOCK,
} from './pcapng-format.js';
import { findOption, readInterface } from './pcapng-read-options.js';
import type { CaptureRecord, RecordedInterface } from './record.js';
import { TimeScale } from './time-scale.js';

/** More interfaces than this in one file are damage (or malice): they are kept in memory. */
const MAX_INTERFACES = 4_096;
/** Bytes of a Section Header Block: type, length, magic, version, section length, length again. */
const MIN_SECTION_BYTES = 28;

export class PcapngReader implements FormatReader {
  readonly interfaces: RecordedInterface[] = [];
  readonly #buffer: ChunkBuffer;
  readonly #problems: ProblemList;
  readonly #scales: TimeScale[] = [];
  /** By index: the first interface in the file with the same place in its section, link type and name. */
  readonly #firstIndexes: number[] = [];
  readonly #byDescription = new Map<string, number>();
  /** The first interface of this section in `interfaces`. */
  #sectionBase = 0;
  #littleEndian = true;
  #number = 0;

  constructor(buffer: ChunkBuffer, problems: ProblemList) {
    this.#buffer = buffer;
    this.#problems = problems;
  }

  next(record: CaptureRecord): boolean {
    while (holds(this.#buffer, BLOCK_OVERHEAD, 'a block header', this.#problems)) {
      const { bytes, at, offset } = this.#buffer;
      const type = readUint32(bytes, at, true);
      if (type === SECTION_HEADER_BLOCK && !this.#readByteOrder()) return false;
      const length = this.#blockLength();
      if (length < 0) return false;
      this.#buffer.at += length;
      const isFrame = this.#readBlock(readUint32(bytes, at, this.#littleEndian), at, length, offset, record);
      if (this.#problems.fatal) return false;
      if (isFrame) return true;
    }
    return false;
  }

  /** The magic number in a section header gives the byte order of the section, this block included. */
  #readByteOrder(): boolean {
    const { bytes, at, offset } = this.#buffer;
    this.#littleEndian = readUint32(bytes, at + 8, true) === BYTE_ORDER_MAGIC;
    if (this.#littleEndian || readUint32(bytes, at + 8, false) === BYTE_ORDER_MAGIC) return true;
    return this.#problems.stop(offset + 8, 'a section header without byte-order magic');
  }

  /** The length of the block at the front, once all of it is there; otherwise -1. */
  #blockLength(): number {
    const { bytes, at, offset } = this.#buffer;
    const length = readUint32(bytes, at + 4, this.#littleEndian);
    const bad = length < BLOCK_OVERHEAD || length % 4 !== 0 || length > MAX_RECORD_BYTES;
    if (bad) {
      this.#problems.stop(offset + 4, `a block says it is ${length} bytes long`);
      return -1;
    }
    if (!holds(this.#buffer, length, 'a block', this.#problems)) return -1;
    const again = readUint32(bytes, at + length - 4, this.#littleEndian);
    if (again === length) return length;
    this.#problems.stop(offset + length - 4, `a block is ${length} bytes long at its start and ${again} at its end`);
    return -1;
  }

  /** Reads one whole block; true if it held a frame, which `record` now points at. */
  #readBlock(type: number, at: number, length: number, offset: number, record: CaptureRecord): boolean {
    record.offset = offset;
    switch (type) {
      case ENHANCED_PACKET_BLOCK:
        return this.#readEnhanced(at, length, record);
      case SIMPLE_PACKET_BLOCK:
        return this.#readSimple(at, length, record);
      case PACKET_BLOCK:
        return this.#readOldPacket(at, length, record);
      case INTERFACE_DESCRIPTION_BLOCK:
        return this.#addInterface(at, length, offset);
      case SECTION_HEADER_BLOCK:
        return this.#beginSection(at, length, offset);
      default:
        return false;
    }
  }

  #beginSection(at: number, length: number, offset: number): boolean {
    if (length < MIN_SECTION_BYTES) return this.#problems.stop(offset, 'a section header that is too short');
    const major = readUint16(this.#buffer.bytes, at + 12, this.#littleEndian);
    const minor = readUint16(this.#buffer.bytes, at + 14, this.#littleEndian);
    if (major !== 1) return this.#problems.stop(offset + 12, `pcapng version ${major}.${minor} is not known (1.0 is)`);
    this.#sectionBase = this.interfaces.length;
    return false;
  }

  #addInterface(at: number, length: number, offset: number): boolean {
    if (length < BLOCK_OVERHEAD + 8) return this.#skip(offset, 'an interface block that is too short');
    if (this.interfaces.length === MAX_INTERFACES) {
      return this.#problems.stop(offset, `more than ${MAX_INTERFACES} interfaces`);
    }
    const description = readInterface(this.#buffer.bytes, at + 8, at + length - 4, this.#littleEndian);
    const { linkType, name = '' } = description;
    const key = `${this.interfaces.length - this.#sectionBase} ${linkType} ${name}`;
    const first = this.#byDescription.get(key) ?? this.interfaces.length;
    this.#byDescription.set(key, first);
    this.#firstIndexes.push(first);
    this.interfaces.push(description);
    this.#scales.push(new TimeScale(description.ticksPerSecond, description.offsetSeconds));
    return false;
  }

  /** Section 4.3: interface, time (upper, lower), captured and original length, frame, options. */
  #readEnhanced(at: number, length: number, record: CaptureRecord): boolean {
    if (length < BLOCK_OVERHEAD + 20) return this.#skip(record.offset, 'a packet block that is too short');
    const id = readUint32(this.#buffer.bytes, at + 8, this.#littleEndian);
    return this.#fill(record, id, at + 12, at + 28, at + length - 4, true);
  }

  /** Appendix A: as above, with 16 bits of interface and 16 of drops. */
  #readOldPacket(at: number, length: number, record: CaptureRecord): boolean {
    if (length < BLOCK_OVERHEAD + 20) return this.#skip(record.offset, 'a packet block that is too short');
    const id = readUint16(this.#buffer.bytes, at + 8, this.#littleEndian);
    return this.#fill(record, id, at + 12, at + 28, at + length - 4, true);
  }

  /** Section 4.4: original length and frame, of the section's first interface; no time. */
  #readSimple(at: number, length: number, record: CaptureRecord): boolean {
    if (length < BLOCK_OVERHEAD + 4) return this.#skip(record.offset, 'a simple packet block that is too short');
    return this.#fill(record, 0, -1, at + 12, at + length - 4, false);
  }

  /**
   * `timeAt`: where time and both lengths are (-1: a Simple Packet Block). `[from, end)` is the frame and its options.
   */
  #fill(record: CaptureRecord, id: number, timeAt: number, from: number, end: number, hasOptions: boolean): boolean {
    const index = this.#sectionBase + id;
    const owner = this.interfaces[index];
    if (owner === undefined) return this.#skip(record.offset, `a packet of interface ${id}, which was not described`);
    const bytes = this.#buffer.bytes;
    const original = readUint32(bytes, from - 4, this.#littleEndian);
    const limit = owner.snapLength === 0 ? original : Math.min(original, owner.snapLength);
    const kept = timeAt < 0 ? Math.min(limit, end - from) : readUint32(bytes, from - 8, this.#littleEndian);
    if (kept > end - from) return this.#skip(record.offset, `a packet of ${kept} bytes in a block with ${end - from}`);
    record.bytes = bytes;
    record.from = from;
    record.frameOffset = this.#buffer.offset - this.#buffer.at + from;
    record.to = from + kept;
    record.originalLength = original;
    record.interfaceIndex = index;
    record.firstInterfaceIndex = this.#firstIndexes[index] ?? index;
    record.linkType = owner.linkType;
    record.littleEndian = this.#littleEndian;
    record.optionsFrom = Math.min(end, from + ((kept + 3) & ~3));
    record.optionsTo = hasOptions ? end : record.optionsFrom;
    record.direction = this.#direction(record);
    record.number = ++this.#number;
    if (timeAt < 0) record.microseconds = record.nanoseconds = 0;
    else this.#readTime(record, timeAt, index);
    return true;
  }

  #readTime(record: CaptureRecord, at: number, index: number): void {
    const upper = readUint32(record.bytes, at, this.#littleEndian);
    const lower = readUint32(record.bytes, at + 4, this.#littleEndian);
    this.#scales[index]!.read(upper, lower, record);
  }

  #direction(record: CaptureRecord): FrameDirection {
    const at = findOption(record, PACKET_FLAGS);
    if (at < 0) return DIRECTION_UNKNOWN;
    const flags = readUint32(record.bytes, at, this.#littleEndian) & 3;
    return flags === 3 ? DIRECTION_UNKNOWN : (flags as FrameDirection);
  }

  /** A block that makes no sense, between lengths that do: go on after it. */
  #skip(offset: number, message: string): false {
    this.#problems.add(offset, message);
    return false;
  }
}
