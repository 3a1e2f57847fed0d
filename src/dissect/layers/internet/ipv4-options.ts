/** IPv4 options: RFC 791 section 3.1, "Options". */
import type { LayerBuilder } from '../../layer-builder.js';

const HEADER_BYTES = 20;
const END = 0;
const NO_OPERATION = 1;
const RECORD_ROUTE = 7;
const LOOSE_SOURCE_ROUTE = 131;
const STRICT_SOURCE_ROUTE = 137;

const NAMES: Readonly<Record<number, string>> = {
  [END]: 'end of options',
  [NO_OPERATION]: 'no operation',
  [RECORD_ROUTE]: 'record route',
  68: 'time stamp',
  130: 'security',
  [LOOSE_SOURCE_ROUTE]: 'loose source route',
  136: 'stream identifier',
  [STRICT_SOURCE_ROUTE]: 'strict source route',
  148: 'router alert (RFC 2113)',
};

interface Option {
  readonly type: number;
  readonly offset: number;
  readonly length: number;
}

/** Adds the options between the fixed header and `headerBytes`, as far as they are there. */
export function ipv4Options(ip: LayerBuilder, headerBytes: number): void {
  for (const { type, offset, length } of walk(ip, headerBytes)) {
    if (length === 0) {
      ip.problem(`option ${type} at byte ${offset} claims to have ${ip.peek(offset + 1, 1)} bytes`);
      return;
    }
    ip.uint('ip.opt.type', offset, 1, 'Option', NAMES[type] ?? 'unknown');
    if (isRoute(type) && length > 3) route(ip, offset, length);
    else if (length > 2) ip.raw('ip.opt.data', offset + 2, length - 2, 'Option data', 'raw bytes');
  }
}

/**
 * The offset of the destination that a transport checksum covers: the last address of a source route that has not been
 * followed to its end (RFC 1122 section 3.2.1.8), else the header's.
 */
export function finalDestination(ip: LayerBuilder, headerBytes: number): number {
  let at = 16;
  for (const { type, offset, length } of walk(ip, headerBytes)) {
    const isSource = type === LOOSE_SOURCE_ROUTE || type === STRICT_SOURCE_ROUTE;
    if (isSource && length >= 7 && ip.peek(offset + 2, 1) <= length) at = offset + length - 4;
  }
  return at;
}

/** One byte, or type, length and data. A length that lies is given as 0, and ends the list. */
function* walk(ip: LayerBuilder, headerBytes: number): Generator<Option> {
  for (let offset = HEADER_BYTES; offset < headerBytes && ip.has(0, offset + 1); ) {
    const type = ip.peek(offset, 1);
    const isSingle = type === END || type === NO_OPERATION;
    if (!isSingle && offset + 1 < headerBytes && !ip.has(0, offset + 2)) return;
    const length = isSingle ? 1 : offset + 1 < headerBytes ? ip.peek(offset + 1, 1) : 0;
    const isPossible = length >= (isSingle ? 1 : 2) && offset + length <= headerBytes;
    if (isPossible && !ip.has(0, offset + length)) return;
    yield { type, offset, length: isPossible ? length : 0 };
    if (!isPossible || type === END) return;
    offset += length;
  }
}

function isRoute(type: number): boolean {
  return type === RECORD_ROUTE || type === LOOSE_SOURCE_ROUTE || type === STRICT_SOURCE_ROUTE;
}

function route(ip: LayerBuilder, offset: number, length: number): void {
  for (let at = offset + 3; at + 4 <= offset + length; at += 4)
    ip.ipv4('ip.rec_rt', at, 'Router', 'on the way, or still to be passed');
}
