/** ICMP: RFC 792; RFC 1191 for the MTU; RFC 1122 section 3.2.2 for what hosts do with it. */
import * as icmp from '../../net/wire/icmp.js';
import { plainChecksum } from '../checksum-field.js';
import { type FrameContext, MAX_LAYERS, type PseudoHeader } from '../context.js';
import { LayerBuilder } from '../layer-builder.js';
import { dissectIpv4 } from './ipv4.js';
import { dissectData } from './transport.js';

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

export function dissectIcmp(frame: FrameContext, from: number, to: number, pseudo: PseudoHeader): void {
  const message = new LayerBuilder('icmp', 'ICMP', HEADER, frame.bytes, from, to, frame.from);
  frame.layers.push(message);
  const type = message.uint('icmp.type', 0, 1, 'Type', TYPES[message.peek(0, 1)] ?? 'not known');
  const code = message.uint('icmp.code', 1, 1, 'Code', codeMeaning(type, message.peek(1, 1)));
  const isWhole = !pseudo.isFragment && message.available >= Math.max(icmp.HEADER_BYTES, pseudo.length);
  plainChecksum(message, 'icmp.checksum', 2, message.available, isWhole);
  if (message.available < icmp.HEADER_BYTES) return;
  const data = from + icmp.HEADER_BYTES;
  if (type === icmp.ECHO_REQUEST || type === icmp.ECHO_REPLY) {
    message.uint('icmp.ident', 4, 2, 'Identifier', 'tells one pinging program from another');
    message.uint('icmp.seq', 6, 2, 'Sequence number', 'tells one ping from the next');
    dissectData(frame, data, to, 'Echo data');
    return;
  }
  if (type === icmp.DESTINATION_UNREACHABLE && code === icmp.FRAGMENTATION_NEEDED) {
    message.cite = 'RFC 1191 section 4';
    message.uint('icmp.mtu', 6, 2, 'Next-hop MTU', 'the largest packet that would have passed; 0 from old routers');
  }
  if (type === icmp.REDIRECT) message.ipv4('icmp.redir_gw', 4, 'Gateway', 'the better first hop');
  if (!icmp.isError(type) || frame.layers.length >= MAX_LAYERS) {
    dissectData(frame, data, to, 'Data');
    return;
  }
  quoted(frame, data, to);
}

/** The packet that the error is about, or its start: what is missing at its end is no fault. */
function quoted(frame: FrameContext, from: number, to: number): void {
  dissectIpv4({ ...frame, isCut: true }, from, to);
}

function codeMeaning(type: number, code: number): string {
  if (type === icmp.DESTINATION_UNREACHABLE) return UNREACHABLE_CODES[code] ?? 'see RFC 1122 section 3.2.2.1';
  if (type === icmp.TIME_EXCEEDED) return code === 0 ? 'in transit: the time to live ran out' : 'a fragment never came';
  return code === 0 ? 'the only one' : 'not known';
}
