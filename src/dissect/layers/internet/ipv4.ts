/** IPv4: RFC 791 section 3.1; RFC 2474 and RFC 3168 for the second byte. */
import { fold, sum } from '../../../net/wire/checksum.js';
import { protocolName } from '../../../net/wire/transport-span.js';
import { plainChecksum } from '../../checksum-field.js';
import type { Frame, Packet } from '../../frame.js';
import type { LayerBuilder } from '../../layer-builder.js';
import { ECN_MEANINGS } from './ecn.js';
import { finalDestination, ipv4Options } from './ipv4-options.js';

const HEADER = 'RFC 791 section 3.1';
const HEADER_BYTES = 20;
const MORE_FRAGMENTS = 0x2000;
const OFFSET_MASK = 0x1fff;

/** An IPv4 packet in `[from, to)`, with its options, and what it carries (RFC 791 section 3.1). */
export function dissectIpv4(frame: Frame, from: number, to: number): void {
  const ip = frame.layer('ip', 'IPv4', HEADER, from, to);
  const version = ip.bits('ip.version', 0, 1, 4, 15, 'Version', 'the version of IP');
  if (version !== 4) {
    if (ip.available > 0) ip.problem(`version ${version} is not 4`);
    frame.say(ip.available > 0 ? `IP${version}, not 4, length ${to - from}` : 'IP [|ip], length 0');
    return;
  }
  const headerBytes = (ip.peek(0, 1) & 15) * 4;
  const isWhole = headerBytes >= HEADER_BYTES && headerBytes <= ip.available;
  fixedHeader(ip, headerBytes, isWhole);
  if (ip.available < HEADER_BYTES) {
    frame.say(`IP [|ip], length ${to - from}`);
    return;
  }
  const total = ip.peek(2, 2) === 0 ? superLength(frame, ip) : ip.peek(2, 2);
  if (!isLengthPossible(frame, ip, headerBytes, total)) {
    frame.say(`IP bad-hlen ${headerBytes} or length ${total}`);
    return;
  }
  ipv4Options(ip, headerBytes);
  frame.say('IP ');
  if (headerBytes <= ip.available) carried(frame, ip, headerBytes, total);
  else frame.say(`${ip.ipv4Text(12)} > ${ip.ipv4Text(16)}: [|ip]`);
}

/** The length of a super-segment, which no 16 bits can say: it fills its frame, and the capture may have cut that. */
function superLength({ to, missing }: Frame, ip: LayerBuilder): number {
  const isLast = ip.to === to && Number.isFinite(missing);
  return ip.available + (isLast ? missing : 0);
}

function fixedHeader(ip: LayerBuilder, headerBytes: number, isWhole: boolean): void {
  ip.bits('ip.hdr_len', 0, 1, 0, 15, 'Header length', 'bytes; the field counts words of 4', 4);
  service(ip, 1);
  ip.uint('ip.len', 2, 2, 'Total length', 'header and data, bytes; 0: a super-segment of more than 65,535');
  ip.hex('ip.id', 4, 2, 'Identification', 'the same in all fragments of a packet');
  ip.flag('ip.flags.rb', 6, 2, 15, 'Reserved', 'must be 0');
  ip.flag('ip.flags.df', 6, 2, 14, "Don't fragment", 'drop it and complain rather than cut it');
  ip.flag('ip.flags.mf', 6, 2, 13, 'More fragments', 'not the last piece');
  ip.bits('ip.frag_offset', 6, 2, 0, OFFSET_MASK, 'Fragment offset', 'place of this piece, in units of 8 bytes');
  ip.uint('ip.ttl', 8, 1, 'Time to live', 'how many more routers may pass it on');
  ip.uint('ip.proto', 9, 1, 'Protocol', protocolName(ip.peek(9, 1)));
  plainChecksum(ip, 'ip.checksum', 10, headerBytes, isWhole);
  ip.ipv4('ip.src', 12, 'Source', 'who sent it');
  ip.ipv4('ip.dst', 16, 'Destination', 'where it goes');
}

/** The byte that was Type of Service: six bits of DSCP, two of ECN. */
function service(ip: LayerBuilder, offset: number): void {
  ip.cite = 'RFC 2474 section 3';
  ip.bits('ip.dsfield.dscp', offset, 1, 2, 63, 'DSCP', 'how routers treat it; 0 is the default');
  ip.cite = 'RFC 3168 section 5';
  ip.bits('ip.dsfield.ecn', offset, 1, 0, 3, 'ECN', ECN_MEANINGS[ip.peek(offset, 1) & 3] ?? '');
  ip.cite = HEADER;
}

/** False, with a problem noted, if the lengths in the header cannot be true. */
function isLengthPossible(frame: Frame, ip: LayerBuilder, headerBytes: number, total: number): boolean {
  if (headerBytes < HEADER_BYTES || (headerBytes > ip.available && !frame.isCut)) {
    ip.problem(`header length ${headerBytes} is impossible`);
    return false;
  }
  if (total < headerBytes) {
    ip.problem(`total length ${total} is less than the header`);
    return false;
  }
  if (total > ip.available && !frame.isCut)
    ip.problem(`total length ${total}, but only ${ip.available} bytes are there`);
  return true;
}

/** Goes on with what the packet carries. A later fragment carries the middle of something. */
function carried(frame: Frame, ip: LayerBuilder, headerBytes: number, total: number): void {
  const protocol = ip.peek(9, 1);
  const from = ip.from + headerBytes;
  const end = Math.min(ip.from + total, ip.to);
  const fragment = ip.peek(6, 2);
  const source = ip.ipv4Text(12);
  const destination = ip.ipv4Text(16);
  const offset = (fragment & OFFSET_MASK) * 8;
  const isFragment = (fragment & (MORE_FRAGMENTS | OFFSET_MASK)) !== 0;
  const more = fragment & MORE_FRAGMENTS ? '+' : '';
  const piece = isFragment ? ` (frag ${ip.peek(4, 2)}:${total - headerBytes}@${offset}${more})` : '';
  if (offset > 0) {
    frame.say(`${source} > ${destination}: ${protocolName(protocol)}${piece}`);
    frame.data(from, end, `Fragment of ${protocolName(protocol)}`);
    return;
  }
  const final = finalDestination(ip, headerBytes);
  const packet: Packet = {
    protocol,
    source,
    destination,
    endDestination: ip.ipv4Text(final),
    sum: fold(addressSum(ip, 12) + addressSum(ip, final)) + protocol,
    isFragment,
    length: total - headerBytes,
  };
  frame.carried.transport(frame, from, end, packet);
  frame.say(piece);
}

function addressSum(ip: LayerBuilder, offset: number): number {
  return sum(ip.bytes, ip.from + offset, ip.from + offset + 4);
}
