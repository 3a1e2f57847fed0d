/** IPv4: RFC 791 section 3.1; RFC 2474 and RFC 3168 for the second byte. */
import { fold, sum } from '../../net/wire/checksum.js';
import { protocolName } from '../../net/wire/transport-span.js';
import { plainChecksum } from '../checksum-field.js';
import type { FrameContext } from '../context.js';
import { LayerBuilder } from '../layer-builder.js';
import { dissectData, dissectTransport } from './transport.js';

const HEADER = 'RFC 791 section 3.1';
const HEADER_BYTES = 20;
const MORE_FRAGMENTS = 0x2000;
const OFFSET_MASK = 0x1fff;
export const ECN_MEANINGS = ['not ECN-capable', 'ECT(1)', 'ECT(0)', 'congestion experienced'];

const OPTION_NAMES: Readonly<Record<number, string>> = {
  0: 'end of options',
  1: 'no operation',
  7: 'record route',
  68: 'time stamp',
  130: 'security',
  131: 'loose source route',
  136: 'stream identifier',
  137: 'strict source route',
  148: 'router alert (RFC 2113)',
};

export function dissectIpv4(frame: FrameContext, from: number, to: number): void {
  const ip = new LayerBuilder('ip', 'IPv4', HEADER, frame.bytes, from, to, frame.from);
  frame.layers.push(ip);
  const headerBytes = (ip.peek(0, 1) & 15) * 4;
  const isWhole = headerBytes >= HEADER_BYTES && headerBytes <= ip.available;
  fixedHeader(ip, headerBytes, isWhole);
  if (isWhole) {
    options(ip, headerBytes);
    carried(frame, ip, headerBytes);
  } else {
    ip.problem(`header length ${headerBytes} is impossible`);
  }
}

function fixedHeader(ip: LayerBuilder, headerBytes: number, isWhole: boolean): void {
  ip.bits('ip.version', 0, 1, 4, 15, 'Version', 'which IP this is');
  ip.bits('ip.hdr_len', 0, 1, 0, 15, 'Header length', 'bytes; the field counts words of 4', 4);
  service(ip, 1);
  ip.uint('ip.len', 2, 2, 'Total length', 'header and data, bytes; 0: a super-segment of more than 65,535');
  ip.hex('ip.id', 4, 2, 'Identification', 'the same in all fragments of a packet');
  ip.flag('ip.flags.rb', 6, 2, 15, 'Reserved', 'must be 0');
  ip.flag('ip.flags.df', 6, 2, 14, "Don't fragment", 'drop it and complain rather than cut it');
  ip.flag('ip.flags.mf', 6, 2, 13, 'More fragments', 'not the last piece');
  ip.bits('ip.frag_offset', 6, 2, 0, OFFSET_MASK, 'Fragment offset', 'place of this piece, in eights of bytes');
  ip.uint('ip.ttl', 8, 1, 'Time to live', 'how many more routers may pass it on');
  ip.uint('ip.proto', 9, 1, 'Protocol', protocolName(ip.peek(9, 1)));
  plainChecksum(ip, 'ip.checksum', 10, headerBytes, isWhole);
  ip.ipv4('ip.src', 12, 'Source', 'who sent it');
  ip.ipv4('ip.dst', 16, 'Destination', 'who shall get it');
}

/** Goes on with what the packet carries. Of a later fragment that is the middle of something. */
function carried(frame: FrameContext, ip: LayerBuilder, headerBytes: number): void {
  const total = ip.peek(2, 2);
  const protocol = ip.peek(9, 1);
  const from = ip.from + headerBytes;
  const end = packetEnd(frame, ip, total, headerBytes);
  if (end < 0) return;
  if ((ip.peek(6, 2) & OFFSET_MASK) > 0) {
    dissectData(frame, from, end, `Fragment of ${protocolName(protocol)}`);
    return;
  }
  const addresses = fold(sum(frame.bytes, ip.from + 12, ip.from + HEADER_BYTES));
  const isFragment = (ip.peek(6, 2) & MORE_FRAGMENTS) !== 0;
  const length = (total === 0 ? ip.available : total) - headerBytes;
  dissectTransport(frame, protocol, from, end, { sum: addresses + protocol, isFragment, length });
}

/** The byte that was Type of Service: six bits of DSCP, two of ECN. */
function service(ip: LayerBuilder, offset: number): void {
  ip.cite = 'RFC 2474 section 3';
  ip.bits('ip.dsfield.dscp', offset, 1, 2, 63, 'DSCP', 'which treatment routers shall give it; 0 is the default');
  ip.cite = 'RFC 3168 section 5';
  const ecn = ip.peek(offset, 1) & 3;
  ip.bits('ip.dsfield.ecn', offset, 1, 0, 3, 'ECN', ECN_MEANINGS[ecn]!);
  ip.cite = HEADER;
}

/** Where the packet ends in the frame, or -1 if its length cannot be true. */
function packetEnd(frame: FrameContext, ip: LayerBuilder, total: number, headerBytes: number): number {
  if (total === 0) return ip.to;
  if (total < headerBytes) {
    ip.problem(`total length ${total} is less than the header`);
    return -1;
  }
  if (total > ip.available && !frame.isCut)
    ip.problem(`total length ${total}, but only ${ip.available} bytes are there`);
  return Math.min(ip.from + total, ip.to);
}

/** Section 3.1 "Options": one byte, or type, length and data. */
function options(ip: LayerBuilder, headerBytes: number): void {
  let offset = HEADER_BYTES;
  while (offset < headerBytes) {
    const type = ip.peek(offset, 1);
    const length = type < 2 ? 1 : offset + 1 < headerBytes ? ip.peek(offset + 1, 1) : 0;
    if (length < 1 || (type >= 2 && length < 2) || offset + length > headerBytes) {
      ip.problem(`option ${type} at byte ${offset} says it is ${length} bytes long`);
      return;
    }
    ip.uint('ip.opt.type', offset, 1, 'Option', OPTION_NAMES[type] ?? 'not known');
    if (length > 2) ip.raw('ip.opt.data', offset + 2, length - 2, 'Option data', 'as it is');
    if (type === 0) return;
    offset += length;
  }
}
