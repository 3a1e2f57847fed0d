/** The results of a capture reader: a recorded frame, the interface that it crossed, and the problems of the file. */
import { DIRECTION_UNKNOWN, type FrameDirection, LINK_ETHERNET } from './pcapng-format.js';

/**
 * One recorded frame, `bytes[from, to)`. One object is used for all: valid until the reader's next step.
 *
 * @example
 * ```ts
 * import { CaptureReader, CaptureRecord } from 'fastpath';
 *
 * // The bytes of a capture in memory that its frames had on the wire.
 * export function bytesIn(capture: Uint8Array): number {
 *   const reader = new CaptureReader();
 *   reader.push(capture);
 *   reader.end();
 *   const record = new CaptureRecord();
 *   let bytes = 0;
 *   while (reader.next(record)) bytes += record.originalLength;
 *   return bytes;
 * }
 * ```
 */
export class CaptureRecord {
  bytes: Uint8Array = new Uint8Array(0);
  from = 0;
  to = 0;
  /** The frame's length on the wire; larger than `to - from` if the capture cut it. */
  originalLength = 0;
  /** When, in microseconds since 1970 (exact in a double until the year 2255), and 0 to 999 nanoseconds more. */
  microseconds = 0;
  nanoseconds = 0;
  /** Index into the reader's `interfaces`. */
  interfaceIndex = 0;
  /** The same, but for an interface that an earlier section of the file describes too: its index there. */
  firstInterfaceIndex = 0;
  linkType = LINK_ETHERNET;
  direction: FrameDirection = DIRECTION_UNKNOWN;
  /** Counts from 1, as in every capture tool. */
  number = 0;
  /** The offset of the record in the (decompressed) file. */
  offset = 0;
  /** The offset of the frame's first byte there: where to read it again. */
  frameOffset = 0;
  /** pcapng: `bytes[optionsFrom, optionsTo)` are the options of the block; see `readComment`. */
  optionsFrom = 0;
  optionsTo = 0;
  littleEndian = true;
}

/** An interface of a capture file. @see {@link PcapngWriter} */
export interface RecordedInterface {
  readonly linkType: number;
  /** 0: not limited. */
  readonly snapLength: number;
  readonly name: string | undefined;
  readonly description: string | undefined;
  /** Time stamps a second: 10^6 in most files. */
  readonly ticksPerSecond: bigint;
  /** Seconds to be added to each time stamp. */
  readonly offsetSeconds: number;
}

/** Something wrong with a file. @see {@link CaptureReader} */
export interface CaptureProblem {
  /** Byte offset in the (decompressed) file. */
  readonly offset: number;
  readonly message: string;
}
