/**
 * Reads the classic pcap format (draft-ietf-opsawg-pcap): a file header, then records of 16 bytes of header and the
 * frame. Five flavours by their magic number: microseconds, nanoseconds, and Kuznetzov's with longer record headers;
 * either byte order. One interface.
 */
import { readUint16, readUint32 } from './byte-order.js';
import type { ChunkBuffer } from './chunk-buffer.js';
import { type FormatReader, holds, MAX_RECORD_BYTES, type ProblemList } from './format-reader.js';
import { DIRECTION_UNKNOWN } from './pcapng-format.js';
import type { CaptureRecord, RecordedInterface } from './record.js';

const MAGIC_MICROSECONDS = 0xa1b2c3d4;
const MAGIC_NANOSECONDS = 0xa1b23c4d;
/** Written by patched libpcaps of the 1990s (Alexey Kuznetzov): 8 bytes more in each record's header. */
const MAGIC_MODIFIED = 0xa1b2cd34;

const FILE_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
const MODIFIED_EXTRA_BYTES = 8;

/** Section 4: where the fields of the file header are. The magic number comes first, eight unused bytes third. */
const VERSION_MAJOR_AT = 4;
const VERSION_MINOR_AT = 6;
const SNAP_LENGTH_AT = 16;
/** Lower 16 bits: the LINKTYPE; above: whether frames end with their check sequence. */
const LINK_TYPE_AT = 20;

/** The byte order if `bytes` begin with a pcap file's magic number, else undefined. */
export function pcapByteOrder(bytes: Uint8Array, at: number): 'little' | 'big' | undefined {
  for (const order of ['little', 'big'] as const) {
    const magic = readUint32(bytes, at, order === 'little');
    if (magic === MAGIC_MICROSECONDS || magic === MAGIC_NANOSECONDS || magic === MAGIC_MODIFIED) return order;
  }
  return undefined;
}

export class PcapReader implements FormatReader {
  readonly interfaces: RecordedInterface[] = [];
  readonly #buffer: ChunkBuffer;
  readonly #problems: ProblemList;
  readonly #littleEndian: boolean;
  #nanoseconds = false;
  #headerBytes = RECORD_HEADER_BYTES;
  #linkType = 0;
  #number = 0;

  constructor(buffer: ChunkBuffer, order: 'little' | 'big', problems: ProblemList) {
    this.#buffer = buffer;
    this.#littleEndian = order === 'little';
    this.#problems = problems;
  }

  next(record: CaptureRecord): boolean {
    if (this.interfaces.length === 0 && !this.#readFileHeader()) return false;
    const buffer = this.#buffer;
    if (!holds(buffer, this.#headerBytes, `the header of record ${this.#number + 1}`, this.#problems)) return false;
    const { bytes, at } = buffer;
    const kept = readUint32(bytes, at + 8, this.#littleEndian);
    if (kept > MAX_RECORD_BYTES) {
      const what = `record ${this.#number + 1} says it holds ${kept} bytes, more than the ${MAX_RECORD_BYTES} allowed`;
      return this.#problems.stop(buffer.offset, what);
    }
    if (!holds(buffer, this.#headerBytes + kept, `record ${this.#number + 1}`, this.#problems)) return false;
    const fraction = readUint32(bytes, at + 4, this.#littleEndian);
    record.microseconds = readUint32(bytes, at, this.#littleEndian) * 1e6;
    record.microseconds += this.#nanoseconds ? Math.floor(fraction / 1000) : fraction;
    record.nanoseconds = this.#nanoseconds ? fraction % 1000 : 0;
    record.bytes = bytes;
    record.from = at + this.#headerBytes;
    record.to = record.from + kept;
    record.originalLength = readUint32(bytes, at + 12, this.#littleEndian);
    record.interfaceIndex = record.firstInterfaceIndex = 0;
    record.linkType = this.#linkType;
    record.direction = DIRECTION_UNKNOWN;
    record.number = ++this.#number;
    record.offset = buffer.offset;
    record.frameOffset = buffer.offset + this.#headerBytes;
    record.optionsFrom = record.optionsTo = record.to;
    buffer.at = record.to;
    return true;
  }

  #readFileHeader(): boolean {
    const buffer = this.#buffer;
    if (!holds(buffer, FILE_HEADER_BYTES, 'its file header', this.#problems)) return false;
    const { bytes, at } = buffer;
    const magic = readUint32(bytes, at, this.#littleEndian);
    const major = readUint16(bytes, at + VERSION_MAJOR_AT, this.#littleEndian);
    if (major !== 2) {
      const minor = readUint16(bytes, at + VERSION_MINOR_AT, this.#littleEndian);
      const what = `pcap version ${major}.${minor} is not known (2.4 is)`;
      return this.#problems.stop(buffer.offset + 4, what);
    }
    this.#nanoseconds = magic === MAGIC_NANOSECONDS;
    if (magic === MAGIC_MODIFIED) this.#headerBytes = RECORD_HEADER_BYTES + MODIFIED_EXTRA_BYTES;
    this.#linkType = readUint32(bytes, at + LINK_TYPE_AT, this.#littleEndian) & 0xffff;
    this.interfaces.push({
      linkType: this.#linkType,
      snapLength: readUint32(bytes, at + SNAP_LENGTH_AT, this.#littleEndian),
      name: undefined,
      description: undefined,
      ticksPerSecond: this.#nanoseconds ? 1_000_000_000n : 1_000_000n,
      offsetSeconds: 0,
    });
    buffer.at += FILE_HEADER_BYTES;
    return true;
  }
}
