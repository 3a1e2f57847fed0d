/** The options of pcapng blocks, read (draft-ietf-opsawg-pcapng section 3.5). Lengths that lie end the search. */
import { readUint16, readUint32 } from './byte-order.js';
import {
  INTERFACE_DESCRIPTION,
  INTERFACE_NAME,
  INTERFACE_RESOLUTION,
  INTERFACE_TIME_OFFSET,
  OPTION_COMMENT,
  OPTION_END,
} from './pcapng-format.js';
import type { CaptureRecord, RecordedInterface } from './record.js';

const OPTIONS_AT = 8;

const DEFAULT_TICKS = 1_000_000n;

/**
 * The place of the value of the record's first option of this code (at least four bytes long), or -1. Makes no object.
 */
export function findOption(record: CaptureRecord, wanted: number): number {
  const { bytes, littleEndian, optionsTo } = record;
  let at = record.optionsFrom;
  while (at + 4 <= optionsTo) {
    const code = readUint16(bytes, at, littleEndian);
    const length = readUint16(bytes, at + 2, littleEndian);
    if (code === OPTION_END || at + 4 + length > optionsTo) return -1;
    if (code === wanted) return length >= 4 ? at + 4 : -1;
    at += 4 + ((length + 3) & ~3);
  }
  return -1;
}

/** The comments of a record, one below the other; undefined if there are none. */
export function readComment(record: CaptureRecord): string | undefined {
  const texts: string[] = [];
  for (const [code, value] of options(record.bytes, record.optionsFrom, record.optionsTo, record.littleEndian)) {
    if (code === OPTION_COMMENT) texts.push(text(value));
  }
  return texts.length === 0 ? undefined : texts.join('\n');
}

/** The body `bytes[from, to)` of an Interface Description Block (section 4.2). At least eight bytes are there. */
export function readInterface(bytes: Uint8Array, from: number, to: number, littleEndian: boolean): RecordedInterface {
  const linkType = readUint16(bytes, from, littleEndian);
  const snapLength = readUint32(bytes, from + 4, littleEndian);
  let name: string | undefined;
  let description: string | undefined;
  let ticksPerSecond = DEFAULT_TICKS;
  let offsetSeconds = 0;
  for (const [code, value] of options(bytes, from + OPTIONS_AT, to, littleEndian)) {
    if (code === INTERFACE_NAME) name = text(value);
    else if (code === INTERFACE_DESCRIPTION) description = text(value);
    else if (code === INTERFACE_RESOLUTION && value.length >= 1) ticksPerSecond = ticks(value[0]!);
    else if (code === INTERFACE_TIME_OFFSET && value.length >= 8) offsetSeconds = seconds(value, littleEndian);
  }
  return { linkType, snapLength, name, description, ticksPerSecond, offsetSeconds };
}

/** if_tsresol: a negative power of 10, or of 2 if the highest bit is set. Beyond 10^-18 or 2^-63 it means nothing. */
function ticks(resolution: number): bigint {
  const exponent = resolution & 0x7f;
  if (resolution & 0x80) return exponent > 63 ? DEFAULT_TICKS : 1n << BigInt(exponent);
  return exponent > 18 ? DEFAULT_TICKS : 10n ** BigInt(exponent);
}

/** if_tsoffset: signed 64 bits. */
function seconds(value: Uint8Array, littleEndian: boolean): number {
  const upper = readUint32(value, littleEndian ? 4 : 0, littleEndian);
  const lower = readUint32(value, littleEndian ? 0 : 4, littleEndian);
  return Number(BigInt.asIntN(64, (BigInt(upper) << 32n) | BigInt(lower)));
}

function text(value: Uint8Array): string {
  const end = value.indexOf(0);
  return new TextDecoder().decode(end < 0 ? value : value.subarray(0, end));
}

function* options(bytes: Uint8Array, from: number, to: number, littleEndian: boolean): Generator<[number, Uint8Array]> {
  let at = from;
  while (at + 4 <= to) {
    const code = readUint16(bytes, at, littleEndian);
    const length = readUint16(bytes, at + 2, littleEndian);
    if (code === OPTION_END || at + 4 + length > to) return;
    yield [code, bytes.subarray(at + 4, at + 4 + length)];
    at += 4 + ((length + 3) & ~3);
  }
}
