/** ICMP: RFC 792; RFC 1191 for the MTU; RFC 1122 section 3.2.2 for what hosts do with it. */
import { describeIcmp } from '../../../net/wire/describe-icmp.js';
import { TYPE_IPV4 } from '../../../net/wire/ethernet.js';
import * as icmp from '../../../net/wire/icmp.js';
import { plainChecksum } from '../../checksum-field.js';
import type { Frame, Packet } from '../../frame.js';
import type { LayerBuilder } from '../../layer-builder.js';
import { spanOf } from '../transport/span.js';

const HEADER = 'RFC 792';

const TYPES: Readonly<Record<number, string>> = {
  [icmp.ECHO_REPLY]: 'echo reply',
  [icmp.DESTINATION_UNREACHABLE]: 'destination unreachable',
  [icmp.SOURCE_QUENCH]: 'source quench (deprecated by RFC 6633)',
  [icmp.REDIRECT]: 'redirect: a better first hop',
  [icmp.ECHO_REQUEST]: 'echo request',
  [icmp.TIME_EXCEEDED]: 'time exceeded',
  [icmp.PARAMETER_PROBLEM]: 'parameter problem',
  13: 'time stamp request',
  14: 'time stamp reply',
};

const UNREACHABLE_CODES = [
  'network unreachable',
  'host unreachable',
  'protocol unreachable',
  'port unreachable',
  "fragmentation needed, but Don't Fragment is set (RFC 1191)",
  'source route failed',
  'network unknown (RFC 1122)',
  'host unknown (RFC 1122)',
];

/** An ICMP message in `[from, to)`, with the packet that an error quotes (RFC 792). */
export function dissectIcmp(frame: Frame, from: number, to: number, packet: Packet): void {
  const message = frame.layer('icmp', 'ICMP', HEADER, from, to);
  frame.say(`${packet.source} > ${packet.destination}: ${describeIcmp(frame.bytes, spanOf(from, to, packet))}`);
  const type = message.uint('icmp.type', 0, 1, 'Type', TYPES[message.peek(0, 1)] ?? 'unknown');
  message.uint('icmp.code', 1, 1, 'Code', codeMeaning(type, message.peek(1, 1)));
  const isWhole = !packet.isFragment && message.available >= Math.max(icmp.HEADER_BYTES, packet.length);
  plainChecksum(message, 'icmp.checksum', 2, message.available, isWhole);
  if (!message.has(0, icmp.HEADER_BYTES)) return;
  const data = from + icmp.HEADER_BYTES;
  if (type === icmp.ECHO_REQUEST || type === icmp.ECHO_REPLY) {
    message.uint('icmp.ident', 4, 2, 'Identifier', 'tells one pinging program from another');
    message.uint('icmp.seq', 6, 2, 'Sequence number', 'tells one ping from the next');
    frame.data(data, to, 'Echo data');
    return;
  }
  errorFields(message, type);
  // An error quotes only the start of a packet, so a missing end is no fault.
  if (icmp.isError(type) && !frame.isFull) frame.carried.etherType(frame.quoting(), TYPE_IPV4, data, to);
  else frame.data(data, to, 'Data');
}

function errorFields(message: LayerBuilder, type: number): void {
  if (type === icmp.DESTINATION_UNREACHABLE && message.peek(1, 1) === icmp.FRAGMENTATION_NEEDED) {
    message.cite = 'RFC 1191 section 4';
    message.uint('icmp.mtu', 6, 2, 'Next-hop MTU', 'the largest packet that would have passed; 0 from old routers');
  }
  if (type === icmp.REDIRECT) message.ipv4('icmp.redir_gw', 4, 'Gateway', 'the better first hop');
}

function codeMeaning(type: number, code: number): string {
  if (type === icmp.DESTINATION_UNREACHABLE) return UNREACHABLE_CODES[code] ?? 'see RFC 1122 section 3.2.2.1';
  if (type === icmp.TIME_EXCEEDED)
    return code === 0 ? 'in transit: the time to live ran out' : 'a fragment never arrived';
  return code === 0 ? 'the only one' : 'unknown';
}
