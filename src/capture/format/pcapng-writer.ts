/**
 * Writes pcapng (draft-ietf-opsawg-pcapng): what `serve --pcap`, replays and packet scripts record, for Wireshark.
 *
 * Synchronous and of bounded memory: blocks are put together in one buffer that goes to the sink when it is full, so it
 * can stand in the path of frames inside a worker thread. Nothing is allocated for a frame. It takes neither time nor
 * names from the machine: the same calls give the same bytes.
 *
 * Its byte order is little-endian, like every machine it will run on; readers take both.
 */
import type { OutgoingFrame } from '../../net/device/frame.js';
import {
  BLOCK_OVERHEAD,
  BYTE_ORDER_MAGIC,
  ENHANCED_PACKET_BLOCK,
  type FrameDirection,
  INTERFACE_DESCRIPTION,
  INTERFACE_DESCRIPTION_BLOCK,
  INTERFACE_MAC,
  INTERFACE_NAME,
  INTERFACE_RESOLUTION,
  INTERFACE_STATISTICS_BLOCK,
  LINK_ETHERNET,
  MAX_SNAP_LENGTH,
  OPTION_COMMENT,
  OPTION_END,
  PACKET_FLAGS,
  SECTION_APPLICATION,
  SECTION_HARDWARE,
  SECTION_HEADER_BLOCK,
  SECTION_OS,
  STATISTICS_DROPPED,
  STATISTICS_END_TIME,
  STATISTICS_RECEIVED,
  STATISTICS_START_TIME,
} from './pcapng-format.js';
import { concatOptions, numberOption, textOption, timeOption } from './pcapng-options.js';

/** Takes the bytes of the file in order. They are used again after it returns. @see {@link PcapngWriter} */
export type ByteSink = (bytes: Uint8Array) => void;

/** The file's description of itself. All of it is optional. @see {@link PcapngWriter} */
export interface SectionOptions {
  readonly application?: string;
  readonly hardware?: string;
  readonly os?: string;
  readonly comment?: string;
  /** Bytes kept before the sink gets them; 64 KiB unless said otherwise. */
  readonly bufferBytes?: number;
}

/** One interface of a capture file. @see {@link PcapngWriter} */
export interface CaptureInterface {
  /** Such as `fp0`. */
  readonly name: string;
  readonly description?: string;
  readonly comment?: string;
  /** Six bytes. */
  readonly mac?: Uint8Array;
  /** A number of the LINKTYPE registry; Ethernet unless said otherwise. */
  readonly linkType?: number;
  /** The most bytes kept of a frame. Default, and upper bound: `MAX_SNAP_LENGTH`. */
  readonly snapLength?: number;
  /** The unit of the file's time stamps: `us` unless said otherwise. */
  readonly resolution?: 'us' | 'ns';
  /** Microseconds since 1970 at the moment when the clock said 0; added to each time. 0 unless said otherwise. */
  readonly clockStart?: number;
}

/** The state of an interface while frames are written. */
interface OpenInterface {
  readonly snapLength: number;
  readonly nanoseconds: boolean;
  readonly clockStart: number;
  frames: number;
  firstTime: number;
  lastTime: number;
}

const DEFAULT_BUFFER_BYTES = 65_536;
/** Room that must be free in the buffer before a block's fixed fields are written. */
const MIN_BUFFER_BYTES = 1_024;
/** Bytes of an Enhanced Packet Block in front of the frame: type, length, interface, time stamp, two lengths. */
const PACKET_FIXED_BYTES = 28;
/** Behind it, after a comment: the flags option, the end of options, the length again. */
const PACKET_TRAILER_BYTES = 16;
const NO_OPTION = new Uint8Array(0);
const TWO_TO_32 = 0x1_0000_0000;

/**
 * Writes pcapng to a `ByteSink`. Times are microseconds of the caller's clock.
 *
 * @example
 * ```ts
 * import { CaptureReader, CaptureRecord, OUTBOUND, PcapngWriter } from 'fastpath';
 *
 * const chunks: Uint8Array[] = [];
 * const writer = new PcapngWriter((bytes) => chunks.push(bytes.slice()), { application: 'my program' });
 * const fp0 = writer.addInterface({ name: 'fp0' });
 * writer.writeFrame(fp0, 1_000_000, OUTBOUND, new Uint8Array(60), 0, 60, 'a comment');
 * writer.close();
 *
 * const reader = new CaptureReader();
 * for (const chunk of chunks) reader.push(chunk);
 * reader.end();
 * const record = new CaptureRecord();
 * console.log(reader.next(record), record.to - record.from, reader.interfaces[0]?.name); // true 60 fp0
 * ```
 */
export class PcapngWriter {
  readonly #sink: ByteSink;
  readonly #buffer: Uint8Array;
  readonly #interfaces: OpenInterface[] = [];
  #used = 0;
  #closed = false;
  /** Bytes given to the sink or waiting for it. */
  bytesWritten = 0;

  /** Begins a section (and with it the file). */
  constructor(sink: ByteSink, options: SectionOptions = {}) {
    this.#sink = sink;
    this.#buffer = new Uint8Array(Math.max(MIN_BUFFER_BYTES, options.bufferBytes ?? DEFAULT_BUFFER_BYTES));
    const body = new Uint8Array(16);
    const view = new DataView(body.buffer);
    view.setUint32(0, BYTE_ORDER_MAGIC, true);
    view.setUint16(4, 1, true); // version 1.0
    view.setBigInt64(8, -1n, true); // the section's length is not known
    const extra = concatOptions([
      textOption(OPTION_COMMENT, options.comment),
      textOption(SECTION_HARDWARE, options.hardware),
      textOption(SECTION_OS, options.os),
      textOption(SECTION_APPLICATION, options.application),
    ]);
    this.#putBlock(SECTION_HEADER_BLOCK, body, extra);
  }

  /** Adds an interface (Interface Description Block) and returns its number, for `writeFrame`. */
  addInterface(description: CaptureInterface): number {
    const snapLength = Math.min(description.snapLength ?? MAX_SNAP_LENGTH, MAX_SNAP_LENGTH);
    const nanoseconds = description.resolution === 'ns';
    const body = new Uint8Array(8);
    const view = new DataView(body.buffer);
    view.setUint16(0, description.linkType ?? LINK_ETHERNET, true);
    view.setUint32(4, snapLength, true);
    const options = concatOptions([
      textOption(OPTION_COMMENT, description.comment),
      textOption(INTERFACE_NAME, description.name),
      textOption(INTERFACE_DESCRIPTION, description.description),
      description.mac === undefined ? undefined : [INTERFACE_MAC, description.mac.slice(0, 6)],
      [INTERFACE_RESOLUTION, Uint8Array.of(nanoseconds ? 9 : 6)],
    ]);
    this.#putBlock(INTERFACE_DESCRIPTION_BLOCK, body, options);
    const clockStart = description.clockStart ?? 0;
    return (
      this.#interfaces.push({ snapLength, nanoseconds, clockStart, frames: 0, firstTime: Number.NaN, lastTime: 0 }) - 1
    );
  }

  /**
   * Writes the frame `bytes[from, to)` (Enhanced Packet Block).
   * @param time microseconds of the clock that `clockStart` belongs to
   * @param nanoseconds 0 to 999, on top of `time`; lost on an interface of microseconds
   * @param length of the frame on the wire, if `bytes[from, to)` is only its beginning
   */
  writeFrame(
    interfaceId: number,
    time: number,
    direction: FrameDirection,
    bytes: Uint8Array,
    from: number,
    to: number,
    comment?: string,
    nanoseconds = 0,
    length = to - from,
  ): void {
    const kept = Math.min(to - from, this.#interfaces[interfaceId]!.snapLength);
    const option = comment === undefined ? NO_OPTION : commentOption(comment);
    this.#beginPacket(interfaceId, time, nanoseconds, kept, length, option.length);
    this.#put(bytes, from, from + kept);
    this.#endPacket(direction, kept, option);
  }

  /** Writes a frame on its way out, gathering its fragments; parameters as for `writeFrame`. */
  writeOutgoing(
    interfaceId: number,
    time: number,
    direction: FrameDirection,
    frame: OutgoingFrame,
    comment?: string,
  ): void {
    const length = frame.length;
    const kept = Math.min(length, this.#interfaces[interfaceId]!.snapLength);
    const option = comment === undefined ? NO_OPTION : commentOption(comment);
    this.#beginPacket(interfaceId, time, 0, kept, length, option.length);
    let left = kept;
    const header = Math.min(left, frame.end - frame.start);
    this.#put(frame.header, frame.start, frame.start + header);
    left -= header;
    for (let i = 0; i < frame.fragmentCount && left > 0; i++) {
      const piece = Math.min(left, frame.fragmentLength[i]!);
      this.#put(frame.fragments[i]!.bytes, frame.fragmentFrom[i]!, frame.fragmentFrom[i]! + piece);
      left -= piece;
    }
    this.#endPacket(direction, kept, option);
  }

  /** Gives all that waits to the sink. A long-running recorder calls it now and then, so that a crash loses little. */
  flush(): void {
    if (this.#used === 0) return;
    const used = this.#used;
    this.#used = 0; // before the sink: if it throws, the same bytes are not offered twice
    this.#sink(this.#buffer.subarray(0, used));
  }

  /**
   * Ends the file: a statistics block for each interface, then `flush`.
   * @param dropped frames that the recorder saw and did not write, by interface
   */
  close(dropped: readonly number[] = []): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const [id, open] of this.#interfaces.entries()) this.#putStatistics(id, open, dropped[id] ?? 0);
    this.flush();
  }

  #beginPacket(id: number, time: number, nanoseconds: number, kept: number, length: number, option: number): void {
    const open = this.#interfaces[id]!;
    const at = this.#reserve(PACKET_FIXED_BYTES);
    const absolute = time + open.clockStart;
    if (open.frames++ === 0) open.firstTime = absolute;
    open.lastTime = absolute;
    this.#put32(at, ENHANCED_PACKET_BLOCK);
    this.#put32(at + 4, packetBlockBytes(kept, option));
    this.#put32(at + 8, id);
    this.#putTime(at + 12, absolute, nanoseconds, open.nanoseconds);
    this.#put32(at + 20, kept);
    this.#put32(at + 24, length);
  }

  #endPacket(direction: FrameDirection, kept: number, option: Uint8Array): void {
    this.#putZeros(-kept & 3);
    this.#put(option, 0, option.length);
    const at = this.#reserve(PACKET_TRAILER_BYTES);
    this.#put32(at, PACKET_FLAGS | (4 << 16)); // code, length of the value
    this.#put32(at + 4, direction);
    this.#put32(at + 8, OPTION_END);
    this.#put32(at + 12, packetBlockBytes(kept, option.length));
  }

  /** Section 4.6: when the interface's capture began and ended, frames received and dropped. */
  #putStatistics(id: number, open: OpenInterface, dropped: number): void {
    if (open.frames === 0) return;
    const body = new Uint8Array(12);
    new DataView(body.buffer).setUint32(0, id, true);
    body.set(timeOption(0, open.lastTime, open.nanoseconds)[1], 4);
    const options = concatOptions([
      timeOption(STATISTICS_START_TIME, open.firstTime, open.nanoseconds),
      timeOption(STATISTICS_END_TIME, open.lastTime, open.nanoseconds),
      numberOption(STATISTICS_RECEIVED, open.frames + dropped),
      numberOption(STATISTICS_DROPPED, dropped),
    ]);
    this.#putBlock(INTERFACE_STATISTICS_BLOCK, body, options);
  }

  /** A block that is written once: `body` is a multiple of four bytes. */
  #putBlock(type: number, body: Uint8Array, options: Uint8Array): void {
    const total = BLOCK_OVERHEAD + body.length + options.length;
    const head = this.#reserve(8);
    this.#put32(head, type);
    this.#put32(head + 4, total);
    this.#put(body, 0, body.length);
    this.#put(options, 0, options.length);
    this.#put32(this.#reserve(4), total);
  }

  /** The two halves of a 64-bit time stamp, upper first. `time` x 1000 would not be exact in a double. */
  #putTime(at: number, time: number, nanoseconds: number, inNanoseconds: boolean): void {
    let upper = Math.floor(time / TWO_TO_32);
    let lower = time - upper * TWO_TO_32;
    if (inNanoseconds) {
      const scaled = lower * 1000 + nanoseconds;
      const carry = Math.floor(scaled / TWO_TO_32);
      upper = upper * 1000 + carry;
      lower = scaled - carry * TWO_TO_32;
    }
    this.#put32(at, upper);
    this.#put32(at + 4, lower);
  }

  /**
   * Copies `bytes[from, to)`, in pieces if it is longer than what is free. Short pieces by hand: quicker than a view.
   */
  #put(bytes: Uint8Array, from: number, to: number): void {
    let at = from;
    while (at < to) {
      if (this.#used === this.#buffer.length) this.flush();
      const piece = Math.min(to - at, this.#buffer.length - this.#used);
      if (piece < 100) for (let i = 0; i < piece; i++) this.#buffer[this.#used + i] = bytes[at + i]!;
      else this.#buffer.set(bytes.subarray(at, at + piece), this.#used);
      this.#used += piece;
      this.bytesWritten += piece;
      at += piece;
    }
  }

  #putZeros(count: number): void {
    const at = this.#reserve(count);
    this.#buffer.fill(0, at, at + count);
  }

  /** Makes `count` bytes (less than `MIN_BUFFER_BYTES`) of the buffer free and takes them. */
  #reserve(count: number): number {
    if (this.#used + count > this.#buffer.length) this.flush();
    const at = this.#used;
    this.#used += count;
    this.bytesWritten += count;
    return at;
  }

  #put32(at: number, value: number): void {
    this.#buffer[at] = value;
    this.#buffer[at + 1] = value >>> 8;
    this.#buffer[at + 2] = value >>> 16;
    this.#buffer[at + 3] = value >>> 24;
  }
}

function packetBlockBytes(kept: number, optionBytes: number): number {
  return PACKET_FIXED_BYTES + ((kept + 3) & ~3) + optionBytes + PACKET_TRAILER_BYTES;
}

/** The comment as an option, without an end of options behind it. */
function commentOption(comment: string): Uint8Array {
  return concatOptions([textOption(OPTION_COMMENT, comment)]).subarray(0, -4);
}
